//! What came of mutants, and how much of them suites notice.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Mutant;
use crate::run::outcome::{CaseOutcome, Failure, Outcome, Trouble, Verdict as OfCase};
use crate::text::source::{Place, Sources};
use crate::words;

words! {
    /// What came of a mutant.
    pub enum Verdict {
        /// A claim failed.
        Caught = "caught",
        /// All claims hold nevertheless.
        Survived = "survived",
        /// There is nothing to notice: it does not build or come up, or is as it was.
        NotViable = "not viable",
        /// It could not be told.
        Errored = "errored",
        /// It took too long.
        TimedOut = "timed out",
        /// It was not tried.
        NotRun = "not run",
    }
}

/// The claim that noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// The suite.
    pub suite: String,
    /// Its case.
    pub case: String,
    /// The claim, and what of it.
    pub claim: String,
    /// Where it is written.
    pub place: Place,
    /// What it says.
    pub expected: String,
    /// What was seen.
    pub actual: String,
}

/// What came of a mutant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// In a word.
    pub verdict: Verdict,
    /// The claim that noticed, where one did.
    pub by: Option<By>,
    /// Why there is nothing to notice, or why it could not be told.
    pub why: Option<String>,
}

impl Found {
    /// Without a claim.
    pub fn new(verdict: Verdict, why: Option<String>) -> Self {
        Self {
            verdict,
            by: None,
            why,
        }
    }

    /// By what a run of the changed suites came to. A claim that fails has noticed, whatever could not be told beside it;
    /// what could not be told has noticed nothing, and neither shows that nobody does.
    ///
    /// Only where it `builds` an image can it be to blame for one that cannot be built.
    pub fn of(outcome: &Outcome, builds: bool) -> Self {
        let failed = |case: &&CaseOutcome| case.verdict == OfCase::Failed;
        let first = outcome.cases.iter().find(failed);
        if let Some((case, failure)) = first.and_then(|case| Some((case, case.failures.first()?))) {
            return match is_unbuilt(failure) {
                true if !builds => Self::new(Verdict::Errored, Some(unbuilt(&failure.actual))),
                true => Self::new(Verdict::NotViable, Some(unbuilt(&failure.actual))),
                false => Self {
                    verdict: Verdict::Caught,
                    by: Some(By::of(case, failure)),
                    // What is left behind is told, whatever has noticed.
                    why: outcome
                        .troubles
                        .first()
                        .map(|trouble| trouble.message.clone()),
                },
            };
        }
        // What cannot be there explains trouble of its own and no other, such as that of an engine that went away.
        let explained = |trouble: &Trouble| {
            outcome
                .unmade
                .iter()
                .any(|one| one.explains(&trouble.message))
        };
        let of_cases = outcome.cases.iter().flat_map(|case| &case.troubles);
        let mut troubles = of_cases.chain(&outcome.troubles);
        if let Some(trouble) = troubles.find(|trouble| !explained(trouble)) {
            return Self::new(Verdict::Errored, Some(trouble.message.clone()));
        }
        // What cannot be there is not judged, as what does not build is not.
        if let Some(why) = outcome.unmade.first().filter(|_| !outcome.interrupted) {
            return Self::new(Verdict::NotViable, Some(why.to_string()));
        }
        if outcome.interrupted || outcome.unjudged > 0 {
            let why = "it was given up before all its cases were judged".to_owned();
            return Self::new(Verdict::Errored, Some(why));
        }
        let passed = outcome.count(OfCase::Passed);
        match passed {
            0 => Self::new(Verdict::Errored, Some("no case was judged".to_owned())),
            _ => Self::new(Verdict::Survived, None),
        }
    }
}

/// Whether there is no image to judge.
fn is_unbuilt(failure: &Failure) -> bool {
    failure.claim == "image" && failure.what == "build"
}

/// Why a Dockerfile that does not build is not judged.
pub fn unbuilt(why: &str) -> String {
    format!("it does not build: {why}")
}

impl By {
    fn of(case: &CaseOutcome, failure: &Failure) -> Self {
        let claim = format!("{} {}", failure.claim, failure.what);
        Self {
            suite: case.suite.clone(),
            case: case.name.clone(),
            claim: claim.trim_end().to_owned(),
            place: failure.place.clone(),
            expected: failure.expected.clone(),
            actual: failure.actual.clone(),
        }
    }
}

/// A mutant and what came of it, as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// What it is called.
    pub id: String,
    /// The kind that it is of.
    pub kind: String,
    /// Where what it changes is written.
    pub place: Place,
    /// What is so then.
    pub says: String,
    /// A claim that would notice.
    pub claim: String,
    /// How many cases it concerns.
    pub cases: usize,
    /// What came of it; nothing where it was only listed.
    #[serde(flatten)]
    pub found: Option<Found>,
    /// How long it took.
    pub took: Duration,
}

impl Judged {
    /// A mutant with what came of it.
    pub fn new(mutant: &Mutant, sources: &Sources, found: Option<Found>, took: Duration) -> Self {
        Self {
            id: mutant.id.clone(),
            kind: mutant.kind.to_owned(),
            place: sources.place(mutant.span),
            says: mutant.says.clone(),
            claim: mutant.claim.clone(),
            cases: mutant.cases.len(),
            found,
            took,
        }
    }

    /// Whether this came of it.
    pub fn is(&self, verdict: Verdict) -> bool {
        self.found
            .as_ref()
            .is_some_and(|found| found.verdict == verdict)
    }
}

/// All that came of a session of mutants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// In the order of the suites.
    pub mutants: Vec<Judged>,
    /// How many there are beside those that were chosen.
    pub unchosen: usize,
    /// The seed of the sample, where there was one.
    pub seed: Option<u64>,
    /// Suites of which there are no mutants yet, and why.
    pub left_out: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

impl Findings {
    /// Those that came to this.
    pub fn of(&self, verdict: Verdict) -> impl Iterator<Item = &Judged> {
        self.mutants.iter().filter(move |mutant| mutant.is(verdict))
    }

    /// How many came to this.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.of(verdict).count()
    }

    /// How many in a thousand of those that could be noticed were, rounded down; none where there was none.
    pub fn score(&self) -> Option<usize> {
        let caught = self.count(Verdict::Caught);
        let all = caught + self.count(Verdict::Survived);
        (caught * 1000).checked_div(all)
    }

    /// Whether it was told of each that was chosen, and none of them left anything behind.
    pub fn is_whole(&self) -> bool {
        let open = [Verdict::Errored, Verdict::TimedOut, Verdict::NotRun];
        let left = |mutant: &Judged| {
            mutant
                .found
                .as_ref()
                .is_some_and(|found| found.why.is_some())
        };
        let told = open.iter().all(|verdict| self.count(*verdict) == 0);
        told && !self.of(Verdict::Caught).any(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::unmade::{Lacks, Unmade};

    fn trouble(message: &str) -> Trouble {
        Trouble {
            place: None,
            message: message.to_owned(),
        }
    }

    #[test]
    fn what_cannot_be_there_is_not_viable_and_what_could_not_be_told_is_an_error() {
        let lost = Outcome {
            troubles: vec![trouble(
                "cannot create container a: No command specified\n  help: name one",
            )],
            ..Outcome::default()
        };
        assert_eq!(Found::of(&lost, true).verdict, Verdict::Errored);
        let refused = Outcome {
            unmade: vec![Unmade::new(Lacks::Refused, "No command specified")],
            ..lost.clone()
        };
        let why = "the engine refuses it: No command specified";
        assert_eq!(
            Found::of(&refused, true),
            Found::new(Verdict::NotViable, Some(why.to_owned()))
        );
        let given_up = Outcome {
            interrupted: true,
            ..refused.clone()
        };
        assert_eq!(Found::of(&given_up, true).verdict, Verdict::Errored);
        let went_away = "cannot start container b: the engine closed the connection";
        let away = Outcome {
            troubles: [refused.troubles.clone(), vec![trouble(went_away)]].concat(),
            ..refused
        };
        assert_eq!(
            Found::of(&away, true),
            Found::new(Verdict::Errored, Some(went_away.to_owned()))
        );
    }
}
