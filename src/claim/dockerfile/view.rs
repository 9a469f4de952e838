//! A Dockerfile as its claims look at it.

use crate::dockerfile::resolved::Resolved;
use crate::dockerfile::{Dockerfile, Instruction, LARGEST};
use crate::fact::source;
use crate::lint::secrets;
use crate::text::source::{FileId, Sources, Span};

/// What is written and what it comes to.
pub(super) struct View<'a> {
    /// Its path.
    pub(super) name: &'a str,
    pub(super) file: Dockerfile,
    pub(super) resolved: Resolved,
    target: Option<&'a str>,
    sources: Sources,
}

impl<'a> View<'a> {
    /// `Err` where it cannot be read whole.
    pub(super) fn new(seen: &'a source::Dockerfile) -> Result<Self, String> {
        let name = seen.name.as_str();
        if seen.text.is_cut() || seen.text.bytes.len() > LARGEST {
            let most = LARGEST >> 10;
            return Err(format!(
                "{name} is larger than the {most} KiB that are read"
            ));
        }
        let text = seen.text.text();
        let mut sources = Sources::default();
        let id = sources.add(name, text.as_ref());
        let file = Dockerfile::read(id, &text);
        let resolved = Resolved::new(&file, &seen.args);
        Ok(Self {
            name,
            file,
            resolved,
            target: seen.target.as_deref(),
            sources,
        })
    }

    /// The line in which something stands.
    pub(super) fn line(&self, span: Span) -> usize {
        self.sources.line(span).number
    }

    /// The stage that is built.
    pub(super) fn built(&self) -> Result<usize, String> {
        let (name, count) = (self.name, self.file.stages.len());
        let Some(target) = self.target else {
            let none = || format!("{name} has no stage: no instruction is a FROM");
            return count.checked_sub(1).ok_or_else(none);
        };
        let named = self.file.stage_named(target, count);
        let numbered = || target.parse().ok().filter(|number| *number < count);
        let none = || format!("{name} has no stage `{target}`, which is the suite's `target`");
        named.or_else(numbered).ok_or_else(none)
    }

    /// The names of its stages.
    pub(super) fn stage_names(&self) -> Vec<String> {
        let stages = self.file.stages.iter();
        let named = stages.filter_map(|stage| stage.name.as_ref());
        named.map(|name| name.value.clone()).collect()
    }

    /// Each instruction on one line, with single spaces, and its here-documents below it.
    pub(super) fn instructions(&self) -> String {
        all_of(&self.file)
    }

    /// These with stars in the place of secrets, where there are any.
    pub(super) fn covered_instructions(&self) -> Option<String> {
        let text = self
            .sources
            .get(FileId(0))
            .map(|source| source.text.as_str())?;
        let masked = secrets::masked(&self.file, text).text;
        (masked != text).then(|| all_of(&Dockerfile::read(FileId(0), &masked)))
    }

    /// One of them.
    pub(super) fn instruction(&self, at: usize) -> String {
        let one = self.file.instructions.get(at);
        one.map(on_one_line).unwrap_or_default()
    }
}

fn all_of(file: &Dockerfile) -> String {
    let all: Vec<String> = file.instructions.iter().map(on_one_line).collect();
    all.join("\n")
}

fn on_one_line(one: &Instruction) -> String {
    let mut text = spaced(one.text.as_str());
    for document in &one.heredocs {
        text.push('\n');
        text.push_str(document.body.as_str().trim_end());
    }
    text
}

/// With single spaces.
pub(super) fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
