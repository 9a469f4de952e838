//! Here-documents: `RUN <<EOF` and what follows it.

use super::joined::Joined;
use super::words;
use crate::text::source::Span;

/// A here-document.
#[derive(Debug, Clone)]
pub struct Heredoc {
    /// The word that ends it.
    pub name: String,
    /// Whether its word is quoted, so that nothing in it is replaced.
    pub quoted: bool,
    /// Whether tabs in front of its lines are dropped (`<<-`).
    pub chomp: bool,
    /// Where its word stands.
    pub span: Span,
    /// Its lines.
    pub body: Joined,
}

/// The here-documents that a line announces, still without their lines.
pub fn announced(text: &Joined, escape: char) -> Vec<Heredoc> {
    let mut found = Vec::new();
    if !text.as_str().contains("<<") {
        return found;
    }
    for word in words::quoted(text, escape) {
        let bare = word.text.trim_start_matches(|ch: char| ch.is_ascii_digit());
        let Some(rest) = bare.strip_prefix("<<") else {
            continue;
        };
        let chomped = rest.strip_prefix('-');
        let rest = chomped.unwrap_or(rest);
        let mark = |ch: char| matches!(ch, '"' | '\'') || ch == escape;
        let name: String = rest.chars().filter(|ch| !mark(*ch)).collect();
        if name.is_empty() || rest.contains('<') || name.contains(char::is_whitespace) {
            continue;
        }
        found.push(Heredoc {
            quoted: rest.contains(mark),
            chomp: chomped.is_some(),
            span: word.span,
            body: text.part(0..0),
            name,
        });
    }
    found
}
