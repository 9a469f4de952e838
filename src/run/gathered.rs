//! One run whose cases are run by processes of their own, each of which adds what came of its own.

use std::collections::HashMap;
use std::time::Duration;

use super::attempt::{Again, settled};
use super::joined::take_in;
use super::outcome::{CaseOutcome, Outcome, Requirement, Verdict};
use crate::plan::shard::Name;

/// The run so far with what another process of it came to, which knows the order of these cases. A case that is there
/// already was run again.
#[must_use]
pub fn with(mut whole: Outcome, new: Outcome, order: &[Name], took: Duration) -> Outcome {
    // Another test program has suites of its own, of which no case was known.
    let are_known = new.texts.iter().all(|text| whole.texts.contains(text));
    let mut fresh = 0;
    let mut cases = std::mem::take(&mut whole.cases);
    for case in &new.cases {
        match cases.iter_mut().find(|known| name(known) == name(case)) {
            Some(known) => again(known, case),
            None => {
                fresh += 1;
                cases.push(case.clone());
            }
        }
    }
    let places: HashMap<&Name, usize> = order.iter().zip(0..).collect();
    // Cases of other programs stay behind these as they are.
    cases.sort_by_key(|case| places.get(&name(case)).copied().unwrap_or(usize::MAX));
    whole.unchosen = match are_known {
        true => whole.unchosen.saturating_sub(fresh),
        false => whole.unchosen + new.unchosen,
    };
    take_in(&mut whole, &new);
    whole.interrupted |= new.interrupted;
    whole.unjudged += new.unjudged;
    whole.took = took;
    let troubles = new.troubles.iter();
    let troubles = troubles.filter(|one| !whole.troubles.contains(one));
    let troubles: Vec<_> = troubles.cloned().collect();
    whole.troubles.extend(troubles);
    if whole.engine.is_empty() {
        whole.engine = new.engine;
    }
    for text in new.texts {
        if !whole.texts.contains(&text) {
            whole.texts.push(text);
        }
    }
    whole.texts.sort_by(|a, b| a.file.cmp(&b.file));
    for one in new.left_out {
        if !whole.left_out.contains(&one) {
            whole.left_out.push(one);
        }
    }
    new.requirements
        .into_iter()
        .for_each(|one| require(&mut whole.requirements, one));
    whole.of_cases(cases)
}

fn name(case: &CaseOutcome) -> Name {
    [&case.suite_file, &case.suite, &case.name].map(String::clone)
}

/// Has a case be of one more time that it was run.
fn again(known: &mut CaseOutcome, case: &CaseOutcome) {
    if case.verdict == Verdict::Skipped {
        return;
    }
    let before = match known.attempts.is_empty() {
        true => vec![known.clone()],
        false => known.each_time().into_iter().map(|(one, _)| one).collect(),
    };
    let all = before.into_iter().chain([case.clone()]);
    if let Some(settled) = settled(all, Again::UntilItPasses(u16::MAX)) {
        *known = settled;
    }
}

/// Has a requirement be among these, with the suites of both where it is known.
fn require(all: &mut Vec<Requirement>, new: Requirement) {
    let same = |one: &&mut Requirement| one.file == new.file && one.id == new.id;
    let Some(known) = all.iter_mut().find(same) else {
        all.push(new);
        return;
    };
    let add = |known: &mut Vec<String>, more: Vec<String>| {
        for one in more {
            if !known.contains(&one) {
                known.push(one);
            }
        }
    };
    add(&mut known.suites, new.suites);
    add(&mut known.suite_files, new.suite_files);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::outcome::tests::{outcome, requirement};
    use crate::run::outcome::{LeftOut, Text};

    /// What a process came to that runs one of three cases.
    fn of(case: &str, verdict: Verdict) -> Outcome {
        let mut one = outcome(&[verdict]);
        one.cases[0].name = case.to_owned();
        one.texts = vec![Text {
            file: "s.yaml".to_owned(),
            sha256: "12".to_owned(),
            is_suite: true,
            text: None,
        }];
        one.requirements = vec![requirement()];
        let others = ["a", "b", "c"].into_iter().filter(|other| *other != case);
        let left_out = |other: &str| LeftOut {
            suite_file: one.cases[0].suite_file.clone(),
            suite: one.cases[0].suite.clone(),
            name: other.to_owned(),
            verifies: vec!["R1".to_owned()],
        };
        one.left_out = others.map(left_out).collect();
        one.unchosen = 2;
        one
    }

    fn order() -> Vec<Name> {
        let case = &of("a", Verdict::Passed).cases[0];
        let name = |own: &str| [&case.suite_file, &case.suite, own].map(ToOwned::to_owned);
        ["a", "b", "c"].map(name).into()
    }

    fn all(outcomes: Vec<Outcome>) -> Outcome {
        let took = Duration::from_secs(9);
        let add = |whole, new| with(whole, new, &order(), took);
        outcomes.into_iter().reduce(add).unwrap()
    }

    #[test]
    fn cases_come_in_the_order_of_the_suites_whoever_is_first() {
        let parts = [("c", Verdict::Failed), ("a", Verdict::Passed)];
        let whole = all(parts.map(|(case, verdict)| of(case, verdict)).into());
        let names: Vec<&str> = whole.cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["a", "c"]);
        assert_eq!((whole.unchosen, whole.requirements.len()), (1, 1));
        let left: Vec<&str> = whole.left_out.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(left, ["b"]);
        let whole = all(vec![whole, of("b", Verdict::Passed)]);
        assert_eq!((whole.unchosen, whole.left_out.len()), (0, 0));
        assert_eq!((whole.exit_code(), whole.took.as_secs()), (1, 9));
    }

    #[test]
    fn a_case_that_passes_when_its_process_is_begun_again_is_flaky() {
        let verdicts = [Verdict::Failed, Verdict::Errored, Verdict::Passed];
        let whole = all(verdicts.map(|verdict| of("a", verdict)).into());
        assert_eq!(whole.cases.len(), 1);
        let case = &whole.cases[0];
        assert!(case.is_flaky(), "{case:?}");
        let runs = case.runs();
        assert_eq!((runs.all, runs.failed, runs.errored), (3, 1, 1));
        // Each process says of it again that it is skipped.
        let skipped = all(vec![of("a", Verdict::Skipped), of("a", Verdict::Skipped)]);
        assert!(skipped.cases[0].attempts.is_empty());
    }

    #[test]
    fn suites_of_another_program_come_with_what_is_left_out_of_them() {
        let mut other = of("z", Verdict::Passed);
        other.cases[0].suite_file = "z.yaml".to_owned();
        other.texts[0].file = "z.yaml".to_owned();
        other.left_out.clear();
        other.requirements[0].suite_files = vec!["z.yaml".to_owned()];
        let whole = all(vec![of("a", Verdict::Passed), other]);
        assert_eq!((whole.cases.len(), whole.texts.len()), (2, 2));
        assert_eq!((whole.unchosen, whole.left_out.len()), (4, 2));
        assert!(
            whole.requirements[0]
                .suite_files
                .contains(&"z.yaml".to_owned())
        );
    }
}
