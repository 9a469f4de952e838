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
const QUOTED: usize = 160;

/// A text in quotation marks, control characters escaped, cut where it is long.
pub fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for (count, c) in text.chars().enumerate() {
        if count == QUOTED {
            let more = text.chars().count() - QUOTED;
            out.push_str(&format!("…\" and {more} more characters"));
            return out;
        }
        match c {
            '"' => out.push_str("\\\""),
            c if c.is_control() || is_direction(c) => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Characters that turn the direction of writing and so can hide what a text says.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Words in a row: `a, b or c`.
pub fn listed(words: &[String], joint: &str) -> String {
    match words {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {joint} {last}", rest.join(", ")),
    }
}
