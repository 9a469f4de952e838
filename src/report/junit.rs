//! The report for the test tabs of build servers: `junit.xml`.
//!
//! Nobody owns this format. What is written is what GitLab, Jenkins and the actions of GitHub all read.

mod xml;

use std::collections::BTreeSet;

use super::human::told::Told;
use super::human::{closing, detail};
use super::{clean, json, style};
use crate::run::outcome::{CaseOutcome, Outcome, Verdict};
use xml::Element;

/// How much of a text is kept of its beginning and of its end.
const HEAD: usize = 16 << 10;
const TAIL: usize = 48 << 10;

/// The whole file, of a run that began so many seconds after 1970 began.
pub fn of(outcome: &Outcome, started: Option<u64>) -> String {
    let mut suites: Vec<(&str, Vec<&CaseOutcome>)> = Vec::new();
    for case in &outcome.cases {
        match suites.iter_mut().find(|(name, _)| *name == case.suite) {
            Some((_, cases)) => cases.push(case),
            None => suites.push((&case.suite, vec![case])),
        }
    }
    let mut names = BTreeSet::new();
    let mut suites: Vec<Suite> = suites
        .into_iter()
        .map(|(name, cases)| Suite::of(name, &cases, started, &mut names))
        .collect();
    suites.extend(Suite::of_the_run(outcome));
    let sum = |count: fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>().to_string();
    let mut whole = Element::new("testsuites")
        .with("name", "seaworthy")
        .with("tests", &sum(|suite| suite.tests))
        .with("failures", &sum(|suite| suite.failures))
        .with("errors", &sum(|suite| suite.errors))
        .with("time", &seconds(outcome.took));
    for suite in suites {
        whole.push(suite.element);
    }
    xml::document(&whole)
}

struct Suite {
    tests: usize,
    failures: usize,
    errors: usize,
    element: Element,
}

impl Suite {
    fn of(
        name: &str,
        cases: &[&CaseOutcome],
        started: Option<u64>,
        names: &mut BTreeSet<(String, String)>,
    ) -> Self {
        let count = |verdict| cases.iter().filter(|case| case.verdict == verdict).count();
        let (failures, errors) = (count(Verdict::Failed), count(Verdict::Errored));
        let took = cases.iter().map(|case| case.took).sum();
        let mut element = Element::new("testsuite")
            .with("name", &clean::line(name))
            .with("tests", &cases.len().to_string())
            .with("failures", &failures.to_string())
            .with("errors", &errors.to_string())
            .with("skipped", &count(Verdict::Skipped).to_string())
            .with("time", &seconds(took));
        if let Some(started) = started {
            element = element.with("timestamp", &json::moment(started));
        }
        for one in cases {
            element.push(case(one, names));
        }
        Self {
            tests: cases.len(),
            failures,
            errors,
            element,
        }
    }

    /// What kept the run itself from going well, as a test that could not be told, since a build server
    /// shows tests and nothing else.
    fn of_the_run(outcome: &Outcome) -> Option<Self> {
        let said = outcome
            .troubles
            .iter()
            .map(|trouble| trouble.message.clone());
        let given_up = closing::given_up(outcome);
        let said: Vec<String> = said.chain(given_up).collect();
        let first = said.first()?;
        let text: Vec<String> = said.iter().flat_map(|one| clean::lines(one, 100)).collect();
        let mut error = Element::new("error")
            .with(
                "message",
                &clean::line(first.lines().next().unwrap_or_default()),
            )
            .with("type", "run");
        error.text(&text.join("\n"));
        let mut test = Element::new("testcase")
            .with("classname", "seaworthy")
            .with("name", "the run itself")
            .with("time", "0.000");
        test.push(error);
        let mut element = Element::new("testsuite")
            .with("name", "seaworthy")
            .with("tests", "1")
            .with("failures", "0")
            .with("errors", "1")
            .with("skipped", "0")
            .with("time", "0.000");
        element.push(test);
        Some(Self {
            tests: 1,
            failures: 0,
            errors: 1,
            element,
        })
    }
}

fn case(case: &CaseOutcome, names: &mut BTreeSet<(String, String)>) -> Element {
    let (suite, mut name) = (clean::line(&case.suite), clean::line(&case.name));
    let at = closing::place(case);
    if !names.insert((suite.clone(), name.clone())) {
        // Two files may call their suite the same.
        name = format!(
            "{name} ({}:{})",
            clean::line(&case.place.file),
            case.place.line
        );
        names.insert((suite.clone(), name.clone()));
    }
    let mut element = Element::new("testcase")
        .with("classname", &suite)
        .with("name", &name)
        .with("file", &clean::line(&at.file))
        .with("line", &at.line.to_string())
        .with("time", &seconds(case.took));
    let mut properties = Element::new("properties");
    let ids = case.verifies.iter().map(|id| ("requirement", id));
    let image = case.image.iter().map(|image| ("image", image));
    for (key, value) in ids.chain(image) {
        let value = clean::line(value);
        properties.push(
            Element::new("property")
                .with("name", key)
                .with("value", &value),
        );
    }
    if !properties.is_empty() {
        element.push(properties);
    }
    element.extend(finding(case));
    element
}

/// What is to be said of a case that did not pass.
fn finding(case: &CaseOutcome) -> Option<Element> {
    let (kind, message, of) = match case.verdict {
        Verdict::Passed => return None,
        Verdict::Skipped => ("skipped", case.skip.clone().unwrap_or_default(), None),
        Verdict::Failed => {
            let first = case.failures.first();
            let said = first.map(|failure| {
                let what = [failure.claim.as_str(), failure.what.as_str()].join(" ");
                let (expected, actual) = (&failure.expected, &failure.actual);
                format!("{}: expected {expected}, actual {actual}", what.trim_end())
            });
            let of = first.map(|failure| failure.claim.clone());
            ("failure", said.unwrap_or_default(), of)
        }
        Verdict::Errored => {
            let first = case.troubles.first().map(|trouble| trouble.message.clone());
            (
                "error",
                first.unwrap_or_default(),
                Some("could not tell".to_owned()),
            )
        }
    };
    let mut element = Element::new(kind).with(
        "message",
        &clean::line(message.lines().next().unwrap_or_default()),
    );
    if let Some(of) = of {
        element = element.with("type", &clean::line(&of));
    }
    if case.verdict != Verdict::Skipped {
        let text = style::bare(&detail::of(case, &Told::default()));
        element.text(&format!("\n{}\n", bounded(text.trim_end())));
    }
    Some(element)
}

/// A text of which the middle is left out where it is too long for a build server.
fn bounded(text: &str) -> String {
    if text.len() <= HEAD + TAIL {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(HEAD);
    let tail = text.ceil_char_boundary(text.len() - TAIL);
    let left = text[head..tail].len();
    format!(
        "{}\n… ({left} bytes are left out here, report.json has them) …\n{}",
        &text[..head],
        &text[tail..]
    )
}

fn seconds(time: std::time::Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::tests::{poison, sample};
    use crate::run::outcome::Evidence;

    #[test]
    fn a_whole_report_reads_like_this() {
        insta::assert_snapshot!(of(&sample(), Some(0)));
    }

    #[test]
    fn whatever_a_container_says_the_file_is_xml() {
        let evil = "]]><x a=\"'&\u{0}\u{1b}[2J\u{fffe}\r\n::error::\u{d7ff}";
        let outcome = serde_json::to_value(sample()).unwrap();
        let outcome: Outcome = serde_json::from_value(poison(outcome, evil)).unwrap();
        let text = of(&outcome, Some(0));
        let document = roxmltree::Document::parse(&text).unwrap();
        let tests = document
            .descendants()
            .filter(|node| node.has_tag_name("testcase"));
        assert_eq!(tests.count(), outcome.cases.len() + 1);
        assert!(!document.descendants().any(|node| node.has_tag_name("x")));
    }

    #[test]
    fn names_are_told_apart_and_counts_agree() {
        let mut outcome = sample();
        let mut again = outcome.cases[1].clone();
        again.place.file = "other.yaml".into();
        outcome.cases.push(again);
        let text = of(&outcome, None);
        let document = roxmltree::Document::parse(&text).unwrap();
        let mut names = BTreeSet::new();
        for suite in document
            .descendants()
            .filter(|node| node.has_tag_name("testsuite"))
        {
            let tests = suite
                .children()
                .filter(|node| node.has_tag_name("testcase"));
            assert_eq!(suite.attribute("tests").unwrap(), tests.count().to_string());
            for (kind, attribute) in [
                ("failure", "failures"),
                ("error", "errors"),
                ("skipped", "skipped"),
            ] {
                let of = suite
                    .descendants()
                    .filter(|node| node.has_tag_name(kind))
                    .count();
                assert_eq!(suite.attribute(attribute).unwrap(), of.to_string());
            }
        }
        for test in document
            .descendants()
            .filter(|node| node.has_tag_name("testcase"))
        {
            let name = ["classname", "name"].map(|part| test.attribute(part).unwrap());
            assert!(names.insert(name), "{name:?}");
        }
        let root = document.root_element();
        assert_eq!(root.attribute("failures"), Some("2"));
        assert_eq!(root.attribute("errors"), Some("2"));
    }

    #[test]
    fn of_a_long_text_both_ends_are_kept() {
        let mut outcome = sample();
        let lines = (0..40).map(|n| format!("{n}{}", "é".repeat(400 + n)));
        let block = |n: usize| Evidence {
            title: format!("log {n}"),
            lines: lines.clone().collect(),
        };
        outcome.cases[1].evidence = (0..9).map(block).collect();
        let text = of(&outcome, None);
        assert!(text.len() < 2 * (HEAD + TAIL), "{}", text.len());
        for kept in ["whoami", "are left out here", "log 8"] {
            assert!(text.contains(kept), "{kept}");
        }
        assert!(!text.contains("log 3"));
    }
}
