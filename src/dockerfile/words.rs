//! Words of an instruction, cut as the builder cuts them.

use std::ops::Range;

use super::joined::Joined;
use crate::text::source::Span;

/// A word as it is written, quotes and all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As written.
    pub text: String,
    /// Where in the text it was cut from.
    pub range: Range<usize>,
    /// Where in the file.
    pub span: Span,
}

/// A name and what it is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The name as written.
    pub name: String,
    /// What it is set to, as written.
    pub value: Option<String>,
    /// Where the whole stands.
    pub span: Span,
    /// Where the value begins in the text it was cut from.
    pub value_at: usize,
    /// Written as `ENV NAME VALUE`.
    pub old: bool,
}

/// Words between white space, whatever they hold.
pub fn plain(text: &Joined) -> Vec<Word> {
    cut(text, None)
}

/// Words between white space, where quotes and the escape character keep white space in a word.
pub fn quoted(text: &Joined, escape: char) -> Vec<Word> {
    cut(text, Some(escape))
}

fn cut(text: &Joined, escape: Option<char>) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = text.as_str().char_indices();
    let mut push = |start: &mut Option<usize>, end: usize| {
        if let Some(start) = start.take() {
            words.push(Word {
                text: text.as_str().get(start..end).unwrap_or("").to_owned(),
                range: start..end,
                span: text.span(start..end),
            });
        }
    };
    while let Some((at, ch)) = chars.next() {
        if quote.is_none() && ch.is_whitespace() {
            push(&mut start, at);
            continue;
        }
        start.get_or_insert(at);
        if escape.is_none() {
            continue;
        }
        if Some(ch) == escape && quote != Some('\'') {
            chars.next();
        } else if quote == Some(ch) {
            quote = None;
        } else if quote.is_none() && matches!(ch, '"' | '\'') {
            quote = Some(ch);
        }
    }
    push(&mut start, text.as_str().len());
    words
}

/// The names and values of `ENV` and `LABEL`; the span of a word that has no `=`, where one has not.
pub fn pairs(text: &Joined, escape: char) -> Result<Vec<Pair>, Span> {
    let words = quoted(text, escape);
    let Some(first) = words.first() else {
        return Ok(Vec::new());
    };
    if !first.text.contains('=') {
        let Some(second) = words.get(1) else {
            return Err(first.span);
        };
        let value = text.as_str().get(second.range.start..).unwrap_or("");
        return Ok(vec![Pair {
            name: first.text.clone(),
            value: Some(value.trim_end().to_owned()),
            span: text.span(first.range.start..text.as_str().trim_end().len()),
            value_at: second.range.start,
            old: true,
        }]);
    }
    words
        .iter()
        .map(|word| match settings(word) {
            pair if pair.value.is_some() => Ok(pair),
            _ => Err(word.span),
        })
        .collect()
}

/// The names of `ARG`, with their defaults.
pub fn arguments(text: &Joined, escape: char) -> Vec<Pair> {
    quoted(text, escape).iter().map(settings).collect()
}

fn settings(word: &Word) -> Pair {
    let (name, value) = match word.text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (word.text.as_str(), None),
    };
    Pair {
        name: name.to_owned(),
        value_at: word.range.start + name.len() + 1,
        value,
        span: word.span,
        old: false,
    }
}
