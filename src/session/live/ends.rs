//! How a container ended: the first time since we started it, and whether it is down now.

use std::time::Duration;

use super::{Live, code};
use crate::engine::Result;
use crate::fact::answer::{Ending, Life};
use crate::fact::container::StateFacts;

/// How long the engine may take to tell of an end that its count of restarts already knows.
const TOLD: Duration = Duration::from_secs(10);

impl Live {
    /// A restart policy starts a container again before anyone has looked at how it ended, so its
    /// first end is waited for from the start on.
    pub(super) async fn watch_first_end(&mut self) -> Result<()> {
        if let Some(watch) = self.first_end.take() {
            watch.abort();
        }
        if self.restarts {
            let mut ends = self.session.engine.containers().ends(&self.name).await?;
            let first = async move { ends.next().await.ok().flatten() };
            self.first_end = Some(tokio::spawn(first));
        }
        Ok(())
    }

    /// How it lived since we last started it.
    pub async fn life(&mut self) -> Result<Life> {
        let end = self.end().await?;
        Ok(Life {
            ready_micros: self.ready_micros,
            end,
        })
    }

    /// Its first end since we last started it, if it has ended, even where a restart policy has started
    /// it again.
    pub async fn end(&mut self) -> Result<Option<Ending>> {
        if let Some(ending) = self.never_started.as_ref().or(self.ended_first.as_ref()) {
            return Ok(Some(ending.clone()));
        }
        let facts = self.facts().await?;
        let state = &facts.state;
        if let Some(watch) = &mut self.first_end
            && (watch.is_finished() || facts.restart_count > 0)
        {
            let first = tokio::time::timeout(TOLD, watch).await;
            let first = first.ok().and_then(std::result::Result::ok).flatten();
            self.first_end = None;
            self.ended_first = first.map(|first| Ending {
                code: code(first),
                oom_killed: state.oom_killed,
                ..Ending::default()
            });
            if self.ended_first.is_some() {
                return Ok(self.ended_first.clone());
            }
        }
        if state.restarting {
            return Ok(None);
        }
        Ok(self.ending(state))
    }

    /// How it ended, where it does not run now; a policy may be about to start it again.
    pub async fn down(&mut self) -> Result<Option<Ending>> {
        if self.never_started.is_some() {
            return Ok(self.never_started.clone());
        }
        let facts = self.facts().await?;
        Ok(self.ending(&facts.state))
    }

    /// How it ended, where nothing but us starts it again.
    pub async fn gone(&mut self) -> Result<Option<Ending>> {
        if self.never_started.is_some() {
            return Ok(self.never_started.clone());
        }
        let facts = self.facts().await?;
        if facts.state.restarting {
            return Ok(None);
        }
        Ok(self.ending(&facts.state))
    }

    /// The end that this state tells of.
    fn ending(&self, state: &StateFacts) -> Option<Ending> {
        let runs = (state.running || state.paused) && !state.restarting;
        if runs || state.status == "created" {
            return None;
        }
        let nanos =
            |moment: &Option<crate::fact::moment::Moment>| moment.as_ref().and_then(|m| m.nanos);
        let from = match self.asked_to_end {
            Some((_, wall)) if self.is_here() => Some(wall),
            Some(_) => None,
            None => nanos(&state.started_at),
        };
        let took = nanos(&state.finished_at)
            .zip(from)
            .map(|(end, from)| u64::try_from((end - from).max(0) / 1000).unwrap_or(0));
        Some(Ending {
            code: code(state.exit_code),
            oom_killed: state.oom_killed,
            took_micros: took,
            error: state.error.clone(),
        })
    }
}
