//! `chown-after-copy`: files are stored twice.

use super::look::{Look, place};
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;
use crate::text::source::Span;

/// See its page.
pub const RULE: Rule = Rule {
    id: "chown-after-copy",
    level: Level::Info,
    also: &[],
    page: include_str!("chown_after_copy.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.shipped_runs() {
        for command in run.commands.iter().filter(|c| c.program() == "chown") {
            if !command.has('R', &["recursive"]) {
                continue;
            }
            let Some(path) = command.words.last().map(|word| word.text.trim_end_matches('/')) else {
                continue;
            };
            if let Some(copy) = copied_below(look, run.at, path).filter(|_| path.starts_with('/')) {
                let message = "every file that was copied is stored a second time";
                found.say(run.at, place(command, run.one), message, "write `COPY --chown=USER`");
                found.related(copy, "copied here");
            }
        }
    }
}

/// A `COPY` of the same stage, before this instruction, that puts something below the path.
fn copied_below(look: &Look<'_>, before: usize, path: &str) -> Option<Span> {
    let stage = look.file.instructions.get(before)?.stage?;
    let mut folder = None;
    for (at, one) in look.file.of_stage(stage).take_while(|(at, _)| *at < before) {
        let last = look.resolved.words(at).last().cloned().flatten();
        match one.kind {
            Kind::Workdir => folder = last,
            Kind::Copy | Kind::Add if one.flag("chown").is_none() => {
                let to = match last.as_deref() {
                    Some("." | "./") => folder.clone(),
                    _ => last,
                };
                let to = to.unwrap_or_default();
                let to = to.trim_end_matches('/');
                let below = to.strip_prefix(path).is_some_and(|r| r.is_empty() || r.starts_with('/'));
                if below {
                    return Some(one.span);
                }
            }
            _ => {}
        }
    }
    None
}
