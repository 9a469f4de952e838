//! Texts: equal to a scalar, or matched.

pub mod cut;
pub mod enough;

use regex::Regex;
use serde_json::{Value as Json, json};
use similar::TextDiff;

use super::{Miss, listed, quote};
use crate::record;
use crate::text::read::{OneOrMany, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::Node;

/// A regular expression of a suite.
#[derive(Debug, Clone)]
pub struct Pattern(pub Regex);

impl Read for Pattern {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = String::read(node, reader)?;
        if let Some(known) = reader.patterns.get(&text) {
            return Some(Self(known.clone()));
        }
        match regex::RegexBuilder::new(&text)
            .multi_line(true)
            .size_limit(1 << 20)
            .build()
        {
            Ok(regex) => {
                reader.patterns.insert(text, regex.clone());
                Some(Self(regex))
            }
            Err(error) => {
                let why = error.to_string();
                let why = why
                    .lines()
                    .last()
                    .unwrap_or("")
                    .trim()
                    .trim_start_matches("error: ");
                reader.say(
                    node.span,
                    format!("this is not a regular expression: {why}"),
                );
                None
            }
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string", "format": "regex" })
    }
}

record! {
    /// What is expected of a text. All keys must hold.
    pub struct TextRules {
        /// Equal, once a final newline is dropped.
        equals: Option<String>,
        /// Holds this text, or each of a list.
        contains: OneOrMany<String>,
        /// Matches this regular expression, or each of a list, anywhere in the text; `^` and `$`
        /// stand for the ends of a line.
        matches: OneOrMany<Pattern>,
        /// Begins with this text.
        starts_with: Option<String>,
        /// Ends with this text, once a final newline is dropped.
        ends_with: Option<String>,
        /// Equal to one of these.
        one_of: Vec<String>,
        /// Is not as this says.
        not: Option<Box<TextMatch>>,
    }
}

/// What is expected of a text: equal to a scalar, or a map of rules.
#[derive(Debug, Clone)]
pub enum TextMatch {
    /// Equal, once a final newline is dropped.
    Equals(String),
    /// All rules hold.
    Rules(Box<TextRules>),
}

impl Read for TextMatch {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.entries() {
            Some([]) => reader.wrong(node, "a text, or rules such as `{ contains: … }`"),
            Some(_) => TextRules::read(node, reader).map(|rules| Self::Rules(Box::new(rules))),
            None => String::read(node, reader).map(Self::Equals),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let rules = TextRules::schema(schemas);
        json!({ "anyOf": [String::schema(schemas), rules] })
    }
}

/// Without one newline at the end.
fn chomp(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

impl TextMatch {
    /// Whether the text is as expected.
    pub fn holds(&self, actual: &str) -> bool {
        self.miss(actual).is_none()
    }

    /// Why the text is not as expected.
    pub fn miss(&self, actual: &str) -> Option<Miss> {
        match self {
            Self::Equals(expected) => unequal(expected, actual),
            Self::Rules(rules) => rules.miss(actual),
        }
    }

    /// What is expected, in words.
    pub fn expected(&self) -> String {
        match self {
            Self::Equals(text) => quote(chomp(text)),
            Self::Rules(rules) => rules.expected(),
        }
    }
}

fn unequal(expected: &str, actual: &str) -> Option<Miss> {
    let (expected, actual) = (chomp(expected), chomp(actual));
    if expected == actual {
        return None;
    }
    let mut miss = Miss::new(quote(expected), quote(actual));
    if expected.contains('\n') || actual.contains('\n') {
        miss.diff = Some(diff(expected, actual));
    }
    Some(miss)
}

/// A unified difference of two texts, without its header.
pub fn diff(expected: &str, actual: &str) -> String {
    const MOST: usize = 64 << 10;
    let cut = |text: &str| text[..text.floor_char_boundary(MOST)].to_owned();
    let (expected, actual) = (cut(expected), cut(actual));
    let diff = TextDiff::from_lines(&expected, &actual);
    diff.unified_diff()
        .context_radius(2)
        .missing_newline_hint(false)
        .to_string()
}

impl TextRules {
    fn miss(&self, actual: &str) -> Option<Miss> {
        if let Some(miss) = self.equals.as_deref().and_then(|e| unequal(e, actual)) {
            return Some(miss);
        }
        let body = chomp(actual);
        let holds = self.contains.0.iter().all(|c| actual.contains(c.as_str()))
            && self.matches.0.iter().all(|m| m.0.is_match(actual))
            && self
                .starts_with
                .as_deref()
                .is_none_or(|s| body.starts_with(s))
            && self
                .ends_with
                .as_deref()
                .is_none_or(|e| body.ends_with(chomp(e)))
            && (self.one_of.is_empty() || self.one_of.iter().any(|o| chomp(o) == body))
            && self.not.as_ref().is_none_or(|n| !n.holds(actual));
        (!holds).then(|| Miss::new(self.expected(), quote(body)))
    }

    fn expected(&self) -> String {
        let mut said = Vec::new();
        said.extend(self.equals.iter().map(|e| quote(chomp(e))));
        said.extend(
            self.contains
                .0
                .iter()
                .map(|c| format!("containing {}", quote(c))),
        );
        said.extend(self.matches.0.iter().map(|m| format!("matching /{}/", m.0)));
        said.extend(
            self.starts_with
                .iter()
                .map(|s| format!("starting with {}", quote(s))),
        );
        said.extend(
            self.ends_with
                .iter()
                .map(|e| format!("ending with {}", quote(e))),
        );
        if !self.one_of.is_empty() {
            let words: Vec<String> = self.one_of.iter().map(|o| quote(o)).collect();
            said.push(listed(&words, "or"));
        }
        said.extend(self.not.iter().map(|n| format!("not {}", n.expected())));
        listed(&said, "and")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn read(text: &str) -> (Option<TextMatch>, Vec<String>) {
        let node = yaml::parse(FileId(0), text).0.unwrap();
        let mut reader = Reader::default();
        let read = TextMatch::read(&node, &mut reader);
        (
            read,
            reader.diagnostics.into_iter().map(|d| d.message).collect(),
        )
    }

    #[test]
    fn every_rule_can_hold_and_can_fail() {
        for (rule, good, bad) in [
            ("ok", "ok\n", "ok\n\n"),
            ("{ equals: ok }", "ok", "oK"),
            ("{ contains: [a, b] }", "xbxa", "xbx"),
            ("{ matches: '^b+$' }", "a\nbb\nc", "abbc"),
            ("{ starts_with: ab }", "abc", "cab"),
            ("{ ends_with: bc }", "abc\n", "bca"),
            ("{ one_of: [a, b] }", "b\n", "c"),
            ("{ not: { contains: x } }", "abc", "axc"),
            ("{ contains: a, not: b }", "ab", "b"),
        ] {
            let rule = read(rule).0.unwrap();
            assert!(rule.holds(good), "{rule:?} {good}");
            assert!(!rule.holds(bad), "{rule:?} {bad}");
        }
    }

    #[test]
    fn a_miss_shows_the_difference_of_long_texts_and_escapes_short_ones() {
        let miss = read("\"a\\nb\\nc\"").0.unwrap().miss("a\nx\nc").unwrap();
        assert!(miss.diff.unwrap().contains("-b\n+x"));
        let miss = read("{ contains: a, one_of: [b, c] }")
            .0
            .unwrap()
            .miss("\u{1b}[31mz")
            .unwrap();
        assert_eq!(miss.expected, "containing \"a\" and \"b\" or \"c\"");
        assert_eq!(miss.actual, "\"\\u{1b}[31mz\"");
    }

    #[test]
    fn wrong_rules_are_said() {
        assert!(
            read("{ matches: 'a(' }").1[0].contains("not a regular expression: unclosed group")
        );
        assert!(read("{ contain: a }").1[0].contains("unknown key `contain`"));
        assert!(read("{}").1[0].contains("expected a text"));
    }
}
