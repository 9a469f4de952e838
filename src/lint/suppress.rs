//! Comments that let a finding stand: `# seaworthy ignore=RULE reason`.

use std::collections::HashMap;

use super::{Finding, Level, MOST, instead_of, rule};
use crate::dockerfile::{Comment, Dockerfile};
use crate::text::cut::named;
use crate::text::source::Span;

/// What such a comment lets stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Ignored<'a> {
    name: &'a str,
    /// The instruction that it is for; none where it is for the whole file.
    instruction: Option<usize>,
    /// Written for hadolint, whose rules are more than ours.
    foreign: bool,
}

impl Ignored<'static> {
    /// All that lets a finding stand.
    fn of(finding: &Finding) -> impl Iterator<Item = Self> + use<> {
        let places = [None, Some(finding.instruction)];
        let also = rule(finding.rule).map_or(&[][..], |rule| rule.also);
        let names = also.iter().map(|name| (*name, true));
        let names = names.chain([(finding.rule, false)]);
        names.flat_map(move |(name, foreign)| {
            places.map(|instruction| Self {
                name,
                instruction,
                foreign,
            })
        })
    }
}

/// Leaves out what comments suppress, and adds what is wrong with such comments.
pub fn apply(file: &Dockerfile, findings: Vec<Finding>) -> Vec<Finding> {
    let all: Vec<(Ignored<'_>, Span)> = file.comments.iter().flat_map(read).collect();
    let mut used: HashMap<Ignored<'_>, bool> = all.iter().map(|(one, _)| (*one, false)).collect();
    let mut left = Vec::new();
    for finding in findings {
        let mut is_suppressed = false;
        for one in Ignored::of(&finding) {
            if let Some(used) = used.get_mut(&one) {
                *used = true;
                is_suppressed = true;
            }
        }
        if !is_suppressed {
            left.push(finding);
        }
    }
    let idle = |(one, _): &&(Ignored<'_>, Span)| !one.foreign && used.get(one) == Some(&false);
    left.extend(all.iter().filter(idle).take(MOST).map(complaint));
    left
}

fn complaint((ignored, span): &(Ignored<'_>, Span)) -> Finding {
    let name = named(ignored.name);
    let (rule, message, mend) = if rule(ignored.name).is_some() {
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
        instruction: ignored.instruction.unwrap_or(0),
        span: *span,
        message,
        mend,
        related: Vec::new(),
    }
}

/// The names in a comment, if it is one of these.
fn read(comment: &Comment) -> Vec<(Ignored<'_>, Span)> {
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
            let ignored = Ignored {
                name,
                instruction: global.is_none().then_some(comment.above),
                foreign,
            };
            words.push((ignored, within(comment, at + front, name.len())));
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
