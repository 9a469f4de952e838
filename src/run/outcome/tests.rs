use super::*;

/// Cases of the suite `s` in `s.yaml` that came to this.
pub(crate) fn outcome(verdicts: &[Verdict]) -> Outcome {
    let place = Place {
        file: "s.yaml".into(),
        line: 1,
        column: 1,
        width: 1,
        text: String::new(),
    };
    let case = |verdict: &Verdict| CaseOutcome {
        suite: "s".into(),
        suite_file: "s.yaml".into(),
        name: "c".into(),
        place: place.clone(),
        verifies: Vec::new(),
        tags: Vec::new(),
        verdict: *verdict,
        skip: None,
        failures: Vec::new(),
        troubles: Vec::new(),
        claims: Vec::new(),
        evidence: Vec::new(),
        took: Duration::ZERO,
        image: None,
        images: Vec::new(),
        kept: Vec::new(),
        calls: Calls::default(),
        observation: Calls::default(),
        record: Record::default(),
        attempts: Vec::new(),
        by: None,
    };
    Outcome {
        cases: verdicts.iter().map(case).collect(),
        ..Outcome::default()
    }
}

/// What that suite is to show.
pub(crate) fn requirement() -> Requirement {
    Requirement {
        file: "s.yaml".to_owned(),
        place: None,
        id: "R1".to_owned(),
        says: "It runs.".to_owned(),
        suites: vec!["s".to_owned()],
        suite_files: vec!["s.yaml".to_owned()],
    }
}

#[test]
fn the_exit_code_says_the_worst_that_happened() {
    use Verdict::{Errored, Failed, Passed, Skipped};
    assert_eq!(outcome(&[Passed, Skipped]).exit_code(), 0);
    assert_eq!(outcome(&[Passed, Failed, Errored]).exit_code(), 1);
    assert_eq!(outcome(&[Passed, Errored]).exit_code(), 3);
    assert_eq!(outcome(&[Skipped]).exit_code(), 4);
    assert_eq!(outcome(&[]).exit_code(), 4);
    let mut interrupted = outcome(&[Failed]);
    interrupted.interrupted = true;
    assert_eq!(interrupted.exit_code(), 130);
    let mut leftover = outcome(&[Passed]);
    leftover.troubles.push(Trouble {
        place: None,
        message: "left".into(),
    });
    assert_eq!(leftover.exit_code(), 3);
    leftover.require_all = true;
    assert_eq!(leftover.exit_code(), 1, "there are no requirements");
    let begun = Outcome {
        require_all: true,
        ..Outcome::default()
    };
    assert_eq!(begun.exit_code(), 1);
    assert_eq!(begun.not_begun("no engine".into()).exit_code(), 3);
    leftover.interrupted = true;
    assert_eq!(leftover.exit_code(), 130);
}
