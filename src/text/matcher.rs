//! Expected values: what a claim says of a number, a text, a list of names or a JSON document.

pub mod bound;
pub mod json;
pub mod names;
pub mod pairs;
pub mod texts;

/// Why a value is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// What the suite says, in words.
    pub expected: String,
    /// What was seen.
    pub actual: String,
    /// The difference, where showing it helps.
    pub diff: Option<String>,
}

impl Miss {
    /// A miss without a difference to show.
    pub fn new(expected: impl Into<String>, actual: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            actual: actual.into(),
            diff: None,
        }
    }
}

/// Words for rules that other tools have, and ours.
const ELSEWHERE: [(&str, &str); 32] = [
    ("any_of", "one_of"),
    ("atleast", "at_least"),
    ("atmost", "at_most"),
    ("begins_with", "starts_with"),
    ("eq", "equals"),
    ("equal_to", "equals"),
    ("ge", "at_least"),
    ("greater", "above"),
    ("greater_than", "above"),
    ("gt", "above"),
    ("gte", "at_least"),
    ("include", "contains"),
    ("includes", "contains"),
    ("isnt", "not"),
    ("le", "at_most"),
    ("less_than", "below"),
    ("lt", "below"),
    ("lte", "at_most"),
    ("max", "at_most"),
    ("maximum", "at_most"),
    ("min", "at_least"),
    ("minimum", "at_least"),
    ("more_than", "above"),
    ("ne", "not"),
    ("neq", "not"),
    ("not_equal", "not"),
    ("not_equals", "not"),
    ("nto", "not"),
    ("prefix", "starts_with"),
    ("regex", "matches"),
    ("regexp", "matches"),
    ("suffix", "ends_with"),
];

/// The rule that is meant by a word of another tool.
fn ours(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase().replace(['-', ' ', '\''], "_");
    let word = word.trim_matches(['$', '_']);
    let known = ELSEWHERE.iter().find(|(other, _)| *other == word);
    known.map(|(_, ours)| *ours)
}

/// What to write in place of a word of another tool, of those that are known here.
fn elsewhere(word: &str, known: &[&str]) -> Option<String> {
    let ours = ours(word).filter(|ours| known.contains(ours))?;
    Some(format!("did you mean `{ours}`?"))
}

/// Longest text that is quoted whole.
pub const QUOTED: usize = 160;

/// A text in quotation marks, control characters escaped, cut where it is long.
pub fn quote(text: &str) -> String {
    let (shown, more) = escape(text, true);
    match more {
        0 => format!("\"{shown}\""),
        more => format!("\"{shown}…\" and {more} more characters"),
    }
}

/// A line as evidence: as [`quote`], without the marks, so that JSON stays readable.
pub fn evident(line: &str) -> String {
    let (shown, more) = escape(line, false);
    match more {
        0 => shown,
        more => format!("{shown}… and {more} more characters"),
    }
}

/// The first characters of a text, escaped, and how many more there are.
fn escape(text: &str, marks: bool) -> (String, usize) {
    let mut shown = String::new();
    for c in text.chars().take(QUOTED) {
        match c {
            '"' if marks => shown.push_str("\\\""),
            c if c.is_control() || is_direction(c) => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    (shown, text.chars().skip(QUOTED).count())
}

/// Characters that turn the direction of writing and so can hide what a text says.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The most words in a row that are named.
const LISTED: usize = 40;

/// Words in a row: `a, b or c`; of very many the first, and how many more there are.
pub fn listed(words: &[String], joint: &str) -> String {
    match words {
        [_, ..] if words.len() > LISTED + 1 => {
            let (first, rest) = words.split_at(LISTED);
            format!("{} {joint} {} more", first.join(", "), rest.len())
        }
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {joint} {last}", rest.join(", ")),
    }
}
