//! Text that was joined from several lines and still knows where each byte came from.

use std::ops::Range;

use crate::text::source::{FileId, Span};

/// Pieces of one file, one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    file: FileId,
    text: String,
    /// Where a piece begins in the text, and where in the file.
    pieces: Vec<(usize, usize)>,
}

impl Joined {
    /// Nothing yet.
    pub fn new(file: FileId) -> Self {
        Self {
            file,
            text: String::new(),
            pieces: Vec::new(),
        }
    }

    /// Adds what stands at `at` in the file.
    pub fn push(&mut self, text: &str, at: usize) {
        if !text.is_empty() {
            self.pieces.push((self.text.len(), at));
            self.text.push_str(text);
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where a byte of the text stands in the file.
    pub fn at(&self, offset: usize) -> usize {
        let after = self.pieces.partition_point(|(text, _)| *text <= offset);
        let piece = after.checked_sub(1).and_then(|at| self.pieces.get(at));
        piece.map_or(0, |(text, file)| file + (offset - text))
    }

    /// Where a part of the text stands in the file.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.at(range.start);
        let end = match range.end.checked_sub(1) {
            Some(last) if last >= range.start => self.at(last) + 1,
            _ => start,
        };
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            file: self.file,
            start: byte(start),
            end: byte(end.max(start)),
        }
    }

    /// Where all of it stands, white space at its ends left out.
    pub fn whole(&self) -> Span {
        let front = self.text.len() - self.text.trim_start().len();
        self.span(front..front + self.text.trim().len())
    }

    /// A part of it.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let end = range.end.min(self.text.len());
        let start = range.start.min(end);
        let mut part = Self::new(self.file);
        let Some(text) = self.text.get(start..end) else {
            return part;
        };
        part.text.push_str(text);
        let first = self.pieces.partition_point(|(at, _)| *at <= start);
        let begin = first.saturating_sub(1);
        for (text, file) in self.pieces.iter().skip(begin) {
            if *text >= end {
                break;
            }
            let cut = start.saturating_sub(*text);
            part.pieces.push((text.saturating_sub(start), file + cut));
        }
        part
    }

    /// Without white space at its ends.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        let front = self.text.len() - self.text.trim_start().len();
        self.part(front..front + self.text.trim().len())
    }
}
