//! A Dockerfile's instructions by their lines and steps: enough to say where a step stands and which images
//! the build starts from. The builder alone judges the Dockerfile.

use std::collections::HashMap;

use crate::dockerfile::expand::{Variable, expand};
use crate::dockerfile::resolved::is_given;
use crate::dockerfile::{Dockerfile, Instruction as Read, Kind};
use crate::text::source::FileId;

/// An instruction and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// Its first line, from 1.
    pub(super) line: usize,
    /// Its last line, with its here-documents.
    pub(super) last_line: usize,
    /// `RUN`, `COPY`, …, in capitals.
    pub(super) keyword: String,
    /// The whole instruction on one line, without here-documents.
    pub(super) text: String,
    /// Whether here-documents follow it.
    pub(super) heredoc: bool,
    /// The stage it belongs to, from 0; none before the first `FROM`.
    pub(super) stage: Option<usize>,
}

/// A Dockerfile, cut into instructions.
#[derive(Clone, Debug)]
pub(super) struct Instructions {
    pub(super) all: Vec<Instruction>,
    file: Dockerfile,
    /// What `# syntax=` asks for.
    pub(super) syntax: Option<String>,
}

impl Default for Instructions {
    fn default() -> Self {
        Self::parse(b"")
    }
}

impl Instructions {
    pub(super) fn parse(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let file = Dockerfile::read(FileId(0), &text);
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let line = |byte: usize| ends.partition_point(|end| *end < byte) + 1;
        let place = |byte: u32| usize::try_from(byte).unwrap_or(usize::MAX);
        let all = file.instructions.iter().map(|one| {
            let words: Vec<&str> = one.text.as_str().split_whitespace().collect();
            let (start, end) = (place(one.span.start), place(one.span.end));
            Instruction {
                line: line(start),
                last_line: line(end.saturating_sub(1).max(start)),
                keyword: match one.onbuild {
                    true => "ONBUILD".to_owned(),
                    false => one.keyword.value.to_uppercase(),
                },
                text: words.join(" "),
                heredoc: !one.heredocs.is_empty(),
                stage: one.stage,
            }
        });
        let syntax = file.directives.iter().find(|one| one.name == "syntax");
        Self {
            all: all.collect(),
            syntax: syntax.map(|one| one.value.value.clone()),
            file,
        }
    }

    /// The instruction behind a step that the classic builder calls `Step 3/5`.
    pub(super) fn nth(&self, number: u32) -> Option<&Instruction> {
        self.all.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The instruction of that number, from 1, among all of a stage.
    pub(super) fn of_number(&self, stage: &str, number: u32) -> Option<&Instruction> {
        let stage = self.stage_index(stage)?;
        let before = usize::try_from(number).ok()?.checked_sub(1)?;
        let mut all = self.all.iter().filter(|one| one.stage == Some(stage));
        all.nth(before)
    }

    /// A stage, from 0, as `BuildKit` calls it; empty where it is the only one.
    pub(super) fn stage_called(&self, stage: usize) -> String {
        let stages = &self.file.stages;
        let name = stages.get(stage).and_then(|stage| stage.name.as_ref());
        match name {
            _ if stages.len() <= 1 => String::new(),
            Some(name) => name.value.clone(),
            None => format!("stage-{stage}"),
        }
    }

    /// The instruction behind a step that `BuildKit` calls `[stage 3/5] RUN …`.
    ///
    /// The steps of a stage are its `RUN`, `COPY`, `ADD` and `WORKDIR`, in front of which stand its
    /// `FROM` and what the base image triggers. So they are counted from the end.
    pub(super) fn of_step(
        &self,
        stage: &str,
        number: u32,
        total: u32,
        text: &str,
    ) -> Option<&Instruction> {
        let stage = self.stage_index(stage)?;
        let keyword = text.split_whitespace().next()?.to_uppercase();
        let in_stage = || self.all.iter().filter(move |one| one.stage == Some(stage));
        if keyword == "FROM" {
            return in_stage().find(|one| one.keyword == "FROM");
        }
        let from_end = usize::try_from(total.checked_sub(number)?).ok()?;
        let counted: Vec<_> = in_stage()
            .filter(|one| matches!(one.keyword.as_str(), "RUN" | "COPY" | "ADD" | "WORKDIR"))
            .collect();
        let by_number = counted.iter().rev().nth(from_end).copied();
        let same = |one: &&Instruction| one.keyword == keyword;
        by_number.filter(same).or_else(|| {
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            let wanted = squeezed(text);
            counted
                .into_iter()
                .find(|one| squeezed(&one.text) == wanted)
        })
    }

    fn stage_index(&self, name: &str) -> Option<usize> {
        let stages = &self.file.stages;
        if name.is_empty() {
            return (stages.len() == 1).then_some(0);
        }
        let called = |own: &str| own.eq_ignore_ascii_case(name);
        let named = stages
            .iter()
            .position(|stage| stage.name.as_ref().is_some_and(|own| called(&own.value)));
        named.or_else(|| {
            let lower = name.to_lowercase();
            let index: usize = lower.strip_prefix("stage-")?.parse().ok()?;
            (index < stages.len()).then_some(index)
        })
    }

    /// The instruction that holds a line.
    pub(super) fn at_line(&self, line: usize) -> Option<&Instruction> {
        self.all
            .iter()
            .find(|one| (one.line..=one.last_line).contains(&line))
    }

    /// The images that the build takes from outside, or none where that cannot be told.
    ///
    /// What a build fetches by `ADD` from elsewhere cannot be told either.
    pub(super) fn images(&self, args: &[(String, String)]) -> Option<Vec<String>> {
        let mut known = Known::new(args);
        let mut images = Vec::new();
        // Of a file that is too large there are none.
        self.file.stages.first()?;
        for one in &self.file.instructions {
            if one.stage.is_none() && one.kind == Kind::Arg {
                known.declare(one);
                continue;
            }
            let text = one.text.as_str();
            let remote = text.contains("://") || text.contains("git@");
            if one.onbuild || one.kind == Kind::Add && remote {
                return None;
            }
            let named = match one.kind {
                Kind::From => vec![one.words().first()?.text.clone()],
                Kind::Copy => one
                    .flag("from")
                    .and_then(|flag| flag.value.clone())
                    .into_iter()
                    .collect(),
                Kind::Run => mounted(one),
                _ => continue,
            };
            for name in named {
                let image = known.fill(&name, one.escape)?;
                let before = one.stage.unwrap_or(0);
                let is_stage = self.file.stage_named(&image, before).is_some();
                let is_number =
                    one.kind != Kind::From && image.bytes().all(|byte| byte.is_ascii_digit());
                let is_empty = image.eq_ignore_ascii_case("scratch");
                if !is_stage && !is_number && !is_empty && !images.contains(&image) {
                    images.push(image);
                }
            }
        }
        Some(images)
    }
}

/// What the mounts of a `RUN` are taken from.
fn mounted(run: &Read) -> Vec<String> {
    let parts = run.mounts().flatten();
    let from = parts.filter(|(key, _)| *key == "from");
    from.map(|(_, name)| name.to_owned()).collect()
}

/// What is known of the variables above the first `FROM`.
struct Known<'a> {
    given: &'a [(String, String)],
    values: HashMap<String, Variable>,
}

impl<'a> Known<'a> {
    fn new(given: &'a [(String, String)]) -> Self {
        Self {
            given,
            values: HashMap::new(),
        }
    }

    fn declare(&mut self, one: &Read) {
        for pair in one.pairs() {
            let given = self.given.iter().find(|(name, _)| *name == pair.name);
            let value = match (given, &pair.value) {
                (Some((_, given)), _) => Variable::Set(given.clone()),
                (None, Some(default)) => self
                    .text(default, one.escape)
                    .map_or(Variable::Unknown, Variable::Set),
                // Which platform it is, the builder knows.
                (None, None) if is_given(&pair.name) => Variable::Unknown,
                (None, None) => Variable::Unset,
            };
            self.values.insert(pair.name, value);
        }
    }

    fn text(&self, text: &str, escape: char) -> Option<String> {
        let mut look = |name: &str| match self.values.get(name) {
            Some(value) => value.clone(),
            None if is_given(name) => Variable::Unknown,
            None => Variable::Unset,
        };
        expand(text, escape, &mut look).text
    }

    /// A name with its variables replaced; none where that is not known, or leaves nothing.
    fn fill(&self, text: &str, escape: char) -> Option<String> {
        self.text(text, escape).filter(|image| !image.is_empty())
    }
}

#[cfg(test)]
mod tests;
