//! Which of the failures and troubles of a saved case each of its claims has brought.

use crate::run::outcome::{CaseOutcome, ClaimOutcome, Failure, Trouble};
use crate::run::record::{Done, What};

/// What came of a claim, and all that it has brought.
#[derive(Debug, Clone, Default)]
pub(super) struct Own<'a> {
    pub(super) claim: Option<&'a ClaimOutcome>,
    pub(super) failures: Vec<&'a Failure>,
    pub(super) troubles: Vec<&'a Trouble>,
}

/// What came of each claim of each step.
pub(super) fn of(saved: &CaseOutcome) -> Vec<Vec<Own<'_>>> {
    let is_apart = |what: What| saved.record.apart.iter().any(|apart| apart.what == what);
    let mut claims = saved.claims.iter();
    let failures = saved.failures.iter().enumerate();
    let mut failures = failures
        .filter(|(at, _)| !is_apart(What::Failure(*at)))
        .map(|(_, failure)| failure);
    let troubles = saved.troubles.iter().enumerate();
    let mut troubles = troubles
        .filter(|(at, _)| !is_apart(What::Trouble(*at)))
        .map(|(_, trouble)| trouble);
    let mut own = |failed: usize, untold: usize| Own {
        claim: claims.next(),
        failures: failures.by_ref().take(failed).collect(),
        troubles: troubles.by_ref().take(untold).collect(),
    };
    let steps = saved.record.steps.iter();
    let steps = steps.map(|step| match step {
        Done::Judged(looks) => looks
            .iter()
            .map(|look| own(look.failures, look.troubles))
            .collect(),
        Done::Counted(load) => vec![own(load.failures, 0)],
        Done::Did(_) => Vec::new(),
    });
    steps.collect()
}
