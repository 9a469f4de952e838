//! `metrics` of a request: what the figures of a page must be.

use serde_json::{Value as Json, json};

use crate::claim::Findings;
use crate::fact::metrics::{Page, Sample, Series};
use crate::text::matcher::bound::Bound;
use crate::text::matcher::{Miss, listed};
use crate::text::measured::Measured;
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

impl Measured for Figure {}

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
    /// Judges a page that was kept whole; `open` is one that its server says is of `OpenMetrics`.
    pub(super) fn judge(&self, span: Span, body: &[u8], open: bool, findings: &mut Findings) {
        let page = match Page::parse(body) {
            Ok(page) => page,
            Err(wrong) => {
                let miss = Miss::new(
                    "a page of metrics as Prometheus reads it",
                    match kind(body) {
                        Some(kind) => format!("a page of {kind}"),
                        None => wrong.to_string(),
                    },
                );
                return findings.check(span, "metrics", Some(miss));
            }
        };
        if open && !page.is_closed {
            let expected = "a page of OpenMetrics, which ends with `# EOF`";
            let miss = Miss::new(expected, "it ends without, as one that was cut off does");
            return findings.check(span, "metrics", Some(miss));
        }
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
                findings.check_with(span, name, Some(miss), self.beside(page));
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
    fn beside(&self, page: &Page) -> String {
        let name = self.wanted.series.name.as_str();
        let named = page.samples.iter().filter(|s| s.series.name == name);
        let same: Vec<String> = named.map(|s| s.series.to_string()).collect();
        if !same.is_empty() {
            let first: Vec<String> = same.iter().take(NAMED).cloned().collect();
            return format!("there is {}", listed(&first, "and"));
        }
        let mut names: Vec<&str> = page
            .samples
            .iter()
            .map(|s| s.series.name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        let parts: Vec<String> = names
            .iter()
            .filter(|known| known.starts_with(name))
            .take(NAMED)
            .map(|known| (*known).to_owned())
            .collect();
        if !parts.is_empty() {
            return format!("there is {}", listed(&parts, "and"));
        }
        match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => {
                let first: Vec<&str> = names.iter().copied().take(NAMED).collect();
                let more = match names.len().saturating_sub(first.len()) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                format!("the page has {}{more}", first.join(", "))
            }
        }
    }
}

/// What a page is rather than one of metrics.
fn kind(body: &[u8]) -> Option<&'static str> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace())?;
    match first {
        b'<' => Some("HTML or XML"),
        b'{' | b'[' => Some("JSON"),
        _ => None,
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
mod tests;
