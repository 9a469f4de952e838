//! From lines to instructions.

use super::flaws;
use super::heredoc::{self, Heredoc};
use super::instruction::{Flag, Instruction, Kind};
use super::joined::Joined;
use super::words::Word;
use super::{Comment, Directive, Dockerfile, Fault, LARGEST, MOST_STAGES, Stage};
use crate::text::source::{FileId, Span, Spanned};

impl Dockerfile {
    /// Reads a Dockerfile, whatever it holds.
    pub fn read(file: FileId, text: &str) -> Self {
        let mut found = Self {
            file,
            directives: Vec::new(),
            comments: Vec::new(),
            instructions: Vec::new(),
            stages: Vec::new(),
            faults: Vec::new(),
            escape: '\\',
        };
        if text.len() > LARGEST {
            let what = format!("the file is larger than {} KiB", LARGEST >> 10);
            found.fault(
                span(file, 0, 0),
                what,
                "put long scripts into files of their own",
            );
            return found;
        }
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Reading {
            lines: Lines { text, at },
            found: &mut found,
            in_directives: true,
        }
        .all();
        flaws::look(&mut found);
        found
    }

    /// Notes something that the builder refuses in the instruction that is being read.
    pub(super) fn fault(
        &mut self,
        span: Span,
        message: impl Into<String>,
        mend: impl Into<String>,
    ) {
        let at = self.instructions.len();
        self.faults.push(Fault::new(at, span, message, mend));
    }
}

fn span(file: FileId, start: usize, end: usize) -> Span {
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span {
        file,
        start: byte(start),
        end: byte(end),
    }
}

/// Lines with their places, without their ends.
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<(usize, &'a str)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let line = rest.split('\n').next().unwrap_or(rest);
        self.at += line.len() + 1;
        Some((start, line.strip_suffix('\r').unwrap_or(line)))
    }
}

struct Reading<'a, 'f> {
    lines: Lines<'a>,
    found: &'f mut Dockerfile,
    in_directives: bool,
}

impl<'a> Reading<'a, '_> {
    fn all(mut self) {
        while let Some((start, line)) = self.lines.next() {
            let trimmed = line.trim_start();
            let at = start + line.len() - trimmed.len();
            if trimmed.is_empty() {
                self.in_directives = false;
            } else if trimmed.starts_with('#') {
                self.comment(at, trimmed);
            } else {
                self.in_directives = false;
                self.instruction(at, trimmed);
            }
            if self.found.stages.len() > MOST_STAGES {
                let last = self.found.instructions.last().map(|one| one.span);
                let what = format!("there are more than {MOST_STAGES} stages");
                let place = last.unwrap_or(span(self.found.file, 0, 0));
                self.found
                    .fault(place, what, "nothing behind this was read");
                return;
            }
        }
    }

    fn comment(&mut self, at: usize, line: &str) {
        let text = line.get(1..).unwrap_or("");
        let place = span(self.found.file, at, at + line.trim_end().len());
        if self.in_directives && self.directive(text, place) {
            return;
        }
        self.in_directives = false;
        self.found.comments.push(Comment {
            text: Spanned {
                span: place,
                value: text.trim().to_owned(),
            },
            above: self.found.instructions.len(),
        });
    }

    /// Whether the comment is a directive.
    fn directive(&mut self, text: &str, place: Span) -> bool {
        let Some((name, value)) = text.split_once('=') else {
            return false;
        };
        let (name, value) = (name.trim().to_lowercase(), value.trim());
        if !matches!(name.as_str(), "syntax" | "escape" | "check") || value.is_empty() {
            return false;
        }
        if self.found.directives.iter().any(|d| d.name == name) {
            let what = format!("`# {name}=` stands here a second time");
            self.found.fault(place, what, "remove one of the two");
        }
        if name == "escape" {
            match value {
                "\\" => {}
                "`" => self.found.escape = '`',
                _ => self.found.fault(
                    place,
                    format!("`{value}` cannot be the escape character"),
                    "it is `\\` or a backtick",
                ),
            }
        }
        self.found.directives.push(Directive {
            name,
            value: Spanned {
                span: place,
                value: value.to_owned(),
            },
        });
        true
    }

    fn instruction(&mut self, start: usize, first: &'a str) {
        let file = self.found.file;
        let escape = self.found.escape;
        let mut text = Joined::new(file);
        let mut gaps = Vec::new();
        let mut part = (start, first);
        while let Some(kept) = continued(part.1, escape) {
            text.push(kept, part.0);
            match self.next_part(&mut gaps) {
                Some(next) => part = next,
                None => {
                    part = (part.0, "");
                    break;
                }
            }
        }
        text.push(part.1, part.0);
        let end = part.0 + part.1.trim_end().len();
        let mut instruction = Instruction {
            kind: Kind::Unknown,
            keyword: Spanned {
                span: span(file, start, start),
                value: String::new(),
            },
            span: span(file, start, end.max(start)),
            onbuild: false,
            stage: None,
            flags: Vec::new(),
            rest: text.clone(),
            json: None,
            heredocs: Vec::new(),
            gaps,
            text: text.trimmed(),
            escape,
        };
        take_keyword(&mut instruction);
        if instruction.kind == Kind::Onbuild && !instruction.rest.as_str().trim().is_empty() {
            instruction.onbuild = true;
            take_keyword(&mut instruction);
        }
        if instruction.kind.takes_flags() {
            take_flags(&mut instruction);
        }
        if instruction.kind.takes_json() {
            instruction.json = array(instruction.command().as_str());
        }
        if instruction.kind.takes_heredocs() && instruction.json.is_none() {
            self.heredocs(&mut instruction);
        }
        self.keep(instruction);
    }

    /// The next line that belongs to the instruction, comments and empty lines passed over.
    fn next_part(&mut self, gaps: &mut Vec<Span>) -> Option<(usize, &'a str)> {
        let file = self.found.file;
        while let Some((at, line)) = self.lines.next() {
            let trimmed = line.trim_start();
            if trimmed.is_empty() {
                gaps.push(span(file, at, at));
            } else if trimmed.starts_with('#') {
                self.comment(at + line.len() - trimmed.len(), trimmed);
            } else {
                return Some((at, line));
            }
        }
        None
    }

    fn heredocs(&mut self, instruction: &mut Instruction) {
        let mut all = heredoc::announced(&instruction.rest, instruction.escape);
        for one in &mut all {
            let start = self.lines.at;
            if let Some(end) = self.body(one) {
                let text = self.lines.text.get(start..end).unwrap_or("");
                one.body.push(text, start);
                let behind = self.lines.at.min(self.lines.text.len());
                instruction.span.end = u32::try_from(behind).unwrap_or(u32::MAX);
            } else {
                self.found.fault(
                    one.span,
                    format!("the here-document `{}` does not end", one.name),
                    format!("a line that is just `{}` ends it", one.name),
                );
            }
        }
        instruction.heredocs = all;
    }

    /// Goes behind the here-document's last line and says where its text ends.
    fn body(&mut self, heredoc: &Heredoc) -> Option<usize> {
        while let Some((at, line)) = self.lines.next() {
            let line = match heredoc.chomp {
                true => line.trim_start_matches('\t'),
                false => line,
            };
            if line == heredoc.name {
                return Some(at);
            }
        }
        None
    }

    fn keep(&mut self, mut instruction: Instruction) {
        let at = self.found.instructions.len();
        if instruction.kind == Kind::From && !instruction.onbuild {
            self.found.stages.push(stage(at, &instruction));
        }
        instruction.stage = self.found.stages.len().checked_sub(1);
        if let Some(stage) = self.found.stages.last_mut() {
            stage.end = at + 1;
        }
        self.found.instructions.push(instruction);
    }
}

fn stage(at: usize, from: &Instruction) -> Stage {
    let words = from.words();
    let spanned = |word: &Word| Spanned {
        span: word.span,
        value: word.text.clone(),
    };
    let is_as = |word: &Word| word.text.eq_ignore_ascii_case("as");
    let name = words.get(2).filter(|_| words.get(1).is_some_and(is_as));
    Stage {
        from: at,
        end: at + 1,
        name: name.map(spanned),
        image: words.first().map_or(
            Spanned {
                span: from.keyword.span,
                value: String::new(),
            },
            spanned,
        ),
    }
}

/// The line without the escape character that continues it.
fn continued(line: &str, escape: char) -> Option<&str> {
    let kept = line
        .trim_end_matches([' ', '\t', '\r'])
        .strip_suffix(escape)?;
    // An escape character that is itself escaped continues nothing.
    (!kept.ends_with(escape)).then_some(kept)
}

fn take_keyword(instruction: &mut Instruction) {
    let rest = instruction.rest.trimmed();
    let text = rest.as_str();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let keyword = text.get(..end).unwrap_or("").to_owned();
    instruction.kind = Kind::of(&keyword);
    instruction.keyword = Spanned {
        span: rest.span(0..end),
        value: keyword,
    };
    instruction.rest = rest.part(end..text.len()).trimmed();
}

fn take_flags(instruction: &mut Instruction) {
    let mut flags = Vec::new();
    let mut behind = 0;
    let words = super::words::quoted(&instruction.rest, instruction.escape);
    for word in &words {
        let Some(flag) = word.text.strip_prefix("--") else {
            break;
        };
        behind = word.range.end;
        if flag.is_empty() {
            break;
        }
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(bare(value))),
            None => (flag, None),
        };
        flags.push(Flag {
            name: name.to_owned(),
            value,
            span: word.span,
        });
    }
    let all = instruction.rest.as_str().len();
    instruction.rest = instruction.rest.part(behind..all).trimmed();
    instruction.flags = flags;
}

/// Without quotes.
fn bare(value: &str) -> String {
    value
        .chars()
        .filter(|ch| !matches!(ch, '"' | '\''))
        .collect()
}

/// The words of a JSON array of texts, where it is one and nothing else.
pub(super) fn array(text: &str) -> Option<Vec<String>> {
    text.starts_with('[')
        .then(|| serde_json::from_str(text).ok())
        .flatten()
}
