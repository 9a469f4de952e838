//! Texts: equal to a scalar, or matched.

pub mod cut;
pub mod differ;
pub mod enough;

use regex::Regex;
use serde_json::{Value as Json, json};

use super::{Miss, listed, quote};
use crate::record;
use crate::text::read::{OneOrMany, Read, Reader, Several};
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
    pub struct TextRules (instead instead) {
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
        one_of: Several<String>,
        /// Is not as this says.
        not: Option<Box<TextMatch>>,
    }
}

/// The keys of [`TextRules`].
pub const KEYS: [&str; 7] = [
    "equals",
    "contains",
    "matches",
    "starts_with",
    "ends_with",
    "one_of",
    "not",
];

/// What to write in place of a key that is no rule about texts.
fn instead(key: &str) -> Option<String> {
    super::elsewhere(key, &KEYS)
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
    fn keys() -> &'static [&'static str] {
        &KEYS
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.entries() {
            Some([]) => reader.wrong(node, "a text, or rules such as `{ contains: … }`"),
            Some(_) => {
                let rules = TextRules::read(node, reader)?;
                says_something(node, reader).then(|| Self::Rules(Box::new(rules)))
            }
            None => String::read(node, reader).map(Self::Equals),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let rules = TextRules::schema(schemas);
        json!({ "anyOf": [String::schema(schemas), rules] })
    }
}

/// Whether each rule looks for something; says so of one that every text keeps.
fn says_something(node: &Node, reader: &mut Reader) -> bool {
    let said = reader.diagnostics.len();
    for key in ["contains", "starts_with", "ends_with"] {
        let Some(value) = node.get(key) else { continue };
        let all = value.items().unwrap_or(std::slice::from_ref(value));
        // One that a variable has made empty is a case of others that look for something.
        let is_written = |one: &&Node| one.span.end.saturating_sub(one.span.start) <= 2;
        let empty = all.iter().filter(|one| one.text() == Some(""));
        for empty in empty.filter(is_written) {
            let message = format!("`{key}` of an empty text holds of every text");
            let help = "say what is looked for, or leave it out; an empty text is `equals: \"\"`";
            reader.say(empty.span, message).help(help);
        }
    }
    reader.diagnostics.len() == said
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

    /// Why the text is one that `not` rules out, whatever the other rules say of it.
    pub fn excluded(&self, actual: &str) -> Option<Miss> {
        let Self::Rules(rules) = self else {
            return None;
        };
        let not = rules.not.as_ref().filter(|not| not.holds(actual))?;
        Some(Miss::new(format!("not {}", not.expected()), quote(actual)))
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
    Some(differ::unequal(expected, actual))
}

impl TextRules {
    /// Names the rules that do not hold, and shows the place that matters most for the first of them.
    fn miss(&self, actual: &str) -> Option<Miss> {
        if let Some(miss) = self.equals.as_deref().and_then(|e| unequal(e, actual)) {
            return Some(miss);
        }
        let body = chomp(actual);
        let broken = self.said(|rule| !rule.holds(actual, body));
        let (_, first) = broken.first()?;
        let shown = match first {
            Rule::Contains(wanted) => differ::lacking(body, Some(wanted)),
            Rule::EndsWith(_) => differ::ending(body),
            Rule::Not(not) => match not.place(body) {
                Some((at, length)) => differ::holding(body, at, length),
                None => quote(body),
            },
            _ => quote(body),
        };
        let words: Vec<String> = broken.into_iter().map(|(words, _)| words).collect();
        Some(Miss::new(listed(&words, "and"), shown))
    }

    fn expected(&self) -> String {
        let mut said: Vec<String> = self.equals.iter().map(|e| quote(chomp(e))).collect();
        said.extend(self.said(|_| true).into_iter().map(|(words, _)| words));
        listed(&said, "and")
    }

    /// Each rule but `equals` that is meant, in words.
    fn said(&self, meant: impl Fn(&Rule<'_>) -> bool) -> Vec<(String, Rule<'_>)> {
        let contains = self.contains.0.iter().map(|text| Rule::Contains(text));
        let matches = self.matches.0.iter().map(Rule::Matches);
        let starts = self.starts_with.iter().map(|text| Rule::StartsWith(text));
        let ends = self.ends_with.iter().map(|text| Rule::EndsWith(text));
        let one_of = (!self.one_of.0.is_empty()).then_some(Rule::OneOf(&self.one_of.0));
        let not = self.not.iter().map(|not| Rule::Not(not));
        let all = contains.chain(matches).chain(starts).chain(ends);
        all.chain(one_of)
            .chain(not)
            .filter(meant)
            .map(|rule| (rule.words(), rule))
            .collect()
    }
}

/// One rule beside `equals`.
enum Rule<'a> {
    Contains(&'a str),
    Matches(&'a Pattern),
    StartsWith(&'a str),
    EndsWith(&'a str),
    OneOf(&'a [String]),
    Not(&'a TextMatch),
}

impl Rule<'_> {
    /// Whether it holds of a text, which is `body` once a final newline is dropped.
    fn holds(&self, actual: &str, body: &str) -> bool {
        match self {
            Self::Contains(text) => actual.contains(text),
            Self::Matches(pattern) => pattern.0.is_match(actual),
            Self::StartsWith(text) => body.starts_with(text),
            Self::EndsWith(text) => body.ends_with(chomp(text)),
            Self::OneOf(texts) => texts.iter().any(|text| chomp(text) == body),
            Self::Not(not) => !not.holds(actual),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Contains(text) => format!("containing {}", quote(text)),
            Self::Matches(pattern) => format!("matching /{}/", pattern.0),
            Self::StartsWith(text) => format!("starting with {}", quote(text)),
            Self::EndsWith(text) => format!("ending with {}", quote(text)),
            Self::OneOf(texts) => {
                let words: Vec<String> = texts.iter().map(|text| quote(text)).collect();
                listed(&words, "or")
            }
            Self::Not(not) => format!("not {}", not.expected()),
        }
    }
}

impl TextMatch {
    /// Where a text holds what this looks for: the first byte, and how many.
    pub fn place(&self, text: &str) -> Option<(usize, usize)> {
        let Self::Rules(rules) = self else {
            return None;
        };
        let contains = rules.contains.0.iter();
        let mut contains = contains.filter_map(|c| text.find(c.as_str()).map(|at| (at, c.len())));
        let matches = rules.matches.0.iter();
        let mut matches = matches.filter_map(|m| m.0.find(text).map(|m| (m.start(), m.len())));
        contains.next().or_else(|| matches.next())
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
    fn a_miss_names_the_rules_that_do_not_hold() {
        let said = |rule: &str, text: &str| {
            let miss = read(rule).0.unwrap().miss(text).unwrap();
            format!("{} / {}", miss.expected, miss.actual)
        };
        let rule = "{ contains: [a, z], starts_with: a, not: { contains: b } }";
        assert_eq!(
            said(rule, "ab"),
            "containing \"z\" and not containing \"b\" / \"ab\""
        );
        let long = format!("{}b{}", "a\n".repeat(200), "c".repeat(200));
        assert!(said("{ not: { contains: b } }", &long).contains("/ line 201: …\"a"));
        assert!(said("{ ends_with: d }", &long).ends_with("cccc\""));
    }

    #[test]
    fn a_rule_that_every_text_keeps_is_refused() {
        for rule in [
            "{ contains: '' }",
            "{ contains: [a, ''] }",
            "{ not: { starts_with: '' } }",
        ] {
            let said = read(rule).1.remove(0);
            assert!(said.contains("holds of every text"), "{rule}: {said}");
        }
        assert!(read("{ one_of: [] }").1[0].contains("at least one entry"));
        assert!(read("{ equals: '' }").0.unwrap().holds(""));
        // That is how a text is meant of which nothing is said.
        assert!(read("{ matches: '' }").0.unwrap().holds("x"));
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
