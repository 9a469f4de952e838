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
