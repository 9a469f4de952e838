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
fn what_was_seen_is_kept_of_the_time_that_is_told_and_of_a_flaky_one_when_it_failed() {
    let cases = |verdicts: &[Verdict]| {
        let mut cases = outcome(verdicts).cases;
        for (at, case) in cases.iter_mut().enumerate() {
            case.record.ran = at.to_string();
        }
        cases
    };
    let given_up = |verdicts: &[Verdict], again| {
        let mut all = Attempts::new(again);
        let old = cases(verdicts).into_iter().filter_map(|case| all.add(case));
        let old: Vec<String> = old.map(|record| record.ran).collect();
        (old.join(" "), all.settled().unwrap())
    };
    let (old, case) = given_up(&[Passed, Passed, Failed, Errored, Failed], Again::Times(5));
    assert_eq!((old.as_str(), case.record.ran.as_str()), ("0 1 3 4", "2"));
    let (old, case) = given_up(&[Errored, Failed, Failed], Again::UntilItPasses(2));
    assert_eq!((old.as_str(), case.record.ran.as_str()), ("0 2", "1"));
    let flaky = [Errored, Failed, Errored, Passed];
    let (old, case) = given_up(&flaky, Again::UntilItPasses(3));
    assert_eq!((old.as_str(), case.record.ran.as_str()), ("0 2", "3"));
    assert_eq!(case.attempts[1].record.ran, "1");
    let known = case.each_time().into_iter().map(|(_, known)| known);
    assert_eq!(known.collect::<Vec<_>>(), [false, true, false, true]);
    assert_eq!(case.by(&[1, 3]).attempts, [2, 4]);
}

#[test]
fn a_case_is_the_same_when_it_is_put_together_again() {
    let until = Again::UntilItPasses(9);
    for (verdicts, again) in [
        (&[Failed, Errored, Passed][..], until),
        (&[Errored, Failed, Failed], until),
        (&[Passed, Failed, Passed], Again::Times(3)),
        (&[Failed; 9], Again::Times(9)),
    ] {
        let case = after(verdicts, again);
        let each = case.each_time().into_iter().map(|(one, _)| one);
        assert_eq!(settled(each, again).unwrap(), case);
    }
}

#[test]
fn times_that_are_too_long_to_be_added_are_as_long_as_can_be() {
    let mut cases = outcome(&[Passed, Passed]).cases;
    for case in &mut cases {
        case.took = Duration::MAX;
    }
    let case = settled(cases, Again::Times(2)).unwrap();
    assert_eq!(case.took, Duration::MAX);
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
