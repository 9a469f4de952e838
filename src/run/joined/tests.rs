use super::*;
use crate::run::outcome::Verdict::{self, Errored, Failed, Passed};
use crate::run::outcome::tests::{outcome, requirement};

/// The report of a shard of two with these of four cases.
fn part(number: usize, cases: &[usize], verdict: Verdict) -> Outcome {
    let verdicts: Vec<Verdict> = cases.iter().map(|_| verdict).collect();
    let mut outcome = outcome(&verdicts);
    for (case, number) in outcome.cases.iter_mut().zip(cases) {
        case.name = format!("c{number}");
        case.verifies = vec!["R1".to_owned()];
    }
    outcome.run = format!("run{number}");
    outcome.texts = vec![Text {
        file: "s.yaml".to_owned(),
        sha256: "12".to_owned(),
        is_suite: true,
        text: None,
    }];
    outcome.requirements = vec![requirement()];
    let others = (0..4).filter(|at| !cases.contains(at));
    outcome.left_out = others
        .map(|at| LeftOut {
            suite_file: "s.yaml".to_owned(),
            suite: "s".to_owned(),
            name: format!("c{at}"),
            verifies: vec!["R1".to_owned()],
        })
        .collect();
    outcome.part = Some(Part {
        number,
        of: 2,
        all: 4,
        chosen: String::new(),
        cases: cases.to_vec(),
        unjudged: Vec::new(),
    });
    outcome
}

/// The same where the shard did not get to these.
fn part_without(number: usize, cases: &[usize], unjudged: &[usize]) -> Outcome {
    let mut outcome = part(number, cases, Passed);
    let unjudged = unjudged.iter().map(|at| Unjudged {
        number: *at,
        suite: "s".to_owned(),
        name: format!("c{at}"),
    });
    outcome.part.as_mut().unwrap().unjudged = unjudged.collect();
    outcome
}

fn named(all: Vec<Outcome>) -> Vec<Named> {
    let names = ["a", "b", "c"].map(str::to_owned);
    names.into_iter().zip(all).collect()
}

#[test]
fn parts_are_joined_in_the_order_of_the_suites() {
    let whole = join(&named(vec![
        part(2, &[1, 2], Passed),
        part(1, &[0, 3], Passed),
    ]))
    .unwrap();
    let names: Vec<&str> = whole.cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, ["c0", "c1", "c2", "c3"]);
    assert_eq!(
        (whole.run.as_str(), whole.part.is_none()),
        ("run2, run1", true)
    );
    assert_eq!(whole.left_out, []);
    assert_eq!(whole.exit_code(), 0);
}

#[test]
fn the_worst_of_any_part_counts() {
    let of = |a: Outcome, b: Outcome| join(&named(vec![a, b])).unwrap().exit_code();
    let (a, b) = (part(1, &[0, 3], Passed), part(2, &[1, 2], Passed));
    assert_eq!(of(a.clone(), part(2, &[1, 2], Errored)), 3);
    assert_eq!(of(part(1, &[0, 3], Failed), part(2, &[1, 2], Errored)), 1);
    // A requirement is that of the whole run.
    let mut all = a.clone();
    all.require_all = true;
    assert_eq!(all.exit_code(), 0);
    assert_eq!(of(all.clone(), b), 0);
    let mut left = part_without(2, &[1], &[2]);
    left.unjudged = 1;
    assert_eq!(of(all, left), 1);
}

#[test]
fn cases_that_nobody_judged_are_named_with_their_shard_and_the_reason() {
    let a = part(1, &[0, 3], Passed);
    let of = |other: Outcome| join(&named(vec![a.clone(), other])).unwrap();
    let last = |whole: &Outcome| whole.troubles.last().unwrap().message.clone();
    let mut lost = part_without(2, &[], &[1, 2]);
    lost = lost.not_begun("no engine".to_owned());
    let whole = of(lost);
    assert_eq!((whole.exit_code(), whole.unjudged), (3, 2));
    assert_eq!(
        last(&whole),
        "2 cases of shard 2/2 were not judged, since it could not begin: `s::c1`, `s::c2`\n  help: run `--shard 2/2` \
         again, and join its new report with the others"
    );
    let mut stopped = part_without(2, &[1], &[2]);
    (stopped.interrupted, stopped.unjudged) = (true, 1);
    let whole = of(stopped.clone());
    assert_eq!((whole.exit_code(), whole.unjudged), (130, 1));
    let said = "1 case of shard 2/2 was not judged, since it was interrupted: `s::c2`\n";
    assert!(last(&whole).starts_with(said), "{}", last(&whole));
    stopped.interrupted = false;
    stopped.cases[0].verdict = Failed;
    let whole = of(stopped.clone());
    assert_eq!(whole.exit_code(), 1);
    let said = "since a case before did not pass, and `--fail-fast` was given: `s::c2`\n";
    assert!(last(&whole).contains(said), "{}", last(&whole));
    // What none of them knows of is not forgiven for that.
    stopped.part.as_mut().unwrap().all = 5;
    let mut first = a.clone();
    first.part.as_mut().unwrap().all = 5;
    let wrong = join(&named(vec![first, stopped.clone()])).unwrap_err();
    assert_eq!(wrong, ["1 case is in none of the reports"]);
    stopped.part.as_mut().unwrap().all = 4;
    stopped.part.as_mut().unwrap().unjudged[0].number = 3;
    let wrong = join(&named(vec![a.clone(), stopped])).unwrap_err();
    assert_eq!(wrong, ["the case `s::c2` is in both `a` and `b`"]);
}

#[test]
fn what_does_not_fit_together_is_named() {
    let (a, b) = (part(1, &[0, 3], Passed), part(2, &[1, 2], Passed));
    let wrong = |all: Vec<Outcome>| join(&named(all)).unwrap_err().join("; ");
    let changed = |change: fn(&mut Outcome)| {
        let mut changed = b.clone();
        change(&mut changed);
        wrong(vec![a.clone(), changed])
    };
    assert_eq!(wrong(vec![a.clone()]), "the report of shard 2/2 is missing");
    let with = |outcome: &Outcome, tag: &str| {
        let mut outcome = outcome.clone();
        outcome.given.insert("TAG".to_owned(), tag.to_owned());
        outcome
    };
    assert_eq!(
        wrong(vec![with(&a, "1"), with(&b, "2")]),
        "`a` and `b` are of different values of the variable `TAG`"
    );
    assert_eq!(
        wrong(vec![a.clone(), a.clone(), b.clone()]),
        "`a` and `b` are both of shard 1/2"
    );
    assert_eq!(
        changed(|run| run.part = None),
        "`b` is the report of a run that was not made with `--shard`"
    );
    let of = |change: fn(&mut Part), said: &str| {
        let mut other = b.clone();
        change(other.part.as_mut().unwrap());
        assert_eq!(wrong(vec![a.clone(), other]), said);
    };
    of(
        |part| part.of = 3,
        "`a` is one of 2 shards, and `b` one of 3",
    );
    of(
        |part| part.all = 5,
        "`a` is of a run with 4 cases, and `b` of one with 5",
    );
    of(
        |part| part.chosen = "--tags t".to_owned(),
        "`a` is of all cases, and `b` of `--tags t`",
    );
    of(
        |part| part.cases = vec![0, 2],
        "the case `s::c1` is in both `a` and `b`",
    );
    of(
        |part| part.cases = vec![1],
        "`b` does not say of each of its cases which it is",
    );
    of(
        |part| part.cases = vec![1, 9],
        "there are cases with a number above 4",
    );
    assert_eq!(
        changed(|run| run.texts[0].sha256 = "34".to_owned()),
        "`a` and `b` are of different texts of s.yaml"
    );
    assert_eq!(
        changed(|run| run.texts.clear()),
        "`a` is of a run with s.yaml, and `b` of one without it"
    );
    assert_eq!(
        wrong(vec![a.clone(), part(2, &[1], Passed)]),
        "1 case is in none of the reports"
    );
    assert_eq!(wrong(vec![]), "");
}
