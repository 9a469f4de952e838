//! What did not hold once more stands as a comment.

use std::collections::BTreeMap;

use super::{Draft, Kind};
use crate::report::clean;
use crate::run::outcome::{CaseOutcome, Outcome, Verdict};
use crate::text::cut::cut;

impl Draft {
    /// Takes out what did not hold in this run: the claim, or the whole case where it is none of its claims, or where
    /// it is the last time. Whether there was something to take out.
    pub fn heed(&mut self, outcome: &Outcome, is_last: bool) -> bool {
        let places = self.render().1;
        let mut is_changed = false;
        let seen = outcome.cases.iter();
        for seen in seen.filter(|case| case.verdict != Verdict::Passed) {
            let Some((at, case)) = self
                .cases
                .iter_mut()
                .enumerate()
                .find(|(_, case)| case.name == seen.name)
            else {
                continue;
            };
            is_changed = true;
            let reasons = reasons(seen);
            let mut is_known = false;
            for (line, all) in by_line(&reasons) {
                let mut places = places.iter().filter(|place| place.case == at);
                let place = places.find(|place| place.lines.contains(&line));
                let part = place.and_then(|place| case.parts.get_mut(place.part));
                if let Some(part) = part.filter(|part| part.kind == Kind::Claim) {
                    part.off = Some(match all.as_slice() {
                        [one] => (*one).to_owned(),
                        [first, rest @ ..] => format!("{first}; and {} more", rest.len()),
                        [] => String::new(),
                    });
                    is_known = true;
                }
            }
            if !is_known || is_last {
                let why = reasons.into_iter().next().map(|(_, why)| why);
                case.off = Some(why.unwrap_or_else(|| "it did not pass".to_owned()));
            }
        }
        is_changed
    }
}

/// Why each line is not as claimed.
fn by_line(reasons: &[(usize, String)]) -> BTreeMap<usize, Vec<&str>> {
    let mut all: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (line, why) in reasons {
        all.entry(*line).or_default().push(why);
    }
    all
}

/// The lines that are not as claimed, each with why.
fn reasons(case: &CaseOutcome) -> Vec<(usize, String)> {
    let failures = case.failures.iter().map(|failure| {
        let of = match failure.what.as_str() {
            "" => String::new(),
            what => format!("{what}: "),
        };
        // A report lets a secret be known by its beginning. A suite is kept with the project, and has none of it.
        let actual = match failure.claim.as_str() {
            "no_secrets" => failure.actual.split(": ").next().unwrap_or_default(),
            _ => &failure.actual,
        };
        let why = format!("{of}expected {}, found {actual}", failure.expected);
        (failure.place.line, one_line(&why))
    });
    let troubles = case.troubles.iter().map(|trouble| {
        let line = trouble.place.as_ref().map_or(0, |place| place.line);
        (line, one_line(&trouble.message))
    });
    failures.chain(troubles).collect()
}

/// A text of someone else's in a comment.
pub fn one_line(text: &str) -> String {
    cut(&clean::line(text.lines().next().unwrap_or_default()), 240)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_cut_to_a_line_of_a_comment() {
        assert_eq!(
            one_line("a\u{1b}[31mb\u{7}\nmore"),
            clean::line("a\u{1b}[31mb\u{7}")
        );
        assert_eq!(one_line(""), "");
        let whole = "\u{e4}".repeat(240);
        assert_eq!(one_line(&whole), whole);
        assert_eq!(one_line(&format!("{whole}b")), format!("{whole}\u{2026}"));
    }
}
