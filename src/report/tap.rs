//! The report for what reads TAP, the Test Anything Protocol, version 14.

use serde_json::Value;

use super::human::told::Told;
use super::human::{closing, detail};
use super::{brief, clean, named, style};
use crate::run::outcome::{CaseOutcome, Outcome, Verdict};
use crate::text::source::Place;

/// With what every stream of this tool begins. A comment may stand there, and tells `report.tap` from what others write.
pub const HEAD: &str = "TAP version 14\n# made by seaworthy\n";

/// The whole stream: a test point for each case, and one for what kept the run itself from going well.
pub fn of(outcome: &Outcome) -> String {
    let besides = brief::besides(outcome);
    let all = outcome.cases.len() + besides.len();
    let mut text = format!("{HEAD}1..{all}");
    if all == 0 {
        text.push_str(" # SKIP no case was run");
    }
    text.push('\n');
    let case = |case: &CaseOutcome| {
        let name = clean::line(&format!("{}::{}", case.suite, case.name));
        (name, clean::line(named::file(case)))
    };
    let own = besides.iter().map(|beside| {
        let name = format!("seaworthy::{}", beside.name);
        (name, String::new())
    });
    let names: Vec<(String, String)> = outcome.cases.iter().map(case).chain(own).collect();
    let mut names = (1..).zip(named::apart(&names));
    for (case, (number, name)) in outcome.cases.iter().zip(&mut names) {
        text.push_str(&of_case(case, number, &name));
    }
    for (beside, (number, name)) in besides.iter().zip(&mut names) {
        let mut block = Block::new(beside.verdict.word());
        block.text("message", &beside.first());
        block.texts("details", beside.lines().iter().map(String::as_str));
        text.push_str(&format!("{}\n{}", point(false, number, &name), block.end()));
    }
    text
}

fn of_case(case: &CaseOutcome, number: usize, name: &str) -> String {
    let good = matches!(case.verdict, Verdict::Passed | Verdict::Skipped);
    let mut text = point(good, number, name);
    if case.verdict == Verdict::Skipped {
        let reason = clean::line(&brief::reason(case));
        text.push_str(format!(" # SKIP {reason}").trim_end());
    }
    text.push('\n');
    let mut block = Block::new(case.word());
    if case.is_open() {
        let found = case.as_found();
        block.text("message", first_line(&brief::reason(&found)));
        block.place(closing::place(&found));
    }
    if let Some(times) = case.times() {
        block.text("runs", &times);
    }
    block.plain("duration_ms", case.took.as_millis());
    let ids = case.verifies.iter().map(String::as_str);
    block.texts("requirements", ids);
    if let Some(image) = &case.image {
        block.text("image", image);
    }
    if case.is_open() {
        let detail = style::bare(&detail::of(case, &Told::default()));
        let detail = clean::ends(detail.trim_end());
        block.texts("details", detail.lines());
    }
    text + &block.end()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// `ok 1 - suite::case`; a number sign would begin a directive.
fn point(good: bool, number: usize, name: &str) -> String {
    let ok = if good { "ok" } else { "not ok" };
    let name = name.replace('\\', "\\\\").replace('#', "\\#");
    format!("{ok} {number} - {name}")
}

/// The YAML below a test point. Every text is quoted, so that none of them is taken for anything else.
struct Block(String);

impl Block {
    fn new(verdict: &str) -> Self {
        let mut block = Self("  ---\n".to_owned());
        block.plain("verdict", verdict);
        block
    }

    fn plain(&mut self, key: &str, value: impl std::fmt::Display) {
        self.0.push_str(&format!("  {key}: {value}\n"));
    }

    fn text(&mut self, key: &str, text: &str) {
        self.plain(key, quoted(text));
    }

    fn texts<'a>(&mut self, key: &str, texts: impl Iterator<Item = &'a str>) {
        let lines: Vec<String> = texts
            .map(|text| format!("    - {}\n", quoted(text)))
            .collect();
        if !lines.is_empty() {
            self.0.push_str(&format!("  {key}:\n{}", lines.concat()));
        }
    }

    fn place(&mut self, place: &Place) {
        self.0.push_str("  at:\n");
        self.plain("  file", quoted(&place.file));
        self.plain("  line", place.line);
        self.plain("  column", place.column);
    }

    fn end(self) -> String {
        self.0 + "  ...\n"
    }
}

/// As JSON writes it, which YAML reads too.
fn quoted(text: &str) -> String {
    Value::from(clean::line(text)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::tests::{flaky, poison, sample};

    #[test]
    fn a_whole_stream_reads_like_this() {
        insta::assert_snapshot!(of(&sample()));
    }

    #[test]
    fn whatever_a_container_says_there_are_as_many_points_as_planned_and_nothing_else() {
        let evil = "x # SKIP\n...\nok 9 - y\\\r\n1..7\nBail out! \u{1b}[2J\n::error::z \"";
        let outcome = serde_json::to_value(sample()).unwrap();
        let outcome: Outcome = serde_json::from_value(poison(outcome, evil)).unwrap();
        let text = of(&outcome);
        let points: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with("  "))
            .collect();
        let begins = [
            "TAP version 14",
            "# made by seaworthy",
            "1..6",
            "ok 1 -",
            "not ok 2 -",
            "not ok 3 -",
            "ok 4 -",
            "ok 5 -",
            "not ok 6 -",
        ];
        assert_eq!(points.len(), begins.len(), "{points:#?}");
        for (line, begin) in points.iter().zip(begins) {
            assert!(line.starts_with(begin), "{line}");
            // A directive is where a number sign is not escaped.
            assert_eq!(line.contains(" # SKIP"), begin == "ok 4 -", "{line}");
        }
        assert_eq!(text.matches("\n  ---\n").count(), 6);
        assert_eq!(text.matches("\n  ...\n").count(), 6);
        assert!(!text.contains(['\r', '\u{1b}']), "{text}");
    }

    #[test]
    fn no_two_points_have_one_name() {
        let mut outcome = sample();
        let mut other = outcome.cases[0].clone();
        other.suite_file = "other/run.yaml".to_owned();
        outcome.cases.push(other);
        let text = of(&outcome);
        let names = [
            "ok 1 - aisopod::the image is small and states its contract (suites/aisopod/run.yaml)\n",
            "ok 6 - aisopod::the image is small and states its contract (other/run.yaml)\n",
        ];
        assert!(names.iter().all(|name| text.contains(name)), "{text}");
    }

    #[test]
    fn what_is_flaky_is_good_and_says_what_was_found_first() {
        let text = of(&flaky());
        let first = text.split("not ok 2").next().unwrap();
        assert!(
            first.contains("ok 1 - aisopod::runs as its own user\n"),
            "{text}"
        );
        assert!(
            first.contains("verdict: flaky\n  message: \"whoami user: expected"),
            "{text}"
        );
        assert!(first.contains("runs: \"failed 1 of 2 times\""), "{text}");
    }

    #[test]
    fn a_run_without_cases_says_so() {
        let none = of(&Outcome::default());
        let said = "TAP version 14\n# made by seaworthy\n1..0 # SKIP no case was run\n";
        assert_eq!(none, said);
        let lost = Outcome::default().not_begun("no engine".to_owned());
        let text = of(&lost);
        assert!(
            text.contains("1..1\nnot ok 1 - seaworthy::the run itself\n"),
            "{text}"
        );
        assert!(text.contains("message: \"no engine\""), "{text}");
    }
}
