//! Cases that were run more than once: again after a failure, or so many times as was asked for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::outcome::{CaseOutcome, ClaimOutcome, Evidence, Failure, Outcome, Trouble, Verdict};
use super::record::Record;
use crate::fact::calls::Calls;

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
    /// Every claim that was judged; only where the report keeps its facts and the case itself tells of another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ClaimOutcome>,
    /// What was done and seen in it, likewise.
    #[serde(default, skip_serializing_if = "Record::is_empty")]
    pub record: Record,
}

/// How often a case was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Runs {
    /// In all.
    pub all: usize,
    /// How often it failed.
    pub failed: usize,
    /// How often it could not be told.
    pub errored: usize,
}

/// Which of the times that a case was run it was judged again by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct By {
    /// Their numbers, counted from 1.
    pub attempts: Vec<usize>,
    /// How often it was run.
    pub of: usize,
}

impl Attempt {
    fn of(case: &CaseOutcome, is_told: bool) -> Self {
        let bare = Self {
            verdict: case.verdict,
            failures: Vec::new(),
            troubles: Vec::new(),
            evidence: Vec::new(),
            took: case.took,
            claims: Vec::new(),
            record: Record::default(),
        };
        match is_told {
            false => bare,
            true => Self {
                failures: case.failures.clone(),
                troubles: case.troubles.clone(),
                evidence: case.evidence.clone(),
                ..bare
            },
        }
    }

    /// Leaves the verdict and the time alone.
    fn strip(&mut self) {
        self.failures.clear();
        self.troubles.clear();
        self.evidence.clear();
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

    /// How often it was run, and what came of it.
    pub fn runs(&self) -> Runs {
        let verdicts: Vec<Verdict> = match self.attempts.as_slice() {
            [] => vec![self.verdict],
            several => several.iter().map(|one| one.verdict).collect(),
        };
        let of = |verdict| verdicts.iter().filter(|one| **one == verdict).count();
        Runs {
            all: verdicts.len() - of(Verdict::Skipped),
            failed: of(Verdict::Failed),
            errored: of(Verdict::Errored),
        }
    }

    /// How often it did not pass, where it was run more than once: `failed 2 of 10 times`.
    pub fn times(&self) -> Option<String> {
        if self.attempts.is_empty() {
            return None;
        }
        let Runs {
            all,
            failed,
            errored,
        } = self.runs();
        let parts = [("failed", failed), ("could not be told", errored)];
        let parts = parts.iter().filter(|(_, count)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(what, count)| format!("{what} {count} of {all} times"))
            .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The attempts that did not pass and are not told by the case itself, each as a case of its own.
    pub fn others(&self) -> impl Iterator<Item = Self> {
        let others = self.attempts.iter();
        let others = others.filter(|one| is_bad(one.verdict) && one.tells());
        // What the suite says of a claim is the same each time.
        let claims = |one: &Attempt| match one.claims.is_empty() {
            true => self.claims.clone(),
            false => one.claims.clone(),
        };
        others.map(move |one| Self {
            claims: claims(one),
            ..self.at(one)
        })
    }

    /// As it was that time, as far as that is kept.
    fn at(&self, one: &Attempt) -> Self {
        Self {
            verdict: one.verdict,
            failures: one.failures.clone(),
            troubles: one.troubles.clone(),
            evidence: one.evidence.clone(),
            took: one.took,
            claims: one.claims.clone(),
            record: one.record.clone(),
            attempts: Vec::new(),
            by: None,
            kept: Vec::new(),
            calls: Calls::default(),
            observation: Calls::default(),
            ..self.clone()
        }
    }

    /// Which of the attempts the case itself tells of.
    fn told(&self) -> Option<usize> {
        let same = |one: &Attempt| one.verdict == self.verdict;
        match self.verdict {
            Verdict::Passed => self.attempts.len().checked_sub(1),
            _ => self.attempts.iter().position(same),
        }
    }

    /// Each time that it was run as a case of its own, where that was more than once; with each, whether the report
    /// keeps its facts: those of the time that the case tells of, and of a flaky one those of the time that failed.
    pub fn each_time(&self) -> Vec<(Self, bool)> {
        let told = self.told();
        let all = self.attempts.iter().enumerate();
        all.map(|(at, one)| match Some(at) == told {
            true => {
                let own = Self {
                    took: one.took,
                    attempts: Vec::new(),
                    by: None,
                    ..self.clone()
                };
                (own, true)
            }
            false => (self.at(one), !one.record.is_empty()),
        })
        .collect()
    }

    /// That it was judged again by the attempts of these numbers, counted from 0, where it is this case that was.
    pub fn by(&self, attempts: &[usize]) -> By {
        let known = self.by.as_ref();
        let number = |at: &usize| {
            let before = known.and_then(|by| by.attempts.get(*at));
            before.copied().unwrap_or(at + 1)
        };
        By {
            attempts: attempts.iter().map(number).collect(),
            of: known.map_or(self.attempts.len(), |by| by.of),
        }
    }

    /// By which of several attempts it was judged again: `by attempt 2 of 10, the only one whose …`.
    pub fn judged_by(&self) -> Option<String> {
        let By { attempts, of } = self.by.as_ref()?;
        let named: Vec<String> = attempts.iter().map(ToString::to_string).collect();
        let (of_them, holds) = match named.len() {
            1 => ("attempt", "the only one whose facts the report holds"),
            _ => ("attempts", "the only ones whose facts the report holds"),
        };
        let named = named.join(" and ");
        Some(format!("by {of_them} {named} of {of}, {holds}"))
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

/// What came of a case each time that it was run; of most of them no more than is told.
#[derive(Debug, Clone, Default)]
pub struct Attempts {
    again: Again,
    all: Vec<Attempt>,
    /// Which of them the case is told by, and the case as it was then.
    told: Option<(usize, CaseOutcome)>,
    /// What all of them kept, took and asked together.
    kept: Vec<String>,
    took: Duration,
    calls: Calls,
    observation: Calls,
}

impl Attempts {
    /// None yet.
    pub fn new(again: Again) -> Self {
        Self {
            again,
            ..Self::default()
        }
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Whether the case stands as one that did not pass.
    pub fn are_bad(&self) -> bool {
        self.told
            .as_ref()
            .is_some_and(|(_, case)| is_bad(case.verdict))
    }

    /// Takes the next one. The record that is given back is of an attempt that nothing is told of any more: its facts
    /// are not needed.
    pub fn add(&mut self, mut case: CaseOutcome) -> Option<Record> {
        let at = self.all.len();
        let telling = self.all.iter().filter(|one| one.tells()).count();
        // One more than is told in the end, since of one the case itself tells.
        let is_kept = is_bad(case.verdict) && telling <= KEPT;
        self.all.push(Attempt::of(&case, is_kept));
        self.kept.append(&mut case.kept);
        self.took = self.took.saturating_add(case.took);
        self.calls.add(&case.calls);
        self.observation.add(&case.observation);
        let Some((before, known)) = self.told.take() else {
            self.told = Some((at, case));
            return None;
        };
        let is_flaky = matches!(self.again, Again::UntilItPasses(_))
            && is_bad(known.verdict)
            && !is_bad(case.verdict);
        if is_flaky {
            if let Some(one) = self.all.get_mut(before) {
                *one = Attempt {
                    claims: known.claims.clone(),
                    record: known.record.clone(),
                    ..Attempt::of(&known, true)
                };
            }
            self.told = Some((at, case));
            return None;
        }
        let (new, old) = (weight(case.verdict), weight(known.verdict));
        // The first of the worst, and the last of those that passed.
        if new > old || new == 0 && old == 0 {
            self.told = Some((at, case));
            Some(known.record)
        } else {
            self.told = Some((before, known));
            Some(case.record)
        }
    }

    /// What came of the case so far. One that passed when it was run again has passed; of one that did not, the first
    /// attempt with the worst verdict is told.
    pub fn settled(self) -> Option<CaseOutcome> {
        let (told, case) = self.told?;
        let mut attempts = self.all;
        if attempts.len() == 1 {
            attempts.clear();
        }
        if let Some(own) = attempts.get_mut(told) {
            own.strip();
        }
        let mut kept = 0;
        for one in &mut attempts {
            if kept >= KEPT && one.record.is_empty() {
                one.strip();
            }
            kept += usize::from(one.tells());
        }
        Some(CaseOutcome {
            attempts,
            kept: self.kept,
            took: self.took,
            calls: self.calls,
            observation: self.observation,
            ..case
        })
    }
}

/// How much a verdict counts among several.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Failed => 2,
        Verdict::Errored => 1,
        Verdict::Passed | Verdict::Skipped => 0,
    }
}

/// What came of a case that was run so many times, of all attempts in their order.
pub fn settled(
    attempts: impl IntoIterator<Item = CaseOutcome>,
    again: Again,
) -> Option<CaseOutcome> {
    let mut all = Attempts::new(again);
    for case in attempts {
        all.add(case);
    }
    all.settled()
}

#[cfg(test)]
mod tests;
