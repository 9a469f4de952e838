//! Where trials wait for their verdicts: one run judges the cases of all of them.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use libtest_mimic::{Completion, Failed};

use super::trials::Named;
use crate::api::follow::follow;
use crate::cli::out::Out;
use crate::cli::run::started;
use crate::engine::{Fault, FaultKind};
use crate::plan::Plan;
use crate::report::human;
use crate::report::style::{Characters, bare};
use crate::report::watch::{Volume, Watch};
use crate::run::options::Options;
use crate::run::outcome::{CaseOutcome, Event, Outcome, Verdict};
use crate::suite::Suite;
use crate::text::source::Sources;

/// What is to be run, once the first trial begins: who only lists the trials asks no engine.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) suites: Vec<Suite>,
    pub(super) sources: Sources,
    pub(super) options: Options,
    /// Whether nothing is to be said of images that are built meanwhile.
    pub(super) quiet: bool,
}

/// Where they wait.
#[derive(Debug)]
pub(super) struct Hall {
    state: Mutex<State>,
    changed: Condvar,
    /// Whether it is a failure that there is no engine.
    must: bool,
}

#[derive(Debug, Default)]
struct State {
    work: Option<Work>,
    cases: HashMap<(usize, usize), CaseOutcome>,
    ended: Option<Result<Outcome, Fault>>,
    began: Option<u64>,
}

impl Hall {
    pub(super) fn new(work: Work, must: bool) -> Self {
        let state = State {
            work: Some(work),
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            must,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let waited = self.changed.wait(state);
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the verdict of a case; the first who does begins the run.
    pub(super) fn verdict(self: &Arc<Self>, named: &Named) -> Result<Completion, Failed> {
        if let Some(why) = &named.skip {
            return Ok(Completion::ignored_with(format!("skip: {why}")));
        }
        let mut state = self.state();
        if let Some(work) = state.work.take() {
            state.began = started();
            let hall = Arc::clone(self);
            let run = std::thread::Builder::new().name("the run".to_owned());
            if let Err(error) = run.spawn(move || hall.go(work)) {
                let fault = Fault::new(FaultKind::Local, "begin the run", error.to_string());
                state.ended = Some(Err(fault));
            }
        }
        loop {
            if let Some(case) = state.cases.get(&named.at) {
                return told(case);
            }
            match &state.ended {
                Some(Ok(outcome)) => {
                    let why = match outcome.interrupted {
                        true => "interrupted before this case was judged",
                        false => "the run ended without a verdict on this case",
                    };
                    return Err(why.into());
                }
                Some(Err(fault)) => return self.unjudged(fault),
                None => state = self.wait(state),
            }
        }
    }

    /// No engine judges nothing, and so nothing is held against the container.
    fn unjudged(&self, fault: &Fault) -> Result<Completion, Failed> {
        if fault.kind == FaultKind::Unreachable && !self.must {
            return Ok(Completion::ignored_with(format!(
                "cannot {}: {}",
                fault.doing, fault.message
            )));
        }
        Err(format!("\nerror: {fault}").into())
    }

    /// What came of the run, or kept it from beginning, and when that was, once all that it made is removed; nothing
    /// where there was none.
    pub(super) fn over(&self) -> Option<(Result<Outcome, Fault>, Option<u64>)> {
        let mut state = self.state();
        if state.work.is_some() {
            return None;
        }
        loop {
            match &state.ended {
                Some(ended) => return Some((ended.clone(), state.began)),
                None => state = self.wait(state),
            }
        }
    }

    fn go(&self, work: Work) {
        let plan = Plan::new(&work.suites, &work.options.selection).cases;
        let mut watch = Watch::new(Characters::Unicode, Volume::Usual, false);
        let see = |event: Event| match event {
            Event::CaseDone { index, outcome } => {
                if let Some(at) = plan.get(index) {
                    self.state().cases.insert(*at, *outcome);
                    self.changed.notify_all();
                }
            }
            Event::Unguarded { .. }
            | Event::Warned { .. }
            | Event::ImageBegan { .. }
            | Event::ImageDone { .. }
                if !work.quiet =>
            {
                let line = bare(&watch.see(event));
                if !line.is_empty() {
                    Out::default().note(line.trim_end());
                }
            }
            _ => {}
        };
        let ended = follow(work.suites, work.sources, work.options, see);
        let mut state = self.state();
        if let Ok(outcome) = &ended {
            // Of one that a broken unit took along, only the outcome knows.
            for (at, case) in plan.iter().zip(&outcome.cases) {
                if outcome.cases.len() == plan.len() {
                    state.cases.entry(*at).or_insert_with(|| case.clone());
                }
            }
        }
        state.ended = Some(ended);
        self.changed.notify_all();
    }
}

/// A verdict as a test has it: what the command prints of the case.
fn told(case: &CaseOutcome) -> Result<Completion, Failed> {
    match case.verdict {
        Verdict::Passed => Ok(Completion::Completed),
        Verdict::Skipped => Ok(Completion::ignored_with(
            case.skip.clone().unwrap_or_default(),
        )),
        Verdict::Failed | Verdict::Errored => {
            let text = human::Page::default().case(case, Characters::Unicode);
            Err(bare(&text).into())
        }
    }
}
