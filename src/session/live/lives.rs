//! Whether a container has lived on from one look to the next, or how it ended in between.

use std::time::Duration;

use super::inside::KNOWN;
use super::{Live, ROOT};
use crate::engine::clock::{self, Instant, Looks};
use crate::engine::probe::wire::{Answer, Process, Request};
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::answer::{Amid, Ending};
use crate::fact::container::ContainerFacts;
use crate::fact::moment::Moment;

/// How long a container has to be up before it is said to run.
const STEADY: Duration = Duration::from_secs(1);
/// How long it has to get there, or to be seen down.
const WITHIN: Duration = Duration::from_secs(20);
/// How long the probe may take to say that it is there.
const PRESENT: Duration = Duration::from_secs(10);

/// The kernel's words for a process that is gone.
const GONE: [i32; 2] = [2, 3];

/// One life of a container: from one start to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lived {
    restarts: i64,
    started: Option<Moment>,
    /// When it was first seen.
    since: Instant,
    /// Whether it was waited for in vain to have ended, since it did not answer: what refuses once goes on to.
    doubted: bool,
}

impl Lived {
    /// The life that the engine tells of, where it is up and another than the one before.
    fn after(before: Option<&Self>, facts: &ContainerFacts) -> Option<Self> {
        let is_up = facts.state.running && !facts.state.restarting;
        let is_new = is_up && !before.is_some_and(|before| before.is(facts));
        is_new.then(|| Self {
            restarts: facts.restart_count,
            started: facts.state.started_at.clone(),
            since: clock::now(),
            doubted: false,
        })
    }

    /// How long the engine has to tell of an end that may be why this went wrong. Who was waited for in vain once may
    /// refuse for another reason each time; a connection that is cut off is a sign of an end all the same.
    fn patience(&self, fault: &Fault) -> Duration {
        match self.doubted && fault.kind != FaultKind::CutOff {
            true => Duration::ZERO,
            false => KNOWN,
        }
    }

    fn is(&self, facts: &ContainerFacts) -> bool {
        (self.restarts, &self.started) == (facts.restart_count, &facts.state.started_at)
    }
}

impl Live {
    /// Takes note of the life that the engine tells of. Who was talked with in the one before is gone with it.
    pub(super) fn meet(&mut self, facts: &ContainerFacts) {
        let state = &facts.state;
        let is_up = state.running && !state.restarting;
        match state.pid.filter(|_| is_up && self.is_here()) {
            Some(process) => self.track.runs(process, &facts.id),
            None => self.track.stands(),
        }
        let Some(next) = Lived::after(self.lived.as_ref(), facts) else {
            return;
        };
        if self.lived.is_some() {
            self.hang_up();
        }
        self.lived = Some(next);
    }

    /// Waits until it has been up for a moment, as far as is known without a look at it.
    pub async fn ripens(&mut self) {
        if let Some(rest) = self.youth() {
            clock::pass(rest).await;
        }
    }

    /// How long it has to go on until it has been up for a moment.
    fn youth(&self) -> Option<Duration> {
        let age = self.lived.as_ref().map(|lived| lived.since.elapsed());
        age.and_then(|age| STEADY.checked_sub(age))
    }

    /// What the engine knows of it once it has been up for a moment, so that one that ends at once is never
    /// said to run; at once where it is not up. It was `seen` just now.
    pub async fn steady(&mut self, mut seen: Option<ContainerFacts>) -> Result<ContainerFacts> {
        let looks = Looks::within(WITHIN);
        loop {
            if self.youth().is_some() {
                self.ripens().await;
                seen = None;
            }
            let facts = match seen.take() {
                Some(facts) => facts,
                None => self.facts().await?,
            };
            let state = &facts.state;
            let is_up = state.running && !state.restarting && !state.paused;
            if !is_up || self.youth().is_none() || looks.left().is_zero() {
                return Ok(facts);
            }
        }
    }

    /// How it ended, where that may be why it did not answer; the engine knows a moment later.
    pub async fn end_under(&mut self, fault: &Fault) -> Result<Option<Ending>> {
        if self.never_started.is_some() {
            return Ok(self.never_started.clone());
        }
        let before = self.lived.clone();
        let patience = before.as_ref().map_or(KNOWN, |lived| lived.patience(fault));
        let mut looks = Looks::within(patience);
        loop {
            let facts = self.facts().await?;
            if let Some(mut ending) = self.down_by(&facts)? {
                if fault.kind == FaultKind::CutOff {
                    ending.amid = Amid::Meanwhile;
                }
                return Ok(Some(ending));
            }
            if before.as_ref().is_some_and(|before| !before.is(&facts)) {
                return self.return_by(&facts).await;
            }
            let stands_still = facts.state.paused || facts.state.status == "created";
            if stands_still || !may_be_an_end(fault) {
                return Ok(None);
            }
            if !looks.again().await {
                self.lived.iter_mut().for_each(|lived| lived.doubted = true);
                return Ok(None);
            }
        }
    }

    /// How it ended, where that may be why something that it should have done came to nothing: whether it
    /// still lives is asked in it, since the engine knows late.
    pub async fn end_meanwhile(&mut self) -> Result<Option<Ending>> {
        let before = self.lived.clone();
        let facts = self.facts().await?;
        if let Some(ending) = self.down_by(&facts)? {
            return Ok(Some(ending));
        }
        if before.is_some_and(|before| !before.is(&facts)) {
            return self.return_by(&facts).await;
        }
        if facts.state.paused {
            return Ok(None);
        }
        let present = match self.link(Some(ROOT)).await {
            Ok(link) => link.ask(&[processes()], PRESENT).await,
            Err(fault) => Err(fault),
        };
        match present {
            Ok(told) if self.shares_numbers().is_some() || lives(&told, self.has_init()) => {
                Ok(None)
            }
            Ok(_) => {
                let message = "its main process is about to be gone";
                let fault = Fault::new(FaultKind::CutOff, "see whether it lives", message);
                self.end_under(&fault).await
            }
            Err(fault) => {
                self.hang_up();
                self.end_under(&fault).await
            }
        }
    }

    /// The end of a life that another has followed already.
    async fn return_by(&mut self, facts: &ContainerFacts) -> Result<Option<Ending>> {
        let first = self.end_by(facts).await?;
        Ok(first.map(|first| Ending {
            amid: Amid::Returned,
            lived_micros: None,
            ..first
        }))
    }
}

fn processes() -> Request {
    Request::Processes {
        files: vec![b"statm".to_vec(), b"status".to_vec()],
        links: Vec::new(),
        max_each: 4096,
    }
}

/// Whether the main process has memory of its own: what ends gives that back first, then closes its
/// connections, and is gone only after that. Behind an init it is a child of that.
fn lives(told: &[Answer], init: bool) -> bool {
    let Some(Answer::Processes { processes, .. }) = told.first() else {
        return true;
    };
    let is_child = |process: &Process| {
        let status = process.files.get(1).and_then(|file| file.as_ref().ok());
        let status = status.map(|content| String::from_utf8_lossy(&content.data));
        status.is_some_and(|text| text.lines().any(|line| line == "PPid:\t1"))
    };
    let has_memory = |process: &&Process| match process.files.first() {
        Some(Ok(pages)) => !pages.data.starts_with(b"0 "),
        // What may not be read is there.
        Some(Err(errno)) => !GONE.contains(errno),
        None => true,
    };
    let main = processes.iter().filter(|process| match init {
        true => is_child(process),
        false => process.pid == 1,
    });
    main.filter(has_memory).count() > 0
}

/// Whether what was asked of a container may have come to nothing since it ended.
fn may_be_an_end(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::CutOff
            | FaultKind::Broken
            | FaultKind::Conflict
            | FaultKind::NotFound
            | FaultKind::Refused { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::probe::wire::Content;

    fn told(processes: &[(u32, &str, u32)]) -> Vec<Answer> {
        let content = |text: String| {
            Ok(Content {
                data: text.into_bytes(),
                truncated: false,
            })
        };
        let process = |(pid, pages, parent): &(u32, &str, u32)| Process {
            pid: *pid,
            files: vec![
                content(format!("{pages} 1 1 1 0 1 0\n")),
                content(format!("Name:\tx\nPPid:\t{parent}\n")),
            ],
            links: Vec::new(),
        };
        vec![Answer::Processes {
            own: 9,
            processes: processes.iter().map(process).collect(),
            truncated: false,
        }]
    }

    #[test]
    fn who_was_waited_for_in_vain_is_not_waited_for_again_in_that_life() {
        let facts = |restarts: i64, running: bool| {
            let mut facts = ContainerFacts {
                restart_count: restarts,
                ..ContainerFacts::default()
            };
            facts.state.running = running;
            facts
        };
        let [refused, cut_off] = [FaultKind::Conflict, FaultKind::CutOff]
            .map(|kind| Fault::new(kind, "ask the probe", "no answer"));
        let mut lived = Lived::after(None, &facts(0, true)).unwrap();
        assert_eq!(lived.patience(&refused), KNOWN);
        lived.doubted = true;
        assert_eq!(lived.patience(&refused), Duration::ZERO);
        assert_eq!(lived.patience(&cut_off), KNOWN);
        // What is told of the same life changes nothing, nor what is told of none.
        assert_eq!(Lived::after(Some(&lived), &facts(0, true)), None);
        assert_eq!(Lived::after(Some(&lived), &facts(1, false)), None);
        let next = Lived::after(Some(&lived), &facts(1, true)).unwrap();
        assert_eq!(next.patience(&refused), KNOWN);
    }

    #[test]
    fn a_main_process_without_memory_is_about_to_be_gone() {
        let probe = (9, "300", 0);
        assert!(lives(&told(&[(1, "200", 0), probe]), false));
        assert!(!lives(&told(&[(1, "0", 0), (7, "200", 1), probe]), false));
        assert!(!lives(&told(&[probe]), false));
        assert!(lives(&told(&[(1, "20", 0), (7, "200", 1), probe]), true));
        assert!(!lives(&told(&[(1, "20", 0), (7, "0", 1), probe]), true));
        assert!(!lives(&told(&[(1, "20", 0), probe]), true));
        // What the probe does not say is no sign of an end.
        assert!(lives(&[], false));
    }
}
