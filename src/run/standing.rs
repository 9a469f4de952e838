//! How each requirement stands after a run.

use super::outcome::{CaseOutcome, LeftOut, Outcome, Requirement, Verdict};
use crate::words;

words! {
    /// How a requirement stands.
    pub enum Standing {
        /// A case that verifies it passed, none failed, and none was left out.
        Verified = "verified",
        /// All cases that verify it passed, one of them only when it was run again.
        Flaky = "flaky",
        /// What was run of the cases that verify it passed, and others were left out.
        Incomplete = "incomplete",
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
    pub const OTHERS: [Self; 6] = [
        Self::Failed,
        Self::Errored,
        Self::Flaky,
        Self::Skipped,
        Self::Incomplete,
        Self::Uncovered,
    ];
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
    /// Those that were not run.
    pub left_out: Vec<&'a LeftOut>,
}

impl Row<'_> {
    /// Whether it was not looked at, or held only the second time; what was seen not to hold is told otherwise.
    pub fn is_open(&self) -> bool {
        matches!(
            self.standing,
            Standing::Flaky | Standing::Skipped | Standing::Incomplete | Standing::Uncovered
        )
    }
}

/// All requirements, in written order.
pub fn rows(outcome: &Outcome) -> Vec<Row<'_>> {
    let row = |requirement| {
        let cases: Vec<&CaseOutcome> = outcome
            .cases
            .iter()
            .filter(|case| is_of(&case.suite_file, &case.suite, &case.verifies, requirement))
            .collect();
        let left_out: Vec<&LeftOut> = outcome
            .left_out
            .iter()
            .filter(|case| is_of(&case.suite_file, &case.suite, &case.verifies, requirement))
            .collect();
        let standing = match standing(cases.iter().copied()) {
            Standing::Verified | Standing::Flaky if !left_out.is_empty() => Standing::Incomplete,
            standing => standing,
        };
        Row {
            requirement,
            standing,
            cases,
            left_out,
        }
    };
    outcome.requirements.iter().map(row).collect()
}

/// Whether a case verifies a requirement. A suite is known by its file, since two may have one name. A report that
/// an older version has written knows names alone.
fn is_of(file: &str, suite: &str, verifies: &[String], requirement: &Requirement) -> bool {
    let its_suite = match file.is_empty() || requirement.suite_files.is_empty() {
        true => requirement.suites.iter().any(|known| known == suite),
        false => requirement.suite_files.iter().any(|known| known == file),
    };
    its_suite && verifies.contains(&requirement.id)
}

/// The worst that any case says counts; one that is skipped says nothing where another passed.
fn standing<'a>(cases: impl Iterator<Item = &'a CaseOutcome>) -> Standing {
    let weight = |standing: &Standing| match standing {
        Standing::Uncovered => 0,
        Standing::Skipped => 1,
        Standing::Incomplete => 2,
        Standing::Verified => 3,
        Standing::Flaky => 4,
        Standing::Errored => 5,
        Standing::Failed => 6,
    };
    let standings = cases.map(|case| match case.verdict {
        Verdict::Passed if case.is_flaky() => Standing::Flaky,
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
    use crate::run::attempt::{Again, settled};
    use crate::run::outcome::tests::{outcome, requirement};

    #[test]
    fn the_worst_counts_and_a_skipped_case_says_nothing() {
        use Verdict::{Errored, Failed, Passed, Skipped};
        let of = |verdicts: &[Verdict]| standing(outcome(verdicts).cases.iter());
        assert_eq!(of(&[]), Standing::Uncovered);
        assert_eq!(of(&[Skipped]), Standing::Skipped);
        assert_eq!(of(&[Skipped, Passed]), Standing::Verified);
        assert_eq!(of(&[Passed, Errored, Skipped]), Standing::Errored);
        assert_eq!(of(&[Failed, Errored, Passed]), Standing::Failed);
        let mut flaky = outcome(&[Passed, Passed, Skipped]);
        let attempts = outcome(&[Failed, Passed]).cases;
        flaky.cases[1] = settled(attempts, Again::UntilItPasses(1)).unwrap();
        let of = |outcome: &Outcome| standing(outcome.cases.iter());
        assert_eq!(of(&flaky), Standing::Flaky);
        flaky.cases[0].verdict = Errored;
        assert_eq!(of(&flaky), Standing::Errored);
    }

    #[test]
    fn a_requirement_is_of_its_own_suites_whatever_they_are_called() {
        let mut outcome = outcome(&[Verdict::Passed]);
        outcome.cases[0].verifies = vec!["R1".to_owned()];
        let of = |file: &str| Requirement {
            file: format!("of-{file}"),
            suite_files: vec![file.to_owned()],
            ..requirement()
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

    #[test]
    fn what_only_some_of_its_cases_verify_is_incomplete() {
        let mut known = outcome(&[]);
        let left_out = |name: &str| LeftOut {
            suite_file: "s.yaml".to_owned(),
            suite: "s".to_owned(),
            name: name.to_owned(),
            verifies: vec!["R1".to_owned()],
        };
        known.left_out = vec![left_out("c"), left_out("other")];
        known.require_all = true;
        known.requirements = vec![requirement()];
        let of = |verdict: Verdict, known: &Outcome| {
            let mut cases = outcome(&[verdict]).cases;
            cases[0].verifies = vec!["R1".to_owned()];
            let made = known.clone().of_cases(cases);
            (rows(&made)[0].standing, made.exit_code())
        };
        assert_eq!(of(Verdict::Passed, &known), (Standing::Incomplete, 1));
        assert_eq!(of(Verdict::Failed, &known), (Standing::Failed, 1));
        known.left_out.pop();
        assert_eq!(of(Verdict::Passed, &known), (Standing::Verified, 0));
    }
}
