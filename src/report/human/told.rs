//! What was told of earlier cases of a suite. Cases that share a container often share what is wrong with
//! it, and that is told once.

use crate::run::attempt::is_bad;
use crate::run::outcome::{CaseOutcome, Evidence, Failure, Trouble};

/// The cases of a suite that did not pass, so far.
#[derive(Debug, Default)]
pub struct Told {
    cases: Vec<Case>,
}

#[derive(Debug)]
struct Case {
    name: String,
    failures: Vec<Failure>,
    troubles: Vec<Trouble>,
    evidence: Vec<Evidence>,
}

impl Told {
    /// Remembers what a case shows.
    pub fn add(&mut self, case: &CaseOutcome) {
        let case = case.as_found();
        if is_bad(case.verdict) {
            self.cases.push(Case {
                name: case.name,
                failures: case.failures,
                troubles: case.troubles,
                evidence: case.evidence,
            });
        }
    }

    /// The first case of which the very same was found, in the same place.
    pub fn findings(&self, case: &CaseOutcome) -> Option<&str> {
        let is_empty = case.failures.is_empty() && case.troubles.is_empty();
        let is_same =
            |told: &&Case| told.failures == case.failures && told.troubles == case.troubles;
        let told = self.cases.iter().find(is_same).filter(|_| !is_empty);
        told.map(|told| told.name.as_str())
    }

    /// The first case that showed the same lines below the same title.
    pub fn evidence(&self, block: &Evidence) -> Option<&str> {
        let told = self.cases.iter().find(|told| told.evidence.contains(block));
        told.map(|told| told.name.as_str())
    }
}

/// Of many lines in a row that say the same but for figures the first and the last, the rest counted.
pub fn folded(lines: &[String]) -> Vec<Folded<'_>> {
    let mut folded: Vec<Folded<'_>> = Vec::new();
    let mut at = lines;
    while let Some(first) = at.first() {
        let form = form(first);
        let like = at
            .iter()
            .take_while(|line| self::form(line) == form)
            .count();
        let (these, rest) = at.split_at(like);
        match these {
            [first, _, _, _, .., last] => {
                let more = Folded::More(like - 2);
                folded.extend([Folded::Line(first), more, Folded::Line(last)]);
            }
            few => folded.extend(few.iter().map(|line| Folded::Line(line))),
        }
        at = rest;
    }
    folded
}

/// A line, or how many like the one before stand between it and the next.
#[derive(Debug, PartialEq, Eq)]
pub enum Folded<'a> {
    /// It is shown.
    Line(&'a str),
    /// So many are not.
    More(usize),
}

/// A line without its figures.
fn form(line: &str) -> String {
    line.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_in_figures_alone_are_counted() {
        let few = ["t=6 x", "t=7 x", "t=8 x", "t=9 x"];
        let many = ["a", "t=1 x", "t=22 x", "t=3 x", "t=4 x", "t=5 x", "b"];
        let lines: Vec<String> = many.into_iter().chain(few).map(str::to_owned).collect();
        let line = Folded::Line;
        let mut expected = vec![line("a"), line("t=1 x"), Folded::More(3), line("t=5 x")];
        expected.extend(["b"].into_iter().chain(few).map(line));
        assert_eq!(folded(&lines), expected);
        assert_eq!(folded(&[]), []);
    }
}
