//! The report for the test tabs of build servers: `junit.xml`.
//!
//! Nobody owns this format. What is written is what GitLab, Jenkins and the actions of GitHub all read.

mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::human::told::Told;
use super::human::{closing, detail};
use super::{brief, clean, json, named, style};
use crate::run::outcome::{CaseOutcome, Outcome, Verdict};
use xml::Element;

/// The whole file, of a run that began so many seconds after 1970 began.
pub fn of(outcome: &Outcome, started: Option<u64>) -> String {
    let mut suites: Vec<(&str, Vec<&CaseOutcome>)> = Vec::new();
    for case in &outcome.cases {
        match suites.iter_mut().find(|(name, _)| *name == case.suite) {
            Some((_, cases)) => cases.push(case),
            None => suites.push((&case.suite, vec![case])),
        }
    }
    let mut names = Names::default();
    let mut suites: Vec<Suite> = suites
        .into_iter()
        .map(|(name, cases)| Suite::of(name, &cases, started, &mut names))
        .collect();
    suites.extend(Suite::of_the_run(outcome, &mut names));
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
    fn of(name: &str, cases: &[&CaseOutcome], started: Option<u64>, names: &mut Names) -> Self {
        let count = |verdict| cases.iter().filter(|case| case.verdict == verdict).count();
        let (failures, errors) = (count(Verdict::Failed), count(Verdict::Errored));
        let took = cases.iter().map(|case| case.took);
        let took = took.fold(Duration::ZERO, Duration::saturating_add);
        let mut element = Element::new("testsuite")
            .with("name", &clean::free(&mut names.suites, &clean::line(name)))
            .with("tests", &cases.len().to_string())
            .with("failures", &failures.to_string())
            .with("errors", &errors.to_string())
            .with("skipped", &count(Verdict::Skipped).to_string())
            .with("time", &seconds(took));
        if let Some(started) = started {
            element = element.with("timestamp", &json::moment(started));
        }
        let own = cases.iter().map(|case| {
            let file = clean::line(named::file(case));
            (clean::line(&case.name), file)
        });
        let own = named::apart(&own.collect::<Vec<_>>());
        for (one, name) in cases.iter().zip(own) {
            element.push(case(one, &name, names));
        }
        Self {
            tests: cases.len(),
            failures,
            errors,
            element,
        }
    }

    /// What kept the run itself from going well, as a test that could not be told, and requirements that it
    /// lacks, as one that failed, since a build server shows tests and nothing else.
    fn of_the_run(outcome: &Outcome, names: &mut Names) -> Option<Self> {
        let suite = clean::free(&mut names.suites, "seaworthy");
        let mut tests = Vec::new();
        let mut counts = [0, 0];
        for beside in brief::besides(outcome) {
            let kind = match beside.verdict {
                Verdict::Errored => "error",
                _ => "failure",
            };
            let (name, of) = (beside.name, beside.of);
            let (first, lines) = (beside.first(), beside.lines());
            let mut why = Element::new(kind).with("message", &first).with("type", of);
            why.text(&lines.join("\n"));
            let mut test = Element::new("testcase")
                .with("classname", &suite)
                .with("name", &names.of_test(&suite, name))
                .with("time", "0.000");
            test.push(why);
            tests.push(test);
            counts[usize::from(kind == "error")] += 1;
        }
        let [failures, errors] = counts;
        let mut element = Element::new("testsuite")
            .with("name", &suite)
            .with("tests", &tests.len().to_string())
            .with("failures", &failures.to_string())
            .with("errors", &errors.to_string())
            .with("skipped", "0")
            .with("time", "0.000");
        let tests_count = tests.len();
        element.extend(tests);
        (tests_count > 0).then_some(Self {
            tests: tests_count,
            failures,
            errors,
            element,
        })
    }
}

/// Names that are taken: build servers tell tests apart by nothing else.
#[derive(Debug, Default)]
struct Names {
    suites: BTreeSet<String>,
    tests: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    /// The name of a test of that suite: suites that are shown as one may have tests that are, too.
    fn of_test(&mut self, suite: &str, name: &str) -> String {
        clean::free(self.tests.entry(suite.to_owned()).or_default(), name)
    }
}

fn case(case: &CaseOutcome, name: &str, names: &mut Names) -> Element {
    let suite = clean::line(&case.suite);
    let name = names.of_test(&suite, name);
    let at = closing::place(case);
    let mut element = Element::new("testcase")
        .with("classname", &suite)
        .with("name", &name)
        .with("file", &clean::line(&at.file))
        .with("line", &at.line.to_string())
        .with("time", &seconds(case.took));
    let mut properties = Element::new("properties");
    let named = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let ids = case.verifies.iter().map(|id| named("requirement", id));
    let image = case.image.iter().map(|image| named("image", image));
    let several = case.images.iter().filter(|_| case.images.len() > 1);
    let several = several.map(|one| {
        let key = format!("image of {}", one.service);
        (key, format!("{} ({})", one.name, one.id))
    });
    for (key, value) in ids.chain(image).chain(several) {
        let property = Element::new("property").with("name", &clean::line(&key));
        properties.push(property.with("value", &clean::line(&value)));
    }
    if !properties.is_empty() {
        element.push(properties);
    }
    element.extend(finding(case));
    element.extend(case.others().map(|other| again(&other, case.is_flaky())));
    element
}

/// What was found another time the case was run, as Maven writes it. Who does not know these elements sees a test
/// that passed, or that failed once.
fn again(other: &CaseOutcome, is_flaky: bool) -> Element {
    let kind = match (is_flaky, other.verdict) {
        (true, Verdict::Errored) => "flakyError",
        (true, _) => "flakyFailure",
        (false, Verdict::Errored) => "rerunError",
        (false, _) => "rerunFailure",
    };
    let of = other
        .failures
        .first()
        .map_or("could not tell", |failure| failure.claim.as_str());
    let reason = brief::reason(other);
    let mut element = Element::new(kind)
        .with(
            "message",
            &clean::line(reason.lines().next().unwrap_or_default()),
        )
        .with("type", &clean::line(of));
    let mut trace = Element::new("stackTrace");
    trace.text(&text(other));
    element.push(trace);
    element
}

/// All that is to be said of a case, for people.
fn text(case: &CaseOutcome) -> String {
    let text = style::bare(&detail::of(case, &Told::default()));
    format!("\n{}\n", clean::ends(text.trim_end()))
}

/// What is to be said of a case that did not pass.
fn finding(case: &CaseOutcome) -> Option<Element> {
    let (kind, message, of) = match case.verdict {
        Verdict::Passed => return None,
        Verdict::Skipped => ("skipped", case.skip.clone().unwrap_or_default(), None),
        Verdict::Failed => {
            let of = case.failures.first().map(|failure| failure.claim.clone());
            ("failure", brief::reason(case), of)
        }
        Verdict::Errored => {
            let of = "could not tell".to_owned();
            ("error", brief::reason(case), Some(of))
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
        element.text(&text(case));
    }
    Some(element)
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::tests::{flaky, poison, sample};
    use crate::run::outcome::Evidence;

    #[test]
    fn a_whole_report_reads_like_this() {
        insta::assert_snapshot!(of(&sample(), Some(0)));
    }

    /// That it is XML, that no two tests have one name, and that counts agree; gives class names and names.
    fn checked(text: &str) -> Vec<(String, String)> {
        let document = roxmltree::Document::parse(text).unwrap();
        let named = |name: &'static str| {
            let nodes = document.descendants();
            nodes.filter(move |node| node.has_tag_name(name))
        };
        let (mut suites, mut tests) = (BTreeSet::new(), BTreeSet::new());
        let mut order = Vec::new();
        for suite in named("testsuite") {
            let name = suite.attribute("name").unwrap();
            assert!(suites.insert(name), "two suites are called {name}");
            for (kind, attribute) in [
                ("testcase", "tests"),
                ("failure", "failures"),
                ("error", "errors"),
                ("skipped", "skipped"),
            ] {
                let of = suite.descendants().filter(|node| node.has_tag_name(kind));
                let of = of.count().to_string();
                assert_eq!(suite.attribute(attribute).unwrap(), of, "{attribute}");
            }
        }
        for test in named("testcase") {
            let of = |part| test.attribute(part).unwrap().to_owned();
            let name = (of("classname"), of("name"));
            assert!(tests.insert(name.clone()), "two tests are called {name:?}");
            order.push(name);
        }
        let root = document.root_element();
        for (kind, attribute) in [("failure", "failures"), ("error", "errors")] {
            let of = named(kind).count().to_string();
            assert_eq!(root.attribute(attribute).unwrap(), of, "{attribute}");
        }
        order
    }

    #[test]
    fn times_that_no_number_holds_together_are_as_long_as_can_be() {
        let mut outcome = sample();
        for case in &mut outcome.cases {
            case.took = Duration::MAX;
        }
        let text = of(&outcome, Some(0));
        checked(&text);
        let longest = format!("time=\"{}\"", seconds(Duration::MAX));
        assert!(
            text.matches(&longest).count() > outcome.cases.len(),
            "{text}"
        );
    }

    #[test]
    fn whatever_a_container_says_the_file_is_xml() {
        let evil = "]]><x a=\"'&\u{0}\u{1b}[2J\u{fffe}\r\n::error::\u{d7ff}";
        let outcome = serde_json::to_value(sample()).unwrap();
        let outcome: Outcome = serde_json::from_value(poison(outcome, evil)).unwrap();
        let text = of(&outcome, Some(0));
        assert_eq!(checked(&text).len(), outcome.cases.len() + 1);
        let document = roxmltree::Document::parse(&text).unwrap();
        assert!(!document.descendants().any(|node| node.has_tag_name("x")));
    }

    #[test]
    fn tests_of_suites_of_one_name_are_told_apart() {
        let mut outcome = sample();
        // A case of a fragment that each of them includes stands at the same place in all.
        for file in ["a.yaml", "b.yaml", "b.yaml"] {
            let mut again = outcome.cases[1].clone();
            again.suite_file = file.to_owned();
            outcome.cases.push(again);
        }
        let mut ours = outcome.cases[0].clone();
        ours.suite = "seaworthy".to_owned();
        ours.name = "the run itself".to_owned();
        outcome.cases.push(ours);
        let all = checked(&of(&outcome, None));
        let names: Vec<&str> = all[1..].iter().map(|(_, name)| name.as_str()).collect();
        let expected = [
            "runs as its own user (a.yaml)",
            "runs as its own user (b.yaml)",
            "runs as its own user (b.yaml) (2)",
        ];
        for name in expected {
            assert!(names.contains(&name), "{name} in {names:?}");
        }
        assert_eq!(all.last().unwrap().0, "seaworthy (2)");
    }

    #[test]
    fn what_was_found_another_time_is_written_as_maven_does() {
        let mut outcome = flaky();
        let text = of(&outcome, None);
        checked(&text);
        let document = roxmltree::Document::parse(&text).unwrap();
        let below = |name: &str| -> Vec<String> {
            let test = |node: &roxmltree::Node<'_, '_>| node.attribute("name") == Some(name);
            let test = document.descendants().find(test).unwrap();
            let kinds = test.children().filter(roxmltree::Node::is_element);
            kinds
                .map(|node| node.tag_name().name().to_owned())
                .collect()
        };
        assert_eq!(
            below("runs as its own user"),
            ["properties", "flakyFailure"]
        );
        assert_eq!(
            below("never runs as its own user"),
            ["properties", "failure", "rerunFailure"]
        );
        let trace = document
            .descendants()
            .find(|node| node.has_tag_name("stackTrace"));
        assert!(
            trace
                .unwrap()
                .text()
                .unwrap()
                .contains("actual    root (0)"),
            "{text}"
        );
        outcome.strict = true;
        assert_eq!(
            checked(&of(&outcome, None)).pop().unwrap().1,
            "no case is flaky"
        );
    }

    #[test]
    fn requirements_that_are_lacking_are_a_test_that_failed() {
        let mut outcome = sample();
        outcome.require_all = true;
        let text = of(&outcome, None);
        let last = checked(&text).pop().unwrap();
        assert_eq!(last.1, "all requirements are verified");
        assert!(
            text.contains("requirements.yaml:4: A6 is skipped"),
            "{text}"
        );
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
        assert!(text.len() < 2 * clean::ENDS, "{}", text.len());
        for kept in ["whoami", "are left out here", "log 8"] {
            assert!(text.contains(kept), "{kept}");
        }
        assert!(!text.contains("log 3"));
    }
}
