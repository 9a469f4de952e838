//! What was seen while an image was built.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::text::cut::LEFT_OUT;

/// Which of the engine's builders did the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BuilderKind {
    /// The builder with a graph of steps, cache mounts and secrets.
    BuildKit,
    /// The builder that commits a container a step.
    Classic,
}

/// An image that was built, or found already built from the same content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildFacts {
    /// The image's id, `sha256:…`: what runs, whatever happens to the tag.
    pub image_id: String,
    /// The tag that names the image by the content it was built from.
    pub tag: String,
    /// Which builder was asked, or would have been.
    pub builder: BuilderKind,
    /// Whether the image was there already, so that nothing was built.
    pub reused: bool,
    /// From the request to the image.
    pub duration: Duration,
    /// How many files the context held, and their bytes, after the ignore file.
    pub context_files: u64,
    /// See `context_files`.
    pub context_bytes: u64,
    /// The steps in the order they began; empty when the image was reused.
    pub steps: Vec<BuildStep>,
    /// What the user should know: files that could not be sent, warnings of the builder.
    pub notes: Vec<String>,
    /// What the builder warns of, each once.
    pub warnings: Vec<Warning>,
}

/// Something that the builder warns of in a Dockerfile that it builds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What it says.
    pub text: String,
    /// The Dockerfile's line, from 1.
    pub line: Option<u64>,
    /// Where more is said of it.
    pub url: Option<String>,
}

/// One instruction as the builder carried it out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildStep {
    /// Its number within its stage (`BuildKit`) or within the file (classic), from 1.
    pub number: u32,
    /// How many steps the builder counts there.
    pub total: u32,
    /// The instruction, in the builder's words.
    pub text: String,
    /// The stage's name as the builder calls it; empty where there is one stage only.
    pub stage: String,
    /// Where the instruction begins in the Dockerfile, from 1.
    pub dockerfile_line: Option<usize>,
    /// Whether its result came from the cache.
    pub cached: bool,
    /// From its start to its end; zero for a cached one.
    pub duration: Duration,
    /// What it printed.
    pub output: Output,
    /// What the builder says went wrong in it.
    pub error: Option<String>,
}

/// Lines of output, of which the first and the last are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The first lines.
    pub head: Vec<String>,
    /// The last lines, after those of `head`.
    pub tail: std::collections::VecDeque<String>,
    /// How many lines between the two were dropped.
    pub dropped: u64,
}

/// How many lines are kept of either end.
const KEPT: usize = 100;
/// How many bytes are kept of a line.
const LINE_BYTES: usize = 2_000;

impl Output {
    /// Adds a line; a long one is cut, and terminal control is taken out.
    pub fn push(&mut self, line: &str) {
        let line = tame(line);
        if self.head.len() < KEPT {
            self.head.push(line);
            return;
        }
        if self.tail.len() == KEPT {
            self.tail.pop_front();
            self.dropped += 1;
        }
        self.tail.push_back(line);
    }

    /// The last lines, at most `count`, behind a mark where there were more.
    pub fn last(&self, count: usize) -> Vec<String> {
        let from_tail = self.tail.len().min(count);
        let from_head = if self.dropped > 0 {
            0
        } else {
            (count - from_tail).min(self.head.len())
        };
        let head = self.head[self.head.len() - from_head..].iter();
        let tail = self.tail.iter().skip(self.tail.len() - from_tail);
        let is_all = from_head == self.head.len() && from_tail == self.tail.len();
        let more = (!is_all).then(|| LEFT_OUT.to_owned());
        more.into_iter().chain(head.chain(tail).cloned()).collect()
    }

    /// Whether nothing was printed.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty()
    }
}

/// A line as it may be shown: no escape sequence, no control character, not too long.
pub fn tame(line: &str) -> String {
    let mut shown = String::new();
    let mut rest = line.chars().peekable();
    while let Some(ch) = rest.next() {
        if ch == '\u{1b}' {
            if rest.next_if_eq(&'[').is_some() {
                while rest.next().is_some_and(|ch| !('@'..='~').contains(&ch)) {}
            }
        } else if ch == '\t' || !ch.is_control() {
            if shown.len() + ch.len_utf8() > LINE_BYTES {
                shown.push('…');
                break;
            }
            shown.push(ch);
        }
    }
    shown
}

/// A build that ended because of what the Dockerfile says or what its commands did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildFailure {
    /// The instruction that failed, where it is known.
    pub step: Option<String>,
    /// The Dockerfile, as the suite names it.
    pub dockerfile: String,
    /// Where the instruction stands in it, from 1.
    pub line: Option<usize>,
    /// What the failed command ended with.
    pub exit_code: Option<i64>,
    /// The last lines that the failed step printed.
    pub last_lines: Vec<String>,
    /// What went wrong, in one sentence.
    pub message: String,
    /// What to do about it, where that is known.
    pub help: Option<String>,
    /// Whether the engine's builder lacks what is asked for, so that another may build it.
    pub lacking: bool,
}

impl BuildFailure {
    /// Where it failed and why, without the output.
    pub fn what(&self) -> String {
        let line = self.line.map_or(String::new(), |line| format!(":{line}"));
        let step = self.step.as_ref();
        let step = step.map_or(String::new(), |step| format!("\n  step: {step}"));
        format!("{}{line}: {}{step}", self.dockerfile, self.message)
    }
}

impl std::fmt::Display for BuildFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what())?;
        for line in &self.last_lines {
            write!(f, "\n  | {line}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_keeps_both_ends() {
        let mut output = Output::default();
        for number in 0..500 {
            output.push(&number.to_string());
        }
        assert_eq!(output.head.len() + output.tail.len(), 2 * KEPT);
        assert_eq!(output.dropped, 300);
        assert_eq!(output.last(2), ["…", "498", "499"]);
        assert_eq!(output.last(1_000).len(), 1 + KEPT);

        let mut short = Output::default();
        short.push("a");
        short.push("b");
        assert_eq!(short.last(1), ["…", "b"]);
        assert_eq!(short.last(5), ["a", "b"]);
    }

    #[test]
    fn what_a_build_prints_is_tamed() {
        assert_eq!(tame("\u{1b}[91mred\u{1b}[0m\r\u{7}\tx"), "red\tx");
        assert_eq!(tame("\u{1b}"), "");
        assert_eq!(tame("\u{1b}[31"), "");
        assert!(tame(&"é".repeat(5_000)).len() <= LINE_BYTES + 3);
    }

    #[test]
    fn a_failure_reads_like_a_compiler_message() {
        let failure = BuildFailure {
            step: Some("RUN false".to_owned()),
            dockerfile: "Dockerfile".to_owned(),
            line: Some(3),
            exit_code: Some(1),
            last_lines: vec!["oh no".to_owned()],
            message: "the command ended with exit code 1".to_owned(),
            help: None,
            lacking: false,
        };
        assert_eq!(
            failure.to_string(),
            "Dockerfile:3: the command ended with exit code 1\n  step: RUN false\n  | oh no"
        );
    }
}
