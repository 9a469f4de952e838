//! `logs`: what the container wrote.

mod line;

use serde_json::Value as Json;

use super::{Finding, Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::log::{Log, Stream};
use crate::fact::question::Question;
use crate::text::cut::LEFT_OUT;
use crate::text::matcher::bound::Bound;
use crate::text::matcher::json::halves::paired;
use crate::text::matcher::texts::{Pattern, differ};
use crate::text::matcher::{Miss, evident, listed, quote};
use crate::text::read::{OneOrMany, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;
use crate::{record, words};
use line::{OneLine, Unwanted};

words! {
    /// What a line is.
    pub enum LineForm {
        /// A JSON object.
        Json = "json",
    }
}

record! {
    /// What the container wrote, line by line.
    pub struct LogsFields (short contains) {
        /// Some line holds this text; of a list, each text is in some line.
        contains: OneOrMany<Spanned<OneLine>>,
        /// Some line matches this regular expression; of a list, each is matched by some line.
        matches: OneOrMany<Spanned<Pattern>>,
        /// No line holds this text, or is as these rules say; of a list, none of them.
        not: OneOrMany<Spanned<Unwanted>>,
        /// What each line is: `json`, an object. A container that wrote nothing fails.
        every_line: Option<Spanned<LineForm>>,
        /// How many lines there are that hold all of `contains` and match all of `matches`.
        count: Option<Spanned<Bound<u64>>>,
        /// The one stream that is looked at; both are without it.
        stream: Option<Stream>,
    }
}

/// What the container wrote.
#[derive(Debug, Clone)]
pub struct Logs(LogsFields);

/// Lines that a failure shows.
const SHOWN: usize = 10;

impl Read for Logs {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = LogsFields::read(node, reader)?;
        let LogsFields {
            contains: OneOrMany(contains),
            matches: OneOrMany(matches),
            not: OneOrMany(not),
            every_line,
            count,
            stream: _,
        } = &fields;
        let silent = contains.is_empty()
            && matches.is_empty()
            && not.is_empty()
            && every_line.is_none()
            && count.is_none();
        if silent {
            let message = "this says nothing of what is written";
            let help = "say one of contains, matches, not, every_line and count";
            reader.say(node.span, message).help(help);
            return None;
        }
        Some(Self(fields))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        LogsFields::schema(schemas)
    }
}

impl Judge for Logs {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Log]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let log = seen.log()?;
        let lines: Vec<&str> = log
            .lines
            .iter()
            .filter(|line| self.0.stream.is_none_or(|stream| line.stream == stream))
            .map(|line| line.text.as_str())
            .collect();
        let (first, sure) = (findings.misses.len(), findings.seen.len());
        let open = self.0.compare(&lines, log.cut, findings);
        if log.cut && open && findings.misses.len() == first {
            findings.seen.truncate(sure);
            let why = format!(
                "the container wrote so much that only its last {} lines were kept, and this claim is about all",
                log.lines.len()
            );
            return Err(Blocked::Unseen(why));
        }
        let mut notes = self.evidence(log, &lines);
        let quoted = |one: &Finding| one.miss.actual.starts_with("line 1: ");
        // The only line that there is need not be told twice.
        if let ([only], true) = (&lines[..], findings.misses[first..].iter().any(quoted)) {
            notes.retain(|note| *note != evident(only));
        }
        if let Some(last) = findings.misses[first..].last_mut() {
            last.notes.extend(notes);
        }
        Ok(())
    }
}

impl LogsFields {
    /// Compares; says whether lines that were not kept could change the verdict.
    fn compare(&self, lines: &[&str], cut: bool, findings: &mut Findings) -> bool {
        let mut open = false;
        let first = findings.misses.len();
        match &self.count {
            Some(count) => {
                self.compare_count(count, lines, findings);
                open = true;
            }
            None => open |= self.look_for(lines, findings),
        }
        if cut {
            // What is not among the lines that were kept may be among the others.
            findings.misses.truncate(first);
        }
        for unwanted in &self.not.0 {
            let met = lines.iter().zip(1..).find(|(l, _)| unwanted.value.holds(l));
            let miss = met.map(|(line, number)| {
                Miss::new(
                    format!("no line {}", unwanted.value.words()),
                    format!("line {number}: {}", unwanted.value.shown(line)),
                )
            });
            let none = format!("{} in none of {}", unwanted.value.words(), many(lines));
            keep(findings, unwanted.span, miss, none);
            open = true;
        }
        if let Some(form) = &self.every_line {
            keep(
                findings,
                form.span,
                not_json(lines),
                format!("{}, all JSON", many(lines)),
            );
            open = true;
        }
        open
    }

    /// Compares `contains` and `matches`: each must be met by some line.
    fn look_for(&self, lines: &[&str], findings: &mut Findings) -> bool {
        let mut missing: Vec<Finding> = Vec::new();
        let mut look =
            |span: Span, words: String, text: &str, holds: &dyn Fn(&str) -> bool| match lines
                .iter()
                .find(|line| holds(line))
            {
                Some(line) => findings.saw(format!("line {}", quote(line))),
                None => missing.push(Finding {
                    span,
                    what: "logs".to_owned(),
                    miss: Miss::new(
                        format!("a line {words}"),
                        format!(
                            "none of {}{}",
                            many(lines),
                            differ::nearest(&lines.iter().copied(), text).unwrap_or_default()
                        ),
                    ),
                    notes: Vec::new(),
                }),
            };
        for text in &self.contains.0 {
            look(text.span, text.value.words(), text.value.text(), &|line| {
                text.value.holds(line)
            });
        }
        for pattern in &self.matches.0 {
            let regex = &pattern.value.0;
            look(pattern.span, format!("matching /{regex}/"), "", &|line| {
                regex.is_match(line)
            });
        }
        let open = !missing.is_empty();
        findings.misses.extend(missing);
        open
    }

    fn compare_count(&self, count: &Spanned<Bound<u64>>, lines: &[&str], findings: &mut Findings) {
        let right = |line: &&&str| {
            self.contains.0.iter().all(|c| c.value.holds(line))
                && self.matches.0.iter().all(|m| m.value.0.is_match(line))
        };
        let number = lines.iter().filter(right).count() as u64;
        let words: Vec<String> = self
            .contains
            .0
            .iter()
            .map(|c| c.value.words())
            .chain(
                self.matches
                    .0
                    .iter()
                    .map(|m| format!("matching /{}/", m.value.0)),
            )
            .collect();
        let which = match words.as_slice() {
            [] => "lines".to_owned(),
            words => format!("lines {}", listed(words, "and")),
        };
        let miss = count.value.miss(&number).map(|miss| {
            Miss::new(
                format!("{} {which}", miss.expected),
                format!("{number} of {}", many(lines)),
            )
        });
        keep(findings, count.span, miss, format!("{number} {which}"));
    }
}

impl Logs {
    /// The last lines, and what a reader must know of them.
    fn evidence(&self, log: &Log, lines: &[&str]) -> Vec<String> {
        let mut notes = Vec::new();
        if log.cut {
            notes.push(format!(
                "only the last {} lines were kept; lines are counted from there",
                log.lines.len()
            ));
        }
        let from = lines.len().saturating_sub(SHOWN);
        if from > 0 {
            notes.push(format!("the last {SHOWN} of {}: {LEFT_OUT}", many(lines)));
        } else if log.cut {
            notes.push(LEFT_OUT.to_owned());
        }
        notes.extend(lines[from..].iter().map(|line| evident(line)));
        let (all, here) = (log.lines.len(), lines.len());
        if let Some(stream) = self.0.stream
            && all > here
        {
            let more = all - here;
            notes.push(format!(
                "only {stream} was looked at; lines elsewhere: {more}"
            ));
        }
        notes
    }
}

fn keep(findings: &mut Findings, span: Span, miss: Option<Miss>, seen: String) {
    match miss {
        Some(miss) => findings.check(span, "logs", Some(miss)),
        None => findings.saw(seen),
    }
}

fn not_json(lines: &[&str]) -> Option<Miss> {
    const EXPECTED: &str = "a JSON object on every line";
    if lines.is_empty() {
        return Some(Miss::new(EXPECTED, "nothing was written"));
    }
    let (line, number, why) = lines.iter().zip(1..).find_map(|(line, number)| {
        match serde_json::from_str::<Json>(&paired(line)) {
            Ok(value) if value.is_object() => None,
            Ok(_) => Some((line, number, "JSON, but no object".to_owned())),
            Err(error) => Some((line, number, said(&error))),
        }
    })?;
    let actual = format!("line {number}: {} ({why})", quote(line));
    Some(Miss::new(EXPECTED, actual))
}

/// What is wrong with a line; it is line 1 of itself, which would only confuse.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.replace(" at line 1 column ", " at character ")
}

fn many(lines: &[&str]) -> String {
    match lines.len() {
        0 => "no lines at all".to_owned(),
        1 => "1 line".to_owned(),
        more => format!("{more} lines"),
    }
}

#[cfg(test)]
mod tests;
