//! Source files and the spans that point into them.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Which file of [`Sources`] a span points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A stretch of bytes in one source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The byte range within the file's text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it was written.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    /// Where.
    pub span: Span,
    /// What.
    pub value: T,
}

/// One file's name and text.
#[derive(Debug)]
pub struct Source {
    /// The path as the user would write it.
    pub name: String,
    /// The whole text.
    pub text: String,
    line_starts: Vec<usize>,
}

/// A span as a reader sees it: file, line and column, and the line itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// How many characters of the line the span covers, at least one.
    pub width: usize,
    /// The source line without its end.
    pub text: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// All files that were read for a run, so that a span can be shown.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Arc<Source>>,
}

impl Sources {
    /// Takes a file in and names it.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let source = Source {
            name: name.into(),
            text,
            line_starts,
        };
        self.files.push(Arc::new(source));
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The file, where there is one of that number.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.0 as usize).map(AsRef::as_ref)
    }

    /// The part of `span` that lies in its file, on character boundaries.
    pub fn clamp(&self, span: Span) -> Range<usize> {
        let Some(source) = self.get(span.file) else {
            return 0..0;
        };
        let floor = |at: u32| source.text.floor_char_boundary(at as usize);
        let (start, end) = (floor(span.start), floor(span.end));
        start..end.max(start)
    }

    /// Where `span` stands, for people and reports.
    pub fn place(&self, span: Span) -> Place {
        let Some(source) = self.get(span.file) else {
            return Place {
                file: "?".into(),
                line: 1,
                column: 1,
                width: 1,
                text: String::new(),
            };
        };
        let range = self.clamp(span);
        let index = source
            .line_starts
            .partition_point(|&s| s <= range.start)
            .saturating_sub(1);
        let begin = source.line_starts.get(index).copied().unwrap_or(0);
        let rest = source.text.get(begin..).unwrap_or("");
        let text = rest.lines().next().unwrap_or("");
        let before = source
            .text
            .get(begin..range.start)
            .unwrap_or("")
            .chars()
            .count();
        let last = range.end.min(begin + text.len());
        let width = source
            .text
            .get(range.start..last)
            .unwrap_or("")
            .chars()
            .count();
        Place {
            file: source.name.clone(),
            line: index + 1,
            column: before + 1,
            width: width.max(1),
            text: text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_and_stays_inside_the_file() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "é: 1\nname: ü x\n");
        let place = sources.place(Span {
            file,
            start: 12,
            end: 14,
        });
        assert_eq!((place.line, place.column, place.width), (2, 7, 1));
        assert_eq!(place.text, "name: ü x");
        let beyond = sources.place(Span {
            file,
            start: 900,
            end: 1000,
        });
        assert_eq!(beyond.line, 3);
        let unknown = sources.place(Span {
            file: FileId(7),
            start: 0,
            end: 1,
        });
        assert_eq!(unknown.file, "?");
    }
}
