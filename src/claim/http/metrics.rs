//! `metrics` of a request: what the figures of a page must be.

use serde_json::{Value as Json, json};

use crate::claim::Findings;
use crate::fact::metrics::{Page, Sample, Series};
use crate::text::matcher::bound::Bound;
use crate::text::matcher::{Miss, listed};
use crate::text::near::nearest;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::{Entry, Node};

/// Series that a message names.
const NAMED: usize = 5;

/// A figure of a metrics page.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Figure(f64);

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            value if value == f64::INFINITY => f.write_str("+Inf"),
            value if value == f64::NEG_INFINITY => f.write_str("-Inf"),
            value if value != 0.0 && !(1e-6..1e15).contains(&value.abs()) => {
                write!(f, "{value:e}")
            }
            value => write!(f, "{value}"),
        }
    }
}

impl Read for Figure {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let number = node.text().and_then(|text| text.parse::<f64>().ok());
        let number = number.filter(|number| !number.is_nan()).map(Self);
        number.or_else(|| reader.wrong(node, "a number such as 3, 0.5 or +Inf"))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": ["number", "string"] })
    }
}

/// Which figures are meant.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    /// Their name, and labels that they have among others.
    series: Series,
    /// Whether it is their sum that counts.
    sum: bool,
}

impl Wanted {
    /// `name`, `name{label="value"}`, and either in `sum(…)`.
    fn parse(text: &str) -> Result<Self, String> {
        let inner = text.strip_prefix("sum(").and_then(|t| t.strip_suffix(')'));
        let (series, rest) = Series::read(inner.unwrap_or(text).trim())?;
        match rest.trim() {
            "" => Ok(Self {
                series,
                sum: inner.is_some(),
            }),
            rest => Err(format!("`{rest}` stands behind the name of a metric")),
        }
    }
}

/// What the figures of a page must be; `None` where none of the name may be there.
#[derive(Debug, Clone)]
pub struct MetricsMatch(Vec<Expected>);

#[derive(Debug, Clone)]
struct Expected {
    name: Spanned<String>,
    wanted: Wanted,
    bound: Option<Bound<Figure>>,
}

impl Read for MetricsMatch {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(entries) = node.entries().filter(|entries| !entries.is_empty()) else {
            return reader.wrong(node, "a map of names, such as `{ up: 1 }`");
        };
        let read: Vec<Option<Expected>> = entries.iter().map(|e| expected(e, reader)).collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let bound = Bound::<Figure>::schema(schemas);
        let each = json!({ "anyOf": [bound, { "type": "null" }] });
        json!({ "type": "object", "minProperties": 1, "additionalProperties": each })
    }
}

fn expected(entry: &Entry, reader: &mut Reader) -> Option<Expected> {
    let name = entry.key.clone();
    let wanted = Wanted::parse(&name.value).map_err(|why| {
        let said = reader.say(name.span, why);
        said.help("write `name`, `name{label=\"value\"}` or `sum(name)`");
    });
    let bound = match entry.value.is_null() {
        true => Some(None),
        false => Bound::read(&entry.value, reader).map(Some),
    };
    Some(Expected {
        name,
        wanted: wanted.ok()?,
        bound: bound?,
    })
}

impl MetricsMatch {
    /// Judges a page that was kept whole.
    pub(super) fn judge(&self, span: Span, body: &[u8], findings: &mut Findings) {
        let page = match Page::parse(body) {
            Ok(page) => page,
            Err(wrong) => {
                let miss = Miss::new(
                    "a page of metrics as Prometheus reads it",
                    wrong.to_string(),
                );
                return findings.check(span, "metrics", Some(miss));
            }
        };
        // Of a page without any, nothing follows from one that is not there.
        if page.samples.is_empty() {
            let miss = Miss::new("a page with metrics", "none is on it");
            return findings.check(span, "metrics", Some(miss));
        }
        for expected in &self.0 {
            expected.judge(&page, findings);
        }
    }
}

impl Expected {
    fn judge(&self, page: &Page, findings: &mut Findings) {
        let (span, name) = (self.name.span, self.name.value.as_str());
        let series = &self.wanted.series;
        let of = |sample: &&Sample| sample.series.is_of(series);
        let found: Vec<&Sample> = page.samples.iter().filter(of).collect();
        match (&self.bound, found.as_slice()) {
            (None, []) => findings.saw(format!("no {name}")),
            (None, [first, ..]) => {
                let actual = format!("{} {}", first.series, Figure(first.value));
                let miss = Miss::new("not there", actual);
                findings.check(span, name, Some(miss));
            }
            (Some(bound), []) => {
                let miss = Miss::new(bound.expected(), "not there");
                match self.beside(page) {
                    Some(note) => findings.check_with(span, name, Some(miss), note),
                    None => findings.check(span, name, Some(miss)),
                }
            }
            (Some(bound), all) if self.wanted.sum => {
                let sum = all.iter().map(|sample| sample.value).sum();
                let what = format!("{} of {}", name, counted(all.len()));
                findings.compare(span, what, miss(bound, sum), Figure(sum));
            }
            (Some(bound), all) => {
                let missed = |sample: &&&Sample| miss(bound, sample.value).is_some();
                let (bad, good): (Vec<&Sample>, Vec<&Sample>) =
                    all.iter().partition(|sample| missed(sample));
                for sample in bad.iter().take(NAMED).chain(good.iter().take(NAMED)) {
                    let (what, value) = (sample.series.to_string(), sample.value);
                    findings.compare(span, what, miss(bound, value), Figure(value));
                }
                self.note(bad.len(), all.len(), findings);
            }
        }
    }

    /// Says behind the misses of several series what may have been meant.
    fn note(&self, missed: usize, all: usize, findings: &mut Findings) {
        if missed == 0 || all == 1 {
            return;
        }
        let Some(last) = findings.misses.last_mut() else {
            return;
        };
        let name = &self.wanted.series.name;
        let mut note =
            format!("{missed} of the {all} series of {name} are not as expected, and each must be");
        note.push_str(
            "; `sum(…)` judges their sum, and labels choose some: `name{label=\"value\"}`",
        );
        last.notes.push(note);
    }

    /// What is there in place of what is not.
    fn beside(&self, page: &Page) -> Option<String> {
        let name = self.wanted.series.name.as_str();
        let named = page.samples.iter().filter(|s| s.series.name == name);
        let same: Vec<String> = named.map(|s| s.series.to_string()).collect();
        if !same.is_empty() {
            let first: Vec<String> = same.iter().take(NAMED).cloned().collect();
            return Some(format!("there is {}", listed(&first, "and")));
        }
        let mut names: Vec<&str> = page
            .samples
            .iter()
            .map(|s| s.series.name.as_str())
            .collect();
        names.dedup();
        let parts: Vec<String> = names
            .iter()
            .filter(|known| known.starts_with(name))
            .take(NAMED)
            .map(|known| (*known).to_owned())
            .collect();
        if !parts.is_empty() {
            return Some(format!("there is {}", listed(&parts, "and")));
        }
        let near = nearest(name, names.iter().copied())?;
        Some(format!("there is {near}"))
    }
}

fn miss(bound: &Bound<Figure>, value: f64) -> Option<Miss> {
    // NaN says that nothing was measured: it is not less, not more, and also not merely another.
    match value.is_nan() {
        true => Some(Miss::new(bound.expected(), "NaN")),
        false => bound.miss(&Figure(value)),
    }
}

fn counted(series: usize) -> String {
    match series {
        1 => "one series".to_owned(),
        more => format!("{more} series"),
    }
}

#[cfg(test)]
mod tests {
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
            ("{ upp: 1 }", "there is up"),
            (
                "{ took: { above: 0 } }",
                "there is took_bucket, took_sum and took_count",
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
}
