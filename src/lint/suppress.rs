//! Comments that let a finding stand: `# seaworthy ignore=RULE reason`.

use super::{Finding, Level, instead_of, rule};
use crate::dockerfile::{Comment, Dockerfile};
use crate::text::source::Span;

/// A name in such a comment.
struct Word<'a> {
    name: &'a str,
    span: Span,
    /// The instruction that it is for; none where it is for the whole file.
    instruction: Option<usize>,
    /// Written for hadolint, whose rules are more than ours.
    foreign: bool,
    used: bool,
}

impl Word<'_> {
    fn means(&self, finding: &Finding) -> bool {
        let here = self.instruction.is_none_or(|at| at == finding.instruction);
        let same = match self.foreign {
            true => rule(finding.rule).is_some_and(|r| r.also.contains(&self.name)),
            false => finding.rule == self.name,
        };
        here && same
    }
}

/// Leaves out what comments suppress, and adds what is wrong with such comments.
pub fn apply(file: &Dockerfile, findings: Vec<Finding>) -> Vec<Finding> {
    let mut words: Vec<Word<'_>> = file.comments.iter().flat_map(read).collect();
    let mut left = Vec::new();
    for finding in findings {
        let mut is_suppressed = false;
        for word in words.iter_mut().filter(|word| word.means(&finding)) {
            word.used = true;
            is_suppressed = true;
        }
        if !is_suppressed {
            left.push(finding);
        }
    }
    for word in words.iter().filter(|word| !word.foreign && !word.used) {
        left.push(complaint(word));
    }
    left
}

fn complaint(word: &Word<'_>) -> Finding {
    let name: String = word.name.chars().take(40).collect();
    let (rule, message, mend) = if rule(word.name).is_some() {
        (
            "unused-ignore",
            format!("nothing here breaks `{name}`"),
            "remove the comment, or put it right above the instruction that it is for".to_owned(),
        )
    } else {
        let mend = instead_of(&name);
        ("unknown-ignore", format!("there is no rule `{name}`"), mend)
    };
    Finding {
        rule,
        level: Level::Warning,
        instruction: word.instruction.unwrap_or(0),
        span: word.span,
        message,
        mend,
        related: Vec::new(),
    }
}

/// The names in a comment, if it is one of these.
fn read(comment: &Comment) -> Vec<Word<'_>> {
    let text = comment.text.value.as_str();
    let mut rest = text;
    let foreign = rest.starts_with("hadolint ");
    let Some(behind) = ["hadolint ", "seaworthy "]
        .iter()
        .find_map(|own| rest.strip_prefix(own))
    else {
        return Vec::new();
    };
    rest = behind.trim_start();
    let global = rest.strip_prefix("global ").filter(|_| foreign);
    rest = global.unwrap_or(rest).trim_start();
    let Some(list) = rest.strip_prefix("ignore").map(str::trim_start) else {
        return Vec::new();
    };
    let Some(list) = list.strip_prefix('=') else {
        return Vec::new();
    };
    let mut words = Vec::new();
    let mut at = text.len() - list.len();
    // The list ends at the first space that stands behind no comma; then comes the reason.
    for part in list.split_inclusive(',') {
        let front = part.len() - part.trim_start().len();
        let bare = part.trim_start().trim_end_matches(',');
        let name = bare.split_whitespace().next().unwrap_or("");
        let ended = bare.trim_end() != name;
        if !name.is_empty() {
            words.push(Word {
                name,
                span: within(comment, at + front, name.len()),
                instruction: global.is_none().then_some(comment.above),
                foreign,
                used: false,
            });
        }
        at += part.len();
        if ended {
            break;
        }
    }
    words
}

/// A part of the comment's text in the file: the text stands at the comment's end.
fn within(comment: &Comment, at: usize, length: usize) -> Span {
    let whole = comment.text.span;
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let front = byte(comment.text.value.len()).min(whole.end - whole.start);
    let start = (whole.end - front).saturating_add(byte(at));
    Span {
        start,
        end: start.saturating_add(byte(length)),
        ..whole
    }
}
