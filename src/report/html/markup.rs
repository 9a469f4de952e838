//! Texts as HTML: disarmed, bounded, escaped.

use std::collections::BTreeSet;

use crate::report::clean::page as clean;

/// A text of anyone on one line, in an element or an attribute's quotation marks.
pub fn text(raw: &str) -> String {
    escaped(&clean::line(raw))
}

/// A text of anyone in lines, at most so many.
pub fn lines(raw: &str, most: usize) -> String {
    escaped(&clean::lines(raw, most).join("\n"))
}

/// What HTML gives a meaning to is written out. No character may stand in a page that the parser drops or
/// that changes the order of others; those that came through are replaced.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push('\n'),
            c if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

/// Several words in one attribute, a line each.
pub fn words<'a>(all: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<String> = all.into_iter().map(text).collect();
    all.join("&#10;")
}

/// How many characters of names an anchor has.
const ANCHOR: usize = 80;

/// Anchors that are taken, so that each leads to one case.
#[derive(Debug, Default)]
pub struct Anchors(BTreeSet<String>);

impl Anchors {
    /// The anchor of a case: the same in each run, as long as no other case is named like it.
    pub fn of(&mut self, suite: &str, name: &str) -> String {
        let mut words = String::from("case-");
        for c in format!("{suite} {name}").chars() {
            match c {
                c if c.is_alphanumeric() && words.len() < ANCHOR => words.extend(c.to_lowercase()),
                _ if words.ends_with('-') || words.len() >= ANCHOR => {}
                _ => words.push('-'),
            }
        }
        let bare = words.trim_end_matches('-').to_owned();
        let numbered = (2..).map(|number| format!("{bare}-{number}"));
        let mut all = std::iter::once(bare.clone()).chain(numbered);
        let free = all
            .find(|one| !self.0.contains(one))
            .unwrap_or(bare.clone());
        self.0.insert(free.clone());
        free
    }
}
