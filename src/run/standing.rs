//! How each requirement stands after a run.

use super::outcome::{CaseOutcome, Outcome, Requirement, Verdict};
use crate::words;

words! {
    /// How a requirement stands.
    pub enum Standing {
        /// A case that verifies it passed, and none failed.
        Verified = "verified",
        /// A case that verifies it failed.
        Failed = "failed",
        /// It could not be told, and nothing failed.
        Errored = "errored",
        /// All cases that verify it were skipped.
        Skipped = "skipped",
        /// No case that verifies it was looked at.
        Uncovered = "uncovered",
    }
}

impl Standing {
    /// All but that which is hoped for, in the order in which they are told.
    pub const OTHERS: [Self; 4] = [Self::Failed, Self::Errored, Self::Skipped, Self::Uncovered];
}

/// A requirement, and the cases that verify it.
#[derive(Debug)]
pub struct Row<'a> {
    /// What is required.
    pub requirement: &'a Requirement,
    /// What came of it.
    pub standing: Standing,
    /// Those of the run.
    pub cases: Vec<&'a CaseOutcome>,
}

impl Row<'_> {
    /// Whether it was not looked at; what was seen not to hold is told otherwise.
    pub fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Skipped | Standing::Uncovered)
    }
}

/// All requirements, in written order.
pub fn rows(outcome: &Outcome) -> Vec<Row<'_>> {
    let row = |requirement| {
        let cases: Vec<&CaseOutcome> = outcome
            .cases
            .iter()
            .filter(|case| verifies(case, requirement))
            .collect();
        Row {
            requirement,
            standing: standing(cases.iter().map(|case| case.verdict)),
            cases,
        }
    };
    outcome.requirements.iter().map(row).collect()
}

/// A suite is known by its file, since two may have one name. A report that an older version has
/// written knows names alone.
fn verifies(case: &CaseOutcome, requirement: &Requirement) -> bool {
    let its_suite = match case.suite_file.is_empty() || requirement.suite_files.is_empty() {
        true => requirement.suites.contains(&case.suite),
        false => requirement.suite_files.contains(&case.suite_file),
    };
    its_suite && case.verifies.contains(&requirement.id)
}

/// The worst that any case says counts; one that is skipped says nothing where another passed.
fn standing(verdicts: impl Iterator<Item = Verdict>) -> Standing {
    let weight = |standing: &Standing| match standing {
        Standing::Uncovered => 0,
        Standing::Skipped => 1,
        Standing::Verified => 2,
        Standing::Errored => 3,
        Standing::Failed => 4,
    };
    let standings = verdicts.map(|verdict| match verdict {
        Verdict::Passed => Standing::Verified,
        Verdict::Failed => Standing::Failed,
        Verdict::Errored => Standing::Errored,
        Verdict::Skipped => Standing::Skipped,
    });
    standings.max_by_key(weight).unwrap_or(Standing::Uncovered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::outcome::tests::outcome;

    #[test]
    fn the_worst_counts_and_a_skipped_case_says_nothing() {
        use Verdict::{Errored, Failed, Passed, Skipped};
        let of = |verdicts: &[Verdict]| standing(verdicts.iter().copied());
        assert_eq!(of(&[]), Standing::Uncovered);
        assert_eq!(of(&[Skipped]), Standing::Skipped);
        assert_eq!(of(&[Skipped, Passed]), Standing::Verified);
        assert_eq!(of(&[Passed, Errored, Skipped]), Standing::Errored);
        assert_eq!(of(&[Failed, Errored, Passed]), Standing::Failed);
    }

    #[test]
    fn a_requirement_is_of_its_own_suites_whatever_they_are_called() {
        let mut outcome = outcome(&[Verdict::Passed]);
        outcome.cases[0].verifies = vec!["R1".to_owned()];
        let of = |file: &str| Requirement {
            file: format!("of-{file}"),
            place: None,
            id: "R1".to_owned(),
            says: "It runs.".to_owned(),
            suites: vec!["s".to_owned()],
            suite_files: vec![file.to_owned()],
        };
        outcome.requirements = vec![of("s.yaml"), of("other/s.yaml")];
        let standings = |outcome: &Outcome| -> Vec<Standing> {
            rows(outcome).iter().map(|row| row.standing).collect()
        };
        let (verified, uncovered) = (Standing::Verified, Standing::Uncovered);
        assert_eq!(standings(&outcome), [verified, uncovered]);
        for requirement in &mut outcome.requirements {
            requirement.suite_files.clear();
        }
        assert_eq!(standings(&outcome), [verified, verified]);
        outcome.requirements[1].suites = vec!["another".to_owned()];
        assert_eq!(standings(&outcome), [verified, uncovered]);
    }
}
