//! Pages of metrics in the text format of Prometheus.
//!
//! What Prometheus itself would take is taken, and what its format rules out is said with its line:
//! a name that cannot be one, a value that is no number, a series or a type that stands there twice.
//! Pages in the format of `OpenMetrics` are read too.

mod line;

use std::collections::{HashMap, HashSet};

pub use line::{Labels, Series};

use crate::text::matcher::evident;

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Name and labels.
    pub series: Series,
    /// Its value; NaN and the infinities are values.
    pub value: f64,
}

/// What a page holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// Its figures in written order.
    pub samples: Vec<Sample>,
    /// Whether it ends with `# EOF`, as every page of `OpenMetrics` that is whole does.
    pub is_closed: bool,
}

/// Why a page is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// What is known while a page is read.
#[derive(Default)]
struct Reading<'a> {
    samples: Vec<Sample>,
    /// Series that were met, as text.
    met: HashSet<String>,
    /// Names that a sample was met of.
    named: HashSet<String>,
    helped: HashSet<&'a str>,
    types: HashMap<&'a str, &'a str>,
    /// Whether the page ends as one of `OpenMetrics` does.
    open: bool,
    ended: bool,
}

/// Types of both formats.
const TYPES: [&str; 9] = [
    "counter",
    "gauge",
    "histogram",
    "summary",
    "untyped",
    "unknown",
    "info",
    "stateset",
    "gaugehistogram",
];

impl Page {
    /// Reads a page, or says where it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, Wrong> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.split(|byte| *byte == b'\n').count();
            let why = "this is not UTF-8".to_owned();
            Wrong { line, why }
        })?;
        let mut reading = Reading {
            open: text.trim_end_matches('\n').ends_with("# EOF"),
            ..Reading::default()
        };
        for (at, line) in text.split('\n').enumerate() {
            let wrong = |why: String| Wrong {
                line: at + 1,
                why: evident(&why),
            };
            reading.line(line).map_err(wrong)?;
        }
        Ok(Self {
            samples: reading.samples,
            is_closed: reading.ended,
        })
    }
}

impl<'a> Reading<'a> {
    fn line(&mut self, line: &'a str) -> Result<(), String> {
        let line = line.trim_matches([' ', '\t']);
        if line.is_empty() {
            return Ok(());
        }
        if self.ended {
            return Err("something stands behind `# EOF`".to_owned());
        }
        match line.strip_prefix('#') {
            Some(comment) => self.comment(comment),
            None => self.sample(line),
        }
    }

    fn comment(&mut self, comment: &'a str) -> Result<(), String> {
        let mut words = comment.split([' ', '\t']).filter(|word| !word.is_empty());
        match words.next() {
            Some("EOF") if self.open && words.next().is_none() => {
                self.ended = true;
                Ok(())
            }
            Some("HELP") => {
                let name = named(words.next(), "HELP")?;
                match self.helped.insert(name) {
                    true => Ok(()),
                    false => Err(format!("a second HELP for `{name}`")),
                }
            }
            Some("TYPE") => {
                let name = named(words.next(), "TYPE")?;
                let kind = words.next().unwrap_or_default();
                if !TYPES.contains(&kind) || words.next().is_some() {
                    return Err(format!("`{name}` has a type that there is not: `{kind}`"));
                }
                if self.named.contains(name) {
                    return Err(format!("the TYPE of `{name}` comes behind a value of it"));
                }
                match self.types.insert(name, kind) {
                    None => Ok(()),
                    Some(_) => Err(format!("a second TYPE for `{name}`")),
                }
            }
            _ => Ok(()),
        }
    }

    fn sample(&mut self, line: &str) -> Result<(), String> {
        let (series, rest) = Series::read(line)?;
        let rest = match rest.find(" # {").filter(|_| self.open) {
            Some(exemplar) => rest.get(..exemplar).unwrap_or(rest),
            None => rest,
        };
        let mut words = rest.split([' ', '\t']).filter(|word| !word.is_empty());
        let value = words
            .next()
            .ok_or_else(|| format!("{series} has no value"))?;
        let number = |text: &str| text.parse::<f64>().ok();
        let value = number(value)
            .ok_or_else(|| format!("the value of {series} is no number: `{value}`"))?;
        if let Some(time) = words.next() {
            let right = match self.open {
                true => number(time).is_some_and(f64::is_finite),
                false => time.parse::<i64>().is_ok(),
            };
            if !right {
                return Err(format!("the time of {series} is none: `{time}`"));
            }
        }
        if words.next().is_some() {
            return Err(format!("too much stands behind the value of {series}"));
        }
        self.bounds(&series)?;
        if !self.met.insert(series.key()) {
            return Err(format!("{series} stands here twice"));
        }
        self.named.insert(series.name.clone());
        self.samples.push(Sample { series, value });
        Ok(())
    }

    /// Buckets and quantiles say of which bound they are.
    fn bounds(&self, series: &Series) -> Result<(), String> {
        let name = series.name.as_str();
        let of = |name: &str, kind: &str| self.types.get(name).is_some_and(|known| *known == kind);
        let bucket = name.strip_suffix("_bucket").filter(|n| of(n, "histogram"));
        let label = match bucket {
            Some(_) => "le",
            None if of(name, "summary") => "quantile",
            None => return Ok(()),
        };
        let bound = series.labels.get(label);
        match bound.map(str::parse::<f64>) {
            Some(Ok(_)) => Ok(()),
            Some(Err(_)) => Err(format!("the `{label}` of {series} is no number")),
            None => Err(format!("{series} lacks the label `{label}`")),
        }
    }
}

fn named<'a>(name: Option<&'a str>, of: &str) -> Result<&'a str, String> {
    match name {
        Some(name) if line::is_name(name, true) => Ok(name),
        Some(name) => Err(format!("`{name}` is not the name of a metric")),
        None => Err(format!("{of} without a name")),
    }
}

#[cfg(test)]
mod tests;
