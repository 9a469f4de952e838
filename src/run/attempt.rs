//! Cases that were run more than once: again after a failure, or so many times as was asked for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::outcome::{CaseOutcome, Evidence, Failure, Outcome, Trouble, Verdict};

/// Of how many attempts that did not pass all is kept that was found.
const KEPT: usize = 5;

/// How often each case is run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Again {
    /// Once.
    #[default]
    Once,
    /// Up to so many times more, until it passes.
    UntilItPasses(u16),
    /// So many times, all of which have to pass.
    Times(u16),
}

/// What came of a case one of the times it was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Attempt {
    /// What came of it.
    pub verdict: Verdict,
    /// What was not as claimed; nothing of the attempt that the case itself tells, and of many only the first.
    pub failures: Vec<Failure>,
    /// What kept us from telling, likewise.
    pub troubles: Vec<Trouble>,
    /// What helps to understand it, likewise.
    pub evidence: Vec<Evidence>,
    /// How long it took.
    pub took: Duration,
}

impl Attempt {
    fn of(case: &CaseOutcome, is_told: bool) -> Self {
        let told = |case: &CaseOutcome| {
            (
                case.failures.clone(),
                case.troubles.clone(),
                case.evidence.clone(),
            )
        };
        let (failures, troubles, evidence) = if is_told {
            told(case)
        } else {
            Default::default()
        };
        Self {
            verdict: case.verdict,
            failures,
            troubles,
            evidence,
            took: case.took,
        }
    }

    /// Whether it holds what was found.
    pub fn tells(&self) -> bool {
        !self.failures.is_empty() || !self.troubles.is_empty()
    }
}

/// Whether a case may not stand so: it failed, or could not be told.
pub fn is_bad(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Failed | Verdict::Errored)
}

impl CaseOutcome {
    /// Whether it passed only when it was run again.
    pub fn is_flaky(&self) -> bool {
        self.verdict == Verdict::Passed && self.attempts.iter().any(|one| is_bad(one.verdict))
    }

    /// What came of it, in a word.
    pub fn word(&self) -> &'static str {
        match self.is_flaky() {
            true => "flaky",
            false => self.verdict.word(),
        }
    }

    /// Whether it is to be looked at: it did not pass, or not at once.
    pub fn is_open(&self) -> bool {
        is_bad(self.verdict) || self.is_flaky()
    }

    /// How often it did not pass, where it was run more than once: `failed 2 of 10 times`.
    pub fn times(&self) -> Option<String> {
        let all = self.attempts.len();
        let of = |verdict| {
            self.attempts
                .iter()
                .filter(|one| one.verdict == verdict)
                .count()
        };
        let parts = [
            ("failed", of(Verdict::Failed)),
            ("could not be told", of(Verdict::Errored)),
        ];
        let parts = parts.iter().filter(|(_, count)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(what, count)| format!("{what} {count} of {all} times"))
            .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The attempts that did not pass and are not told by the case itself, each as a case of its own.
    pub fn others(&self) -> impl Iterator<Item = Self> {
        let others = self
            .attempts
            .iter()
            .filter(|one| is_bad(one.verdict) && one.tells());
        others.map(|one| Self {
            verdict: one.verdict,
            failures: one.failures.clone(),
            troubles: one.troubles.clone(),
            evidence: one.evidence.clone(),
            took: one.took,
            attempts: Vec::new(),
            kept: Vec::new(),
            ..self.clone()
        })
    }

    /// As it was found when it first did not pass: one that is flaky as it was then, any other as it is.
    #[must_use]
    pub fn as_found(&self) -> Self {
        let first = self.others().next().filter(|_| self.is_flaky());
        let first = first.map(|first| Self {
            kept: self.kept.clone(),
            ..first
        });
        first.unwrap_or_else(|| self.clone())
    }
}

impl Outcome {
    /// How many cases passed only when they were run again.
    pub fn flaky(&self) -> usize {
        self.cases.iter().filter(|case| case.is_flaky()).count()
    }

    /// Whether some did, and none may.
    pub fn is_too_flaky(&self) -> bool {
        self.strict && self.flaky() > 0
    }
}

/// What came of a case that was run so many times, of all attempts in their order. One that passed when it was
/// run again has passed; of one that did not, the first attempt with the worst verdict is told.
pub fn settled(mut attempts: Vec<CaseOutcome>, again: Again) -> Option<CaseOutcome> {
    let last = attempts.len().checked_sub(1)?;
    if last == 0 {
        return attempts.pop();
    }
    let passed = attempts
        .get(last)
        .is_some_and(|case| case.verdict == Verdict::Passed);
    let first = |verdict| attempts.iter().position(|case| case.verdict == verdict);
    let told = match again {
        Again::UntilItPasses(_) if passed => last,
        _ => first(Verdict::Failed)
            .or_else(|| first(Verdict::Errored))
            .unwrap_or(last),
    };
    let mut kept = 0;
    let all = attempts.iter().enumerate().map(|(at, case)| {
        let is_told = at != told && is_bad(case.verdict) && kept < KEPT;
        kept += usize::from(is_told);
        Attempt::of(case, is_told)
    });
    let all: Vec<Attempt> = all.collect();
    let left: Vec<String> = attempts.iter().flat_map(|case| case.kept.clone()).collect();
    let took = attempts.iter().map(|case| case.took).sum();
    let mut case = attempts.get(told)?.clone();
    for (at, other) in attempts.iter().enumerate() {
        if at != told {
            case.calls.add(&other.calls);
            case.observation.add(&other.observation);
        }
    }
    Some(CaseOutcome {
        attempts: all,
        kept: left,
        took,
        ..case
    })
}

#[cfg(test)]
mod tests {
    use Verdict::{Errored, Failed, Passed};

    use super::*;
    use crate::run::outcome::tests::outcome;

    /// The case after these attempts, each of which took a second and says which it was.
    fn after(verdicts: &[Verdict], again: Again) -> CaseOutcome {
        let mut cases = outcome(verdicts).cases;
        for (at, case) in cases.iter_mut().enumerate() {
            case.took = Duration::from_secs(1);
            if is_bad(case.verdict) {
                case.kept = vec![format!("docker logs {at}")];
                case.troubles = vec![Trouble {
                    place: None,
                    message: format!("attempt {at}"),
                }];
            }
        }
        settled(cases, again).unwrap()
    }

    #[test]
    fn one_that_passes_when_it_is_run_again_is_flaky_and_its_first_failure_is_kept() {
        let case = after(&[Failed, Errored, Passed], Again::UntilItPasses(2));
        assert_eq!((case.verdict, case.word()), (Passed, "flaky"));
        assert_eq!(
            case.times().unwrap(),
            "failed 1 of 3 times, could not be told 1 of 3 times"
        );
        assert_eq!(case.as_found().verdict, Failed);
        assert_eq!(case.as_found().troubles[0].message, "attempt 0");
        assert_eq!(case.as_found().kept, ["docker logs 0", "docker logs 1"]);
        assert_eq!(case.took, Duration::from_secs(3));
    }

    #[test]
    fn one_that_never_passes_is_told_as_it_first_failed() {
        let case = after(&[Errored, Failed, Errored], Again::UntilItPasses(2));
        assert_eq!((case.verdict, case.word()), (Failed, "failed"));
        assert_eq!(case.troubles[0].message, "attempt 1");
        let others: Vec<String> = case
            .others()
            .map(|one| one.troubles[0].message.clone())
            .collect();
        assert_eq!(others, ["attempt 0", "attempt 2"]);
    }

    #[test]
    fn one_that_is_to_pass_each_time_fails_by_one_time() {
        let case = after(&[Passed, Failed, Passed, Failed, Passed], Again::Times(5));
        assert_eq!((case.verdict, case.is_flaky()), (Failed, false));
        assert_eq!(case.times().unwrap(), "failed 2 of 5 times");
        assert_eq!(case.troubles[0].message, "attempt 1");
        let good = after(&[Passed, Passed], Again::Times(2));
        assert_eq!(
            (good.verdict, good.is_flaky(), good.times()),
            (Passed, false, None)
        );
    }

    #[test]
    fn of_many_attempts_a_few_are_kept_whole() {
        let case = after(&[Failed; 40], Again::Times(40));
        assert_eq!(case.others().count(), 5);
        assert_eq!(case.times().unwrap(), "failed 40 of 40 times");
        assert_eq!(after(&[Failed], Again::Once).attempts, []);
    }

    #[test]
    fn flaky_cases_fail_a_run_that_takes_none() {
        let mut run = outcome(&[Passed]);
        run.cases
            .push(after(&[Failed, Passed], Again::UntilItPasses(1)));
        assert_eq!(run.exit_code(), 0);
        run.strict = true;
        assert_eq!(run.exit_code(), 1);
        run.cases.pop();
        assert_eq!(run.exit_code(), 0);
    }
}
