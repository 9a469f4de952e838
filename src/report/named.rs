//! Names that tell suites, and requirements, apart: where two have one name, each has its file behind it.

use std::collections::{BTreeMap, BTreeSet};

use super::clean;
use crate::run::outcome::{CaseOutcome, Outcome, Requirement};

/// Names that more than one file has.
#[derive(Debug)]
pub struct Named<'a> {
    suites: BTreeSet<&'a str>,
    requirements: BTreeSet<&'a str>,
}

impl<'a> Named<'a> {
    /// Those of a run.
    pub fn of(outcome: &'a Outcome) -> Self {
        let cases = outcome.cases.iter();
        let requirements = outcome.requirements.iter();
        Self {
            suites: several(cases.map(|case| (case.suite.as_str(), case.suite_file.as_str()))),
            requirements: several(requirements.map(|one| (one.id.as_str(), one.file.as_str()))),
        }
    }

    /// That of the suite of a case.
    pub fn suite(&self, case: &CaseOutcome) -> String {
        let (name, file) = (&case.suite, &case.suite_file);
        match self.suites.contains(name.as_str()) && !file.is_empty() {
            true => with(name, file),
            false => name.clone(),
        }
    }

    /// The id of a requirement.
    pub fn requirement(&self, requirement: &Requirement) -> String {
        let (id, file) = (&requirement.id, &requirement.file);
        match self.requirements.contains(id.as_str()) {
            true => with(id, file),
            false => id.clone(),
        }
    }
}

/// A name with the file behind it.
pub fn with(name: &str, file: &str) -> String {
    format!("{name} ({file})")
}

/// Each name so that no two are one: where several have it, all of them have their file behind it, and a number where
/// that does not tell them apart either.
pub fn apart(all: &[(String, String)]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in all {
        *counts.entry(name).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    let mut free = |(name, file): &(String, String)| {
        let is_one = counts.get(name.as_str()) == Some(&1) || file.is_empty();
        let name = if is_one {
            name.clone()
        } else {
            with(name, file)
        };
        clean::free(&mut taken, &name)
    };
    all.iter().map(&mut free).collect()
}

/// The cases as `suite::case`, none of them twice.
pub fn cases(cases: &[CaseOutcome]) -> Vec<String> {
    let name = |case: &CaseOutcome| {
        let name = format!("{}::{}", case.suite, case.name);
        (name, file(case).to_owned())
    };
    apart(&cases.iter().map(name).collect::<Vec<_>>())
}

/// The file of a case's suite.
pub fn file(case: &CaseOutcome) -> &str {
    match case.suite_file.as_str() {
        "" => &case.place.file,
        file => file,
    }
}

fn several<'a>(all: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeSet<&'a str> {
    let mut files: BTreeMap<&str, &str> = BTreeMap::new();
    let mut several = BTreeSet::new();
    for (name, file) in all {
        if *files.entry(name).or_insert(file) != file {
            several.insert(name);
        }
    }
    several
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::tests::sample;

    #[test]
    fn only_names_of_several_files_have_these_behind_them() {
        let mut outcome = sample();
        let mut other = outcome.cases[0].clone();
        other.suite_file = "other/run.yaml".to_owned();
        outcome.cases.push(other);
        let mut again = outcome.requirements[1].clone();
        again.file = "other/requirements.yaml".to_owned();
        outcome.requirements.push(again);
        let named = Named::of(&outcome);
        let suites: Vec<String> = outcome.cases.iter().map(|one| named.suite(one)).collect();
        assert_eq!(suites[0], "aisopod (suites/aisopod/run.yaml)");
        assert_eq!(suites[4], "aisopod files");
        assert_eq!(suites[5], "aisopod (other/run.yaml)");
        let ids = outcome.requirements.iter();
        let ids: Vec<String> = ids.map(|one| named.requirement(one)).collect();
        assert_eq!(ids[0], "A1");
        assert_eq!(ids[1], "A3 (suites/aisopod/requirements.yaml)");
        assert_eq!(ids[7], "A3 (other/requirements.yaml)");
    }

    #[test]
    fn no_name_is_there_twice() {
        let all = [
            ("a", "x.yaml"),
            ("b", "x.yaml"),
            ("a", "y.yaml"),
            ("a", "x.yaml"),
            ("a (x.yaml)", ""),
            ("c", ""),
            ("c", ""),
        ];
        let all = all.map(|(name, file)| (name.to_owned(), file.to_owned()));
        let expected = [
            "a (x.yaml)",
            "b",
            "a (y.yaml)",
            "a (x.yaml) (2)",
            "a (x.yaml) (3)",
            "c",
            "c (2)",
        ];
        assert_eq!(apart(&all), expected);
    }
}
