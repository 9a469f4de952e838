//! Dockerfiles, read as the builder reads them, every word with its place. No I/O.
//!
//! Reading never fails: what is wrong is a [`Fault`] beside what could be understood, so that one
//! mistake does not hide the next. What depends on build arguments is in [`resolved`].

pub mod expand;
mod flaws;
pub mod heredoc;
pub mod instruction;
pub mod joined;
mod lines;
pub mod named;
mod platform;
pub mod reference;
mod refused;
pub mod resolved;
pub mod shell;
pub mod words;

#[cfg(test)]
mod tests;

pub use instruction::{Flag, Instruction, Kind};

use crate::text::source::{FileId, Span, Spanned};

/// A file of more bytes is not read.
pub const LARGEST: usize = 1 << 20;
/// More stages than these are not read.
const MOST_STAGES: usize = 500;

/// A Dockerfile.
#[derive(Debug, Clone)]
pub struct Dockerfile {
    /// Where it is among the sources.
    pub file: FileId,
    /// What `# syntax=` and its like say, in order.
    pub directives: Vec<Directive>,
    /// Comments, those inside instructions too.
    pub comments: Vec<Comment>,
    /// Its instructions in order.
    pub instructions: Vec<Instruction>,
    /// Its stages in order.
    pub stages: Vec<Stage>,
    /// What the builder would refuse.
    pub faults: Vec<Fault>,
    /// What escapes a character or continues a line.
    pub escape: char,
}

/// A parser directive.
#[derive(Debug, Clone)]
pub struct Directive {
    /// `syntax`, `escape` or `check`, in lower case.
    pub name: String,
    /// What it is set to.
    pub value: Spanned<String>,
}

/// A comment.
#[derive(Debug, Clone)]
pub struct Comment {
    /// What stands behind the `#`.
    pub text: Spanned<String>,
    /// The instruction that it stands above or in; one past the last at the file's end.
    pub above: usize,
}

/// A stage: what begins with a `FROM`.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The number of its `FROM` among the instructions.
    pub from: usize,
    /// One past its last instruction.
    pub end: usize,
    /// Its name as written.
    pub name: Option<Spanned<String>>,
    /// What it builds on, as written.
    pub image: Spanned<String>,
}

/// What the builder would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub span: Span,
    /// The instruction that it is in.
    pub instruction: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub mend: String,
    /// Whether it is a word that is no instruction.
    pub is_stranger: bool,
}

impl Fault {
    /// Something in an instruction.
    pub fn new(
        instruction: usize,
        span: Span,
        message: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            span,
            instruction,
            message: message.into(),
            mend: mend.into(),
            is_stranger: false,
        }
    }
}

impl Stage {
    /// What it is called in messages.
    pub fn shown(&self, index: usize) -> String {
        match &self.name {
            Some(name) => format!("`{}`", name.value),
            None => format!("{index}"),
        }
    }
}

impl Dockerfile {
    /// The instructions of a stage with their numbers, its `FROM` first.
    pub fn of_stage(&self, stage: usize) -> impl DoubleEndedIterator<Item = (usize, &Instruction)> {
        let range = self.stages.get(stage).map_or(0..0, |s| s.from..s.end);
        let all = self.instructions.get(range.clone()).unwrap_or_default();
        range.zip(all)
    }

    /// The last stage before `before` that has this name.
    pub fn stage_named(&self, name: &str, before: usize) -> Option<usize> {
        let called = |stage: &Stage| {
            let own = stage.name.as_ref();
            own.is_some_and(|own| own.value.eq_ignore_ascii_case(name))
        };
        let known = self.stages.get(..before.min(self.stages.len()))?;
        known.iter().rposition(called)
    }
}
