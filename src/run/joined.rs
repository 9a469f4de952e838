//! Shards: parts of a run on several machines, and the run that they are together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::grants;
use super::layers::ImageLayers;
use super::outcome::{CaseOutcome, LeftOut, Outcome, Text, Trouble};

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
    /// The cases of this shard that it did not judge.
    #[serde(default)]
    pub unjudged: Vec<Unjudged>,
}

/// A case that its shard did not judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unjudged {
    /// Which of the cases of all shards it is, counted from 0.
    pub number: usize,
    /// The suite's name.
    pub suite: String,
    /// The case's name.
    pub name: String,
}

impl Part {
    /// Each case that is its own: the number, suite and name.
    fn own<'a>(&'a self, outcome: &'a Outcome) -> impl Iterator<Item = (usize, &'a str, &'a str)> {
        let numbers = self.cases.iter().copied();
        let judged = numbers.zip(&outcome.cases);
        let judged = judged.map(|(number, one)| (number, one.suite.as_str(), one.name.as_str()));
        let unjudged = self.unjudged.iter();
        judged.chain(unjudged.map(|one| (one.number, one.suite.as_str(), one.name.as_str())))
    }
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
        let knows = |texts: &[Text]| texts.iter().any(|text| text.file == file);
        wrong.push(match (knows(&first.texts), knows(&second.texts)) {
            (true, false) => format!("`{a}` is of a run with {file}, and `{b}` of one without it"),
            (false, true) => format!("`{b}` is of a run with {file}, and `{a}` of one without it"),
            _ => format!("`{a}` and `{b}` are of different texts of {file}"),
        });
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
        for (number, suite, case) in part.own(outcome) {
            if let Some(known) = owners.insert(number, name) {
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

/// That cases are in none of them: neither judged, nor told as such that a shard did not get to.
fn lost(parts: &[One<'_>]) -> Option<String> {
    let all = parts.first().map_or(0, |(_, part, _)| part.all);
    let own = || {
        parts
            .iter()
            .flat_map(|(_, part, outcome)| part.own(outcome))
    };
    if own().any(|(number, ..)| number >= all) {
        return Some(format!("there are cases with a number above {all}"));
    }
    match all.saturating_sub(own().count()) {
        0 => None,
        1 => Some("1 case is in none of the reports".to_owned()),
        gone => Some(format!("{gone} cases are in none of the reports")),
    }
}

/// The cases of a shard that nobody has judged, and why.
fn unjudged((_, part, outcome): &One<'_>) -> Option<Trouble> {
    let (number, of) = (part.number, part.of);
    let is = match part.unjudged.len() {
        0 => return None,
        1 => format!("1 case of shard {number}/{of} was not judged"),
        many => format!("{many} cases of shard {number}/{of} were not judged"),
    };
    let why = match () {
        () if outcome.interrupted => "it was interrupted",
        () if outcome.unjudged == 0 => "it could not begin",
        () => "a case before did not pass, and `--fail-fast` was given",
    };
    let named = part.unjudged.iter().take(NAMED);
    let named: Vec<String> = named
        .map(|one| format!("`{}::{}`", one.suite, one.name))
        .collect();
    let more = match part.unjudged.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let named = named.join(", ");
    let help =
        format!("run `--shard {number}/{of}` again, and join its new report with the others");
    Some(Trouble {
        place: None,
        message: format!("{is}, since {why}: {named}{more}\n  help: {help}"),
    })
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
    let told = outcomes().flat_map(|outcome| outcome.troubles.clone());
    whole.troubles = told.chain(parts.iter().filter_map(unjudged)).collect();
    whole.interrupted = outcomes().any(|outcome| outcome.interrupted);
    whole.unjudged = parts.iter().map(|(_, part, _)| part.unjudged.len()).sum();
    // They ran side by side.
    whole.took = outcomes()
        .map(|outcome| outcome.took)
        .max()
        .unwrap_or_default();
    whole.require_all = outcomes().any(|outcome| outcome.require_all);
    whole.strict = outcomes().any(|outcome| outcome.strict);
    outcomes()
        .skip(1)
        .for_each(|outcome| take_in(&mut whole, outcome));
    whole
}

/// Adds what another part of a run asked, saw and brought.
pub(super) fn take_in(whole: &mut Outcome, part: &Outcome) {
    whole.calls.add(&part.calls);
    whole.facts.add(part.facts.clone());
    whole.courses.extend(part.courses.iter().cloned());
    let new = |image: &&ImageLayers| !whole.images.contains(image);
    let images: Vec<ImageLayers> = part.images.iter().filter(new).cloned().collect();
    whole.images.extend(images);
    whole.given.extend(part.given.clone());
    let known = std::mem::take(&mut whole.grants);
    whole.grants = grants::together([known, part.grants.clone()]);
}

#[cfg(test)]
mod tests;
