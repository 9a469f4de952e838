//! What steps do to a container.

use std::time::Duration;

use super::{Live, ROOT};
use crate::engine::clock::{self, Looks};
use crate::engine::probe::PROGRAM;
use crate::engine::probe::wire::{Answer, Command, Ended, Request};
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::container::StateFacts;
use crate::fact::deed::Deed;
use crate::session::outside::Whom;
use crate::text::signal::Signal;

/// How long the engine may take to know that a process has died.
const KNOWN: Duration = Duration::from_secs(10);
/// How long the probe may take to write a file.
const WRITING: Duration = Duration::from_secs(30);
/// How the probe ends where a user may not write.
const REFUSED: i32 = 3;

/// Why a step could not be done, where it is the container's affair and not the engine's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// What the step needs.
    pub expected: String,
    /// What was there.
    pub actual: String,
}

impl Undone {
    fn new(expected: impl Into<String>, actual: impl Into<String>) -> Self {
        let (expected, actual) = (expected.into(), actual.into());
        Self { expected, actual }
    }
}

impl Live {
    /// Does what a step says; tells what kept the step from being done.
    pub async fn deed(&mut self, deed: &Deed) -> Result<Option<Undone>> {
        match deed {
            Deed::Stop { grace_millis } => self.stop(*grace_millis).await?,
            Deed::Start => self.begin().await?,
            Deed::Restart { grace_millis } => {
                self.stop(*grace_millis).await?;
                self.begin().await?;
            }
            Deed::Recreate => {
                self.remake().await?;
                self.begin().await?;
            }
            _ => return self.happen(deed).await,
        }
        Ok(None)
    }

    /// What happens to a running container.
    async fn happen(&mut self, deed: &Deed) -> Result<Option<Undone>> {
        if let Some(ending) = self.down().await? {
            let actual = format!("it {ending}");
            return Ok(Some(Undone::new("a running container", actual)));
        }
        let goes_on = matches!(deed, Deed::Pause | Deed::Unpause);
        if !goes_on && self.facts().await?.state.paused {
            let expected = "a container that is not paused";
            return Ok(Some(Undone::new(
                expected,
                "it is paused; `unpause` comes first",
            )));
        }
        match deed {
            Deed::Signal { number, process } => self.signal(*number, process.as_deref()).await,
            Deed::Crash => self.crash().await,
            Deed::Pause => self.freeze(true).await,
            Deed::Unpause => self.freeze(false).await,
            Deed::Write { path, content } => self.write(path, content).await,
            Deed::Stop { .. } | Deed::Start | Deed::Restart { .. } | Deed::Recreate => Ok(None),
        }
    }

    async fn stop(&mut self, grace_millis: Option<u64>) -> Result<()> {
        self.links.clear();
        let grace = grace_millis.map_or(self.grace, Duration::from_millis);
        self.asked_to_end = Some((clock::now(), clock::wall_nanos()));
        let containers = self.session.engine.containers();
        containers.stop(&self.name, grace).await.map(drop)
    }

    async fn signal(&mut self, number: i32, process: Option<&str>) -> Result<Option<Undone>> {
        let whom = process.map_or(Whom::First, Whom::Named);
        let now = (clock::now(), clock::wall_nanos());
        if !self.send(number, whom).await? {
            let expected = match process {
                Some(text) => format!("a process whose command line holds \"{text}\""),
                None => "a running container".to_owned(),
            };
            return Ok(Some(Undone::new(expected, "there is none")));
        }
        if process.is_none() {
            self.asked_to_end = Some(now);
        }
        Ok(None)
    }

    /// Kills the main process and waits until the engine knows of it.
    async fn crash(&mut self) -> Result<Option<Undone>> {
        let before = self.facts().await?;
        self.hang_up();
        let whom = match self.has_init() {
            true => Whom::BelowInit,
            false => Whom::First,
        };
        if !self.send(Signal::KILL.0, whom).await? {
            let expected = "a main process that can crash";
            return Ok(Some(Undone::new(expected, "there is none")));
        }
        let mut looks = Looks::within(KNOWN);
        loop {
            let now = self.facts().await?;
            let died = |state: &StateFacts| {
                !state.running || state.restarting || state.pid != before.state.pid
            };
            if died(&now.state) || now.restart_count != before.restart_count {
                return Ok(None);
            }
            if !looks.again().await {
                let message = format!("the engine still says that it runs, {KNOWN:?} later");
                let fault = Fault::new(FaultKind::TimedOut, "crash the container", message);
                return Err(fault);
            }
        }
    }

    async fn send(&mut self, number: i32, whom: Whom<'_>) -> Result<bool> {
        let facts = self.facts().await?;
        let Some(first) = facts.state.pid else {
            return Ok(false);
        };
        self.session.signal(&facts.id, first, number, whom).await
    }

    async fn freeze(&mut self, freeze: bool) -> Result<Option<Undone>> {
        let paused = self.facts().await?.state.paused;
        if paused == freeze {
            let words = ["a container that runs", "a container that is paused"];
            let (expected, actual) = match freeze {
                true => (words[0], "it is paused already"),
                false => (words[1], "it runs"),
            };
            return Ok(Some(Undone::new(expected, actual)));
        }
        self.hang_up();
        let containers = self.session.engine.containers();
        match freeze {
            true => containers.pause(&self.name).await?,
            false => containers.unpause(&self.name).await?,
        }
        Ok(None)
    }

    /// Writes a file as the container's own user, and as root where that one may not.
    async fn write(&mut self, path: &str, content: &str) -> Result<Option<Undone>> {
        let expected = format!("{path} is written");
        let mut refusals = Vec::new();
        for user in [None, Some(ROOT)] {
            let said = match self.write_as(user, path, content).await? {
                (Ended::Code { code: 0 }, _) => return Ok(None),
                (Ended::Code { code: REFUSED }, said) => said,
                (_, said) => return Ok(Some(Undone::new(expected, said))),
            };
            refusals.push(match user {
                None => format!("{said} for the container's own user"),
                Some(_) => format!("{said} for root"),
            });
        }
        Ok(Some(Undone::new(expected, refusals.join(", and "))))
    }

    async fn write_as(
        &mut self,
        user: Option<&str>,
        path: &str,
        content: &str,
    ) -> Result<(Ended, String)> {
        let words = [PROGRAM, "write", path];
        let millis = u32::try_from(WRITING.as_millis()).unwrap_or(u32::MAX);
        let command = Command {
            argv: words.map(|word| word.as_bytes().to_vec()).into(),
            env: Vec::new(),
            cwd: None,
            stdin: content.as_bytes().to_vec(),
            timeout_ms: millis,
            max_output: 4096,
        };
        let doing = || format!("write {path}");
        let link = self.link(user).await?;
        let mut told = link.ask(&[Request::Run { command }], WRITING * 2).await?;
        match told.pop() {
            Some(Answer::Ran { ended, stderr, .. }) => {
                let said = String::from_utf8_lossy(&stderr.data).into_owned();
                let said = said.trim().trim_start_matches("probe: ").to_owned();
                Ok((ended, said))
            }
            other => {
                let message = format!("the probe answered {other:?}");
                Err(Fault::new(FaultKind::Broken, doing(), message))
            }
        }
    }
}
