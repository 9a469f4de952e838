//! `chown-after-copy`: files are stored twice.

use super::look::{Look, Run, place};
use super::{Found, Level, Rule};
use std::collections::BTreeMap;
use crate::dockerfile::Kind;
use crate::dockerfile::resolved::Base;
use crate::dockerfile::shell::Command;
use crate::text::source::Span;

/// See its page.
pub const RULE: Rule = Rule {
    id: "chown-after-copy",
    level: Level::Info,
    also: &[],
    page: include_str!("chown_after_copy.md"),
    check,
};

/// The kernel takes no longer path.
const LONGEST: usize = 4096;

fn check(look: &Look<'_>, found: &mut Found) {
    // Where the stages before leave the one who builds on them.
    let mut left: Vec<Option<String>> = Vec::new();
    for stage in 0..look.file.stages.len() {
        let mut folder = match look.resolved.bases.get(stage) {
            Some(Base::Stage(parent)) => left.get(*parent).cloned().flatten(),
            _ => None,
        };
        let mut copies: BTreeMap<String, Span> = BTreeMap::new();
        for (at, one) in look.file.of_stage(stage).filter(|(_, one)| !one.onbuild) {
            let to = || look.resolved.words(at).last()?.as_deref();
            match one.kind {
                Kind::Workdir => folder = to().and_then(|to| below(folder.as_deref(), to)),
                Kind::Copy | Kind::Add if one.flag("chown").is_none() => {
                    let to = to().and_then(|to| below(folder.as_deref(), to));
                    if let Some(to) = to {
                        copies.entry(to).or_insert(one.span);
                    }
                }
                Kind::Run if look.ships(stage) => {
                    let run = look.run_at(at);
                    for (command, path) in run.into_iter().flat_map(chowned) {
                        let path = below(folder.as_deref(), path);
                        if let Some(copy) = path.and_then(|path| copied_below(&copies, &path)) {
                            let message = "every file that was copied is stored a second time";
                            found.say(at, place(command, one), message, "write `COPY --chown=USER`");
                            found.related(copy, "copied here");
                        }
                    }
                }
                _ => {}
            }
        }
        left.push(folder);
    }
}

/// What is given to somebody with all that lies below it, each with the command that does so.
fn chowned<'r>(run: &'r Run<'_>) -> impl Iterator<Item = (&'r Command, &'r str)> {
    let all = run.commands.iter().filter(|command| {
        command.program() == "chown" && command.has('R', &["recursive"]) && command.args().len() > 2
    });
    all.filter_map(|command| Some((command, command.words.last()?.text.trim_end_matches('*'))))
}

/// What was copied to a path or below it, by where it was put.
fn copied_below(copies: &BTreeMap<String, Span>, path: &str) -> Option<Span> {
    // All that begins with a slash lies before what begins with the character behind the slash.
    let (first, behind) = (format!("{path}/"), format!("{path}0"));
    let mut within = copies.range(first..behind);
    copies.get(path).or_else(|| within.next().map(|(_, copy)| copy)).copied()
}

/// A path from the root on, without a slash at its end. One that no system takes is not known.
fn below(folder: Option<&str>, path: &str) -> Option<String> {
    let bare = path.trim_start_matches("./").trim_end_matches('/');
    let path = match (path.starts_with('/'), bare) {
        (true, _) => Some(bare.to_owned()),
        (false, "" | ".") => folder.map(str::to_owned),
        (false, _) => folder.map(|folder| format!("{folder}/{bare}")),
    };
    path.filter(|path| path.len() <= LONGEST)
}
