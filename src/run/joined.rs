//! Shards: parts of a run on several machines, and the run that they are together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::layers::ImageLayers;
use super::outcome::{CaseOutcome, LeftOut, Outcome, Text};

/// How many cases are named that are in two reports.
const NAMED: usize = 10;

/// Which part of a run's cases a report is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Part {
    /// Which shard, counted from 1.
    pub number: usize,
    /// Of how many.
    pub of: usize,
    /// How many cases all shards have.
    pub all: usize,
    /// What chose these, as on the command line.
    pub chosen: String,
    /// Which of all these each case of the report is, counted from 0.
    pub cases: Vec<usize>,
}

/// The report of a shard, and what it is called.
pub type Named = (String, Outcome);

/// The run that these are together; else all that keeps them from being one.
pub fn join(reports: &[Named]) -> Result<Outcome, Vec<String>> {
    let mut parts: Vec<(&str, &Part, &Outcome)> = Vec::new();
    let mut wrong = Vec::new();
    for (name, outcome) in reports {
        match &outcome.part {
            Some(part) if part.cases.len() == outcome.cases.len() => {
                parts.push((name, part, outcome));
            }
            Some(_) => wrong.push(format!(
                "`{name}` does not say of each of its cases which it is"
            )),
            None => wrong.push(format!(
                "`{name}` is the report of a run that was not made with `--shard`"
            )),
        }
    }
    let Some((first, rest)) = parts.split_first().filter(|_| wrong.is_empty()) else {
        return Err(wrong);
    };
    wrong.extend(rest.iter().flat_map(|other| differences(first, other)));
    if wrong.is_empty() {
        wrong.extend(missing(&parts));
        wrong.extend(twice(&parts));
    }
    if wrong.is_empty() {
        wrong.extend(lost(&parts));
    }
    match wrong.is_empty() {
        true => Ok(joined(&parts)),
        false => Err(wrong),
    }
}

type One<'a> = (&'a str, &'a Part, &'a Outcome);

/// Why two are not of the same run.
fn differences((a, one, first): &One<'_>, (b, other, second): &One<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    if one.of != other.of {
        wrong.push(format!(
            "`{a}` is one of {} shards, and `{b}` one of {}",
            one.of, other.of
        ));
    }
    for file in different(&first.texts, &second.texts) {
        wrong.push(format!("`{a}` and `{b}` are of different texts of {file}"));
    }
    for (name, value) in &first.given {
        if second.given.get(name).is_some_and(|other| other != value) {
            wrong.push(format!(
                "`{a}` and `{b}` are of different values of the variable `{name}`"
            ));
        }
    }
    if one.chosen != other.chosen {
        let said = |part: &Part| match part.chosen.as_str() {
            "" => "all cases".to_owned(),
            words => format!("`{words}`"),
        };
        let (one, other) = (said(one), said(other));
        wrong.push(format!("`{a}` is of {one}, and `{b}` of {other}"));
    } else if one.all != other.all && wrong.is_empty() {
        let (one, other) = (one.all, other.all);
        wrong.push(format!(
            "`{a}` is of a run with {one} cases, and `{b}` of one with {other}"
        ));
    }
    wrong
}

/// The files of which there are two texts, or of which one run knows nothing.
fn different<'a>(one: &'a [Text], other: &'a [Text]) -> Vec<&'a str> {
    let lone = |a: &'a [Text], b: &'a [Text]| a.iter().filter(move |text| !b.contains(text));
    let mut files: Vec<&str> = lone(one, other)
        .chain(lone(other, one))
        .map(|text| text.file.as_str())
        .collect();
    files.sort_unstable();
    files.dedup();
    files
}

fn missing(parts: &[One<'_>]) -> Option<String> {
    let of = parts.first().map_or(0, |(_, part, _)| part.of);
    let is_there = |number: &usize| parts.iter().any(|(_, part, _)| part.number == *number);
    let gone: Vec<String> = (1..=of)
        .filter(|n| !is_there(n))
        .map(|n| format!("{n}/{of}"))
        .collect();
    match gone.as_slice() {
        [] => None,
        [one] => Some(format!("the report of shard {one} is missing")),
        many => Some(format!(
            "the reports of shards {} are missing",
            many.join(", ")
        )),
    }
}

/// What is in two of them.
fn twice(parts: &[One<'_>]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut shards: BTreeMap<usize, &str> = BTreeMap::new();
    for (name, part, _) in parts {
        if let Some(known) = shards.insert(part.number, name) {
            let (number, of) = (part.number, part.of);
            wrong.push(format!(
                "`{known}` and `{name}` are both of shard {number}/{of}"
            ));
        }
    }
    if !wrong.is_empty() {
        return wrong;
    }
    let mut owners: BTreeMap<usize, &str> = BTreeMap::new();
    for (name, part, outcome) in parts {
        for (number, case) in part.cases.iter().zip(&outcome.cases) {
            if let Some(known) = owners.insert(*number, name) {
                let (suite, case) = (&case.suite, &case.name);
                wrong.push(format!(
                    "the case `{suite}::{case}` is in both `{known}` and `{name}`"
                ));
            }
        }
    }
    let more = wrong.len().saturating_sub(NAMED);
    wrong.truncate(NAMED);
    if more > 0 {
        wrong.push(format!("and {more} more cases are in two of them"));
    }
    wrong
}

/// That cases are in none of them, where none says that it did not judge all of its own.
fn lost(parts: &[One<'_>]) -> Option<String> {
    let all = parts.first().map_or(0, |(_, part, _)| part.all);
    let there: usize = parts.iter().map(|(_, part, _)| part.cases.len()).sum();
    let known = parts.iter().any(|(_, part, outcome)| {
        let not_begun = part.cases.is_empty() && !outcome.troubles.is_empty();
        outcome.unjudged > 0 || outcome.interrupted || not_begun
    });
    let gone = all.saturating_sub(there);
    let beyond = parts
        .iter()
        .flat_map(|(_, part, _)| &part.cases)
        .any(|at| *at >= all);
    match (gone, beyond) {
        (_, true) => Some(format!("there are cases with a number above {all}")),
        (0, false) => None,
        (_, false) if known => None,
        (1, false) => Some("1 case is in none of the reports".to_owned()),
        (gone, false) => Some(format!("{gone} cases are in none of the reports")),
    }
}

fn joined(parts: &[One<'_>]) -> Outcome {
    let outcomes = || parts.iter().map(|(_, _, outcome)| *outcome);
    let mut cases: Vec<(usize, &CaseOutcome)> = parts
        .iter()
        .flat_map(|(_, part, outcome)| part.cases.iter().copied().zip(&outcome.cases))
        .collect();
    cases.sort_by_key(|(number, _)| *number);
    let mut whole = outcomes().next().cloned().unwrap_or_default();
    whole.part = None;
    // What was left out of the run is left out of each of its parts.
    let known = |one: &LeftOut| outcomes().all(|outcome| outcome.left_out.contains(one));
    whole.left_out.retain(known);
    let words = |of: fn(&Outcome) -> &str| {
        let mut words: Vec<&str> = Vec::new();
        for word in outcomes().map(of).filter(|word| !word.is_empty()) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.join(", ")
    };
    whole.run = words(|outcome| &outcome.run);
    whole.engine = words(|outcome| &outcome.engine);
    whole.cases = cases.into_iter().map(|(_, case)| case.clone()).collect();
    whole.troubles = outcomes()
        .flat_map(|outcome| outcome.troubles.clone())
        .collect();
    whole.interrupted = outcomes().any(|outcome| outcome.interrupted);
    whole.unjudged = outcomes().map(|outcome| outcome.unjudged).sum();
    // They ran side by side.
    whole.took = outcomes()
        .map(|outcome| outcome.took)
        .max()
        .unwrap_or_default();
    whole.require_all = outcomes().any(|outcome| outcome.require_all);
    whole.strict = outcomes().any(|outcome| outcome.strict);
    for outcome in outcomes().skip(1) {
        whole.calls.add(&outcome.calls);
        whole.facts.add(outcome.facts.clone());
        whole.courses.extend(outcome.courses.iter().cloned());
        let new = |image: &&ImageLayers| !whole.images.contains(image);
        let images: Vec<ImageLayers> = outcome.images.iter().filter(new).cloned().collect();
        whole.images.extend(images);
        whole.given.extend(outcome.given.clone());
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::outcome::Trouble;
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
        });
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
        let mut lost = part(2, &[], Passed);
        lost.troubles.push(Trouble {
            place: None,
            message: "no engine".to_owned(),
        });
        assert_eq!(of(a.clone(), lost), 3);
        let mut stopped = part(2, &[1], Passed);
        (stopped.interrupted, stopped.unjudged) = (true, 1);
        assert_eq!(of(a.clone(), stopped), 130);
        // A requirement is that of the whole run.
        let mut all = a.clone();
        all.require_all = true;
        assert_eq!(all.exit_code(), 0);
        assert_eq!(of(all.clone(), b), 0);
        let mut left = part(2, &[1], Passed);
        left.unjudged = 1;
        assert_eq!(of(all, left), 1);
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
            wrong(vec![a.clone(), part(2, &[1], Passed)]),
            "1 case is in none of the reports"
        );
        assert_eq!(wrong(vec![]), "");
    }
}
