//! What came of cases, and of the run itself, in a few words: for reports of build servers, which show tests
//! and nothing else.

use super::human::closing;
use super::{clean, required};
use crate::run::outcome::{CaseOutcome, Failure, Outcome, Verdict};

/// How many lines of what is said beside the cases are shown.
const LINES: usize = 100;

/// Why a case is not as it should be, each in one text as the container said it; nothing where it passed.
pub fn reasons(case: &CaseOutcome) -> Vec<String> {
    match case.verdict {
        Verdict::Passed => Vec::new(),
        Verdict::Skipped => vec![case.skip.clone().unwrap_or_default()],
        Verdict::Failed => case.failures.iter().map(failure).collect(),
        Verdict::Errored => {
            let troubles = case.troubles.iter();
            troubles.map(|trouble| trouble.message.clone()).collect()
        }
    }
}

/// The first of these.
pub fn reason(case: &CaseOutcome) -> String {
    reasons(case).into_iter().next().unwrap_or_default()
}

fn failure(failure: &Failure) -> String {
    let (expected, actual) = (&failure.expected, &failure.actual);
    format!("{}: expected {expected}, actual {actual}", failure.about())
}

/// Something that is not well and belongs to no case, as a test that did not pass.
#[derive(Debug)]
pub struct Beside {
    /// What the test is called.
    pub name: &'static str,
    /// What came of it.
    pub verdict: Verdict,
    /// What it is about, in a word.
    pub of: &'static str,
    said: Vec<String>,
}

impl Beside {
    /// The first line of what is said.
    pub fn first(&self) -> String {
        let first = self.said.first().and_then(|said| said.lines().next());
        clean::line(first.unwrap_or_default())
    }

    /// All that is said.
    pub fn lines(&self) -> Vec<String> {
        let said = self.said.iter();
        said.flat_map(|one| clean::lines(one, LINES)).collect()
    }
}

/// What kept the run itself from going well, as one that could not be told; requirements that it lacks, and cases
/// that passed only when they were run again where none may, as such that failed.
pub fn besides(outcome: &Outcome) -> Vec<Beside> {
    let told = outcome.troubles.iter().map(|one| one.message.clone());
    let all: [Beside; 3] = [
        Beside {
            name: "the run itself",
            verdict: Verdict::Errored,
            of: "run",
            said: told.chain(closing::given_up(outcome)).collect(),
        },
        Beside {
            name: "all requirements are verified",
            verdict: Verdict::Failed,
            of: "requirements",
            said: required::of(outcome).into_iter().collect(),
        },
        Beside {
            name: "no case is flaky",
            verdict: Verdict::Failed,
            of: "strict",
            said: closing::strict(outcome).into_iter().collect(),
        },
    ];
    let said = all.into_iter().filter(|beside| !beside.said.is_empty());
    said.collect()
}
