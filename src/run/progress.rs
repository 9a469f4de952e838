//! What the cases of a unit are at, so that one that is given up can say so.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::judge::Judged;
use crate::suite::Item;
use crate::text::matcher::{evident, listed};
use crate::text::source::Sources;

/// The most claims that are named.
const NAMED: usize = 3;

/// Written while things are done, and read once they were given up.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    stage: String,
    claims: String,
    saw: String,
}

impl Progress {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something else is done now: `starting the container`, `at step 2, …`.
    pub fn at(&self, stage: impl Into<String>) {
        *self.state() = State {
            stage: stage.into(),
            ..State::default()
        };
    }

    /// What is done now.
    pub fn stage(&self) -> String {
        self.state().stage.clone()
    }

    /// What is done now has come to this.
    pub fn goes_on(&self, stage: &str) {
        let mut state = self.state();
        let before = match state.stage.as_str() {
            "" => String::new(),
            begun if begun.ends_with(stage) => return,
            begun => format!("{begun}, "),
        };
        *state = State {
            stage: format!("{before}{stage}"),
            ..State::default()
        };
    }

    /// These claims are looked at.
    pub fn judges(&self, items: &[&Item], sources: &Sources) {
        let acting = items.iter().filter(|item| item.claim.acts()).count();
        // Those that make the container do something are what takes its time.
        let slow = items.iter().filter(|item| acting == 0 || item.claim.acts());
        let names = slow.clone().take(NAMED).map(|item| {
            let line = sources.place(item.span).line;
            format!("`{}` in line {line}", item.claim.name())
        });
        let mut names: Vec<String> = names.collect();
        let more = slow.count() - names.len();
        if more > 0 {
            names.push(format!("{more} more"));
        }
        self.state().claims = listed(&names, "and");
    }

    /// What was seen of claims that do not hold yet.
    pub fn judged<'a>(&self, judged: impl Iterator<Item = &'a Judged<'a>>) {
        let said = judged.filter(|one| !one.holds()).find_map(|one| {
            one.found.iter().find_map(|(on, findings)| {
                let miss = findings.misses.first().map(|found| {
                    let (what, miss) = (&found.what, &found.miss);
                    format!("{what}: expected {}, actual {}", miss.expected, miss.actual)
                });
                let said = miss.or_else(|| findings.unseen.first().cloned())?;
                Some(
                    on.as_ref()
                        .map_or(said.clone(), |on| format!("on {on}: {said}")),
                )
            })
        });
        self.saw(said.unwrap_or_default());
    }

    /// What was seen last.
    pub fn saw(&self, what: impl Into<String>) {
        self.state().saw = what.into();
    }

    /// All of it, as the end of a sentence; nothing where nothing was begun.
    pub fn told(&self) -> String {
        let state = self.state();
        let mut told = match (state.stage.as_str(), state.claims.as_str()) {
            ("", "") => String::new(),
            ("", claims) => format!(" judging {claims}"),
            (stage, "") => format!(" {stage}"),
            (stage, claims) => format!(" {stage}, judging {claims}"),
        };
        if !state.saw.is_empty() {
            told.push_str(&format!(", which last saw: {}", evident(&state.saw)));
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_of_what_is_done_now() {
        let progress = Progress::default();
        assert_eq!(progress.told(), "");
        progress.at("waiting until it is ready");
        progress.saw("unhealthy");
        let said = " waiting until it is ready, which last saw: unhealthy";
        assert_eq!(progress.told(), said);
        progress.at("at step 2, `stop`");
        assert_eq!(progress.told(), " at step 2, `stop`");
    }
}
