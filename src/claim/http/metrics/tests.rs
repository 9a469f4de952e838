//! Figures as they were on recorded pages.

use crate::claim::trial::{judged, misses, refused};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::http::{Outcome, Response};
use crate::fact::question::Question;

const PAGE: &str = "# TYPE requests_total counter\n\
    requests_total{method=\"GET\",code=\"200\"} 5\n\
    requests_total{method=\"POST\",code=\"200\"} 0\n\
    up 1\n\
    depth NaN\n\
    took_bucket{le=\"+Inf\"} 3\n\
    took_sum 0.25\n\
    took_count 3\n";

fn page(text: &str) -> impl Fn(&Question) -> Fact + use<> {
    let body = Blob::whole(text);
    move |_| {
        Fact::Http(Outcome::Answered(Response {
            url: "http://app/metrics".to_owned(),
            status: 200,
            headers: Vec::new(),
            body: body.clone(),
            micros: 1,
        }))
    }
}

fn with(rules: &str) -> String {
    format!("{{ url: 'http://app/metrics', metrics: {rules} }}")
}

fn said(rules: &str) -> Vec<String> {
    misses("http", &with(rules), page(PAGE))
}

#[test]
fn figures_are_found_by_name_and_labels() {
    for holds in [
        "{ up: 1 }",
        "{ 'requests_total{method=\"GET\"}': 5 }",
        "{ 'requests_total{code=\"200\", method=\"GET\"}': { at_least: 5, below: 6 } }",
        "{ requests_total: { at_least: 0 } }",
        "{ sum(requests_total): 5 }",
        "{ 'sum(requests_total{method=\"POST\"})': 0 }",
        "{ took_sum: 0.25, took_count: 3, 'took_bucket{le=\"+Inf\"}': 3 }",
        "{ errors_total: null, 'requests_total{code=\"500\"}': null }",
    ] {
        assert_eq!(said(holds), [""; 0], "{holds}");
    }
}

#[test]
fn each_series_of_a_name_must_be_as_expected() {
    let said = said("{ requests_total: { at_least: 1 } }");
    assert_eq!(said.len(), 1, "{said:?}");
    let line = "requests_total{method=\"POST\",code=\"200\"}: expected at least 1, actual 0";
    assert!(said[0].starts_with(line), "{said:?}");
    assert!(said[0].contains("1 of the 2 series"), "{said:?}");
}

#[test]
fn what_is_not_there_is_no_figure() {
    for (rules, says) in [
        ("{ down: 0 }", "down: expected 0, actual not there"),
        ("{ upp: 1 }", " | did you mean up?"),
        (
            "{ down: 0 }",
            " | the page has depth, requests_total, took_bucket, took_count, took_sum and 1 more",
        ),
        (
            "{ took: { above: 0 } }",
            "there is took_bucket, took_count and took_sum",
        ),
        (
            "{ 'requests_total{code=\"500\"}': 0 }",
            "there is requests_total{method",
        ),
        ("{ sum(errors_total): 0 }", "actual not there"),
        ("{ up: null }", "up: expected not there, actual up 1"),
        ("{ up: 2 }", "up: expected 2, actual 1"),
        (
            "{ sum(requests_total): 6 }",
            "sum(requests_total) of 2 series: expected 6, actual 5",
        ),
    ] {
        let said = said(rules);
        assert!(
            said.len() == 1 && said[0].contains(says),
            "{rules}: {said:?}"
        );
    }
}

#[test]
fn nan_is_never_as_expected() {
    for rule in [
        "0",
        "{ not: 0 }",
        "{ below: 1 }",
        "{ at_least: 0 }",
        "{ above: 0 }",
    ] {
        let said = said(&format!("{{ depth: {rule} }}"));
        assert!(said[0].contains("actual NaN"), "{rule}: {said:?}");
    }
}

#[test]
fn a_page_that_is_none_fails_with_the_line() {
    for (text, says) in [
        ("up 1\n<html>\n", "actual line 2: `<html>` is not the name"),
        ("<!doctype html>\n", "actual a page of HTML or XML"),
        ("\n{ \"up\": 1 }", "actual a page of JSON"),
        ("", "actual none is on it"),
        ("# nothing\n", "actual none is on it"),
    ] {
        for rules in ["{ up: 1 }", "{ errors_total: null }"] {
            let said = misses("http", &with(rules), page(text));
            assert!(
                said.len() == 1 && said[0].contains(says),
                "{text}: {said:?}"
            );
        }
    }
}

#[test]
fn a_page_of_openmetrics_that_lacks_its_end_is_none() {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let of = |kind: &str, text: &str| {
        let Fact::Http(Outcome::Answered(mut response)) = page(text)(&Question::Image) else {
            unreachable!()
        };
        response.headers = vec![("content-type".to_owned(), kind.to_owned())];
        let fact = Fact::Http(Outcome::Answered(response));
        misses("http", &with("{ up: 1, down_total: null }"), move |_| {
            fact.clone()
        })
    };
    assert_eq!(of(kind, "up 1\n# EOF\n"), [""; 0]);
    assert_eq!(of("text/plain; version=0.0.4", "up 1\n"), [""; 0]);
    let said = of(kind, "up 1\n");
    assert!(said[0].contains("as one that was cut off does"), "{said:?}");
}

#[test]
fn of_a_page_that_was_cut_nothing_is_known() {
    let cut = |_: &Question| {
        let Fact::Http(Outcome::Answered(mut response)) = page(PAGE)(&Question::Image) else {
            unreachable!()
        };
        response.body.total += 1;
        Fact::Http(Outcome::Answered(response))
    };
    let findings = judged("http", &with("{ errors_total: null }"), cut);
    assert!(findings.misses.is_empty() && findings.unseen[0].contains("were kept"));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (rules, says) in [
        ("{}", "a map of names"),
        ("{ 9a: 1 }", "`9a` is not the name of a metric"),
        ("{ 'a{b': 1 }", "do not end with"),
        ("{ 'a b': 1 }", "`b` stands behind the name"),
        ("{ max(a): 1 }", "`max(a)` is not the name"),
        ("{ a: one }", "expected a number"),
        ("{ a: NaN }", "expected a number"),
        ("{ a: {} }", "bounds"),
    ] {
        let said = refused("http", &with(rules));
        assert!(said.contains(says), "{rules}: {said}");
    }
    let said = refused(
        "http",
        "{ url: 'http://app/', fails: any, metrics: { a: 1 } }",
    );
    assert!(
        said.contains("`metrics` says something of an answer"),
        "{said}"
    );
}
