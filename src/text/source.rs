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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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

/// One line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// 1-based.
    pub number: usize,
    /// Without its end.
    pub bytes: Range<usize>,
}

/// All files that were read for a run, so that a span can be shown.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Arc<Source>>,
    made: Vec<Made>,
}

/// A file that was made of what somebody wrote.
#[derive(Debug, Clone)]
struct Made {
    file: FileId,
    of: FileId,
    stretches: Vec<Stretch>,
}

/// Where a stretch of a file that was made stands in what it was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Its first byte.
    pub at: u32,
    /// That byte as it was written.
    pub written: u32,
    /// How many bytes it has.
    pub length: u32,
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

    /// Has places in one file be shown where they were written: it was made of the other by taking these stretches, in
    /// order, and putting something of its own around them.
    pub fn made_of(&mut self, file: FileId, of: FileId, stretches: Vec<Stretch>) {
        self.made.push(Made {
            file,
            of,
            stretches,
        });
    }

    /// The span where somebody wrote it.
    pub fn written(&self, span: Span) -> Span {
        let Some(made) = self.made.iter().find(|made| made.file == span.file) else {
            return span;
        };
        let at = |byte: u32| {
            let before = made.stretches.iter().rev().find(|one| one.at <= byte);
            before.map_or(0, |one| {
                one.written.saturating_add((byte - one.at).min(one.length))
            })
        };
        let (start, end) = (at(span.start), at(span.end));
        Span {
            file: made.of,
            start,
            end: end.max(start),
        }
    }

    /// Names and texts of all files.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|file| (file.name.as_str(), file.text.as_str()))
    }

    /// The file, where there is one of that number.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.0 as usize).map(AsRef::as_ref)
    }

    /// The part of `span` that lies in its file, on character boundaries.
    pub fn clamp(&self, span: Span) -> Range<usize> {
        let span = self.written(span);
        let Some(source) = self.get(span.file) else {
            return 0..0;
        };
        let floor = |at: u32| source.text.floor_char_boundary(at as usize);
        let (start, end) = (floor(span.start), floor(span.end));
        start..end.max(start)
    }

    /// The line in which `span` starts.
    pub fn line(&self, span: Span) -> Line {
        let span = self.written(span);
        let Some(source) = self.get(span.file) else {
            return Line {
                number: 1,
                bytes: 0..0,
            };
        };
        let at = self.clamp(span).start;
        let after = source.line_starts.partition_point(|&s| s <= at);
        let start = source.line_starts.get(after.saturating_sub(1));
        let start = start.copied().unwrap_or(0);
        let end = source.line_starts.get(after).copied();
        let text = &source.text[start..end.unwrap_or(source.text.len())];
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        Line {
            number: after.max(1),
            bytes: start..start + text.len(),
        }
    }

    /// Where `span` stands, for people and reports.
    pub fn place(&self, span: Span) -> Place {
        let span = self.written(span);
        let Some(source) = self.get(span.file) else {
            return Place {
                file: "?".into(),
                line: 1,
                column: 1,
                width: 1,
                text: String::new(),
            };
        };
        let (range, line) = (self.clamp(span), self.line(span));
        let slice = |range: Range<usize>| source.text.get(range).unwrap_or("");
        let before = slice(line.bytes.start..range.start).chars().count();
        let last = range.end.min(line.bytes.end).max(range.start);
        let width = slice(range.start..last).chars().count();
        Place {
            file: source.name.clone(),
            line: line.number,
            column: before + 1,
            width: width.max(1),
            text: slice(line.bytes).to_owned(),
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

    #[test]
    fn what_was_made_of_a_text_is_shown_where_that_was_written() {
        let mut sources = Sources::default();
        let made = sources.add("made.yaml", "top: 1\n  - a: b\n    c\n");
        let own = sources.add("own", "\n a: b\nc");
        let stretch = |at, written, length| Stretch {
            at,
            written,
            length,
        };
        sources.made_of(made, own, vec![stretch(11, 2, 4), stretch(20, 7, 1)]);
        let at = |start, end| {
            let span = Span {
                file: made,
                start,
                end,
            };
            let place = sources.place(span);
            assert_eq!(place.file, "own");
            (place.line, place.column, place.width, place.text)
        };
        assert_eq!(at(14, 15), (2, 5, 1, " a: b".to_owned()));
        assert_eq!(at(20, 21), (3, 1, 1, "c".to_owned()));
        // What nobody wrote is at the beginning of what follows it, or at the end of what is before it.
        assert_eq!(at(0, 3), (1, 1, 1, String::new()));
        assert_eq!(at(17, 18), (2, 6, 1, " a: b".to_owned()));
    }
}
