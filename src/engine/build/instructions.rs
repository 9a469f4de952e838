//! A Dockerfile's instructions with their lines: enough to say where a step stands and which images
//! the build starts from. The builder alone judges the Dockerfile.

use crate::engine::build::variables::{self, Variables};

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
#[derive(Clone, Debug, Default)]
pub(super) struct Instructions {
    pub(super) all: Vec<Instruction>,
    /// The names of the stages, in lower case.
    stages: Vec<Option<String>>,
    /// What `# syntax=` asks for.
    pub(super) syntax: Option<String>,
}

impl Instructions {
    pub(super) fn parse(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text));
        let mut found = Self::default();
        let mut escape = '\\';
        let mut in_directives = true;
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .peekable();
        while let Some((number, line)) = lines.next() {
            let trimmed = line.trim();
            if let Some(comment) = trimmed.strip_prefix('#') {
                let directive = comment.split_once('=').filter(|_| in_directives);
                match directive.map(|(key, value)| (key.trim().to_lowercase(), value.trim())) {
                    Some((key, value)) if key == "syntax" => found.syntax = Some(value.to_owned()),
                    Some((key, "`")) if key == "escape" => escape = '`',
                    Some((key, _)) if key == "escape" || key == "check" => {}
                    _ => in_directives = false,
                }
                continue;
            }
            in_directives = false;
            if trimmed.is_empty() {
                continue;
            }
            let (mut last_line, mut whole) = (number, String::new());
            let mut part = trimmed;
            // An instruction goes on over comments and empty lines.
            while let Some(kept) = part.strip_suffix(escape) {
                whole.push_str(kept.trim_end());
                whole.push(' ');
                part = "";
                for (number, next) in lines.by_ref() {
                    last_line = number;
                    let next = next.trim();
                    if !next.is_empty() && !next.starts_with('#') {
                        part = next;
                        break;
                    }
                }
            }
            whole.push_str(part);
            let keyword = whole
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_uppercase();
            let mut heredoc = false;
            for word in heredocs(&keyword, &whole) {
                heredoc = true;
                for (number, line) in lines.by_ref() {
                    last_line = number;
                    if line.trim_start_matches('\t') == word {
                        break;
                    }
                }
            }
            found.add(Instruction {
                line: number,
                last_line,
                keyword,
                text: whole.trim_end().to_owned(),
                heredoc,
                stage: None,
            });
        }
        found
    }

    fn add(&mut self, mut instruction: Instruction) {
        if instruction.keyword == "FROM" {
            let words: Vec<&str> = plain_words(&instruction.text).collect();
            let name = match words.as_slice() {
                [_, r#as, name, ..] if r#as.eq_ignore_ascii_case("as") => Some(name.to_lowercase()),
                _ => None,
            };
            self.stages.push(name);
        }
        instruction.stage = self.stages.len().checked_sub(1);
        self.all.push(instruction);
    }

    /// The instruction behind a step that the classic builder calls `Step 3/5`.
    pub(super) fn nth(&self, number: u32) -> Option<&Instruction> {
        self.all.get(usize::try_from(number).ok()?.checked_sub(1)?)
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
        if name.is_empty() {
            return (self.stages.len() == 1).then_some(0);
        }
        let lower = name.to_lowercase();
        let named = self
            .stages
            .iter()
            .position(|stage| stage.as_deref() == Some(lower.as_str()));
        named.or_else(|| {
            let index: usize = lower.strip_prefix("stage-")?.parse().ok()?;
            (index < self.stages.len()).then_some(index)
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
        let mut known = Variables::new(args);
        let mut images = Vec::new();
        for one in &self.all {
            if one.stage.is_none() && one.keyword == "ARG" {
                known.declare(one.text.get(3..)?)?;
                continue;
            }
            let remote = one.text.contains("://") || one.text.contains("git@");
            if one.keyword == "ADD" && remote || one.keyword == "ONBUILD" {
                return None;
            }
            let named = match one.keyword.as_str() {
                "FROM" => plain_words(&one.text).next(),
                "COPY" | "RUN" => variables::from_option(&one.text),
                _ => None,
            };
            let Some(named) = named else { continue };
            let image = known.fill(named)?;
            let lower = image.to_lowercase();
            let earlier = self.stages.iter().take(one.stage.unwrap_or(0));
            let is_stage = earlier.flatten().any(|stage| *stage == lower);
            let is_number =
                one.keyword != "FROM" && image.bytes().all(|byte| byte.is_ascii_digit());
            if !is_stage && !is_number && lower != "scratch" && !images.contains(&image) {
                images.push(image);
            }
        }
        Some(images)
    }
}

/// The words after the keyword that are no options.
fn plain_words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
        .skip(1)
        .skip_while(|word| word.starts_with("--"))
}

/// The words that end the here-documents of an instruction, in order.
fn heredocs(keyword: &str, text: &str) -> Vec<String> {
    if !matches!(keyword, "RUN" | "COPY" | "ADD") {
        return Vec::new();
    }
    let mut words = Vec::new();
    for (at, _) in text.match_indices("<<") {
        // `<<<` is the shell's own, and `1<<2` is arithmetic.
        let before = text[..at].chars().next_back();
        if !before.is_none_or(|ch| ch.is_whitespace() || ch.is_ascii_digit()) {
            continue;
        }
        let rest = text[at + 2..].trim_start_matches('-');
        let rest = rest.trim_start_matches(['"', '\'']);
        let end = rest
            .find(|ch: char| !(ch.is_alphanumeric() || matches!(ch, '_' | '.')))
            .unwrap_or(rest.len());
        let word = &rest[..end];
        if word.starts_with(|ch: char| ch.is_alphabetic() || ch == '_') {
            words.push(word.to_owned());
        }
    }
    words
}

#[cfg(test)]
mod tests;
