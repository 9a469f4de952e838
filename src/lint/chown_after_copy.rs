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
            let Some(word) = command.words.last().filter(|_| command.args().len() > 2) else {
                continue;
            };
            let path = below(folder(look, run.at).as_deref(), word.text.trim_end_matches('*'));
            let Some(path) = path else { continue };
            if let Some(copy) = copied_below(look, run.at, &path) {
                let message = "every file that was copied is stored a second time";
                found.say(run.at, place(command, run.one), message, "write `COPY --chown=USER`");
                found.related(copy, "copied here");
            }
        }
    }
}

/// The working directory of an instruction, as far as the file says it.
fn folder(look: &Look<'_>, before: usize) -> Option<String> {
    let stage = look.file.instructions.get(before)?.stage?;
    let chain = look.resolved.chain(stage);
    let all = chain.iter().flat_map(|stage| look.file.of_stage(*stage));
    let set = all.filter(|(at, one)| *at < before && one.kind == Kind::Workdir);
    set.fold(None, |folder, (at, _)| {
        let to = look.resolved.words(at).last().cloned().flatten()?;
        below(folder.as_deref(), &to)
    })
}

/// A path from the root on, without a slash at its end.
fn below(folder: Option<&str>, path: &str) -> Option<String> {
    let bare = path.trim_start_matches("./").trim_end_matches('/');
    match (path.starts_with('/'), bare) {
        (true, _) => Some(bare.to_owned()),
        (false, "" | ".") => folder.map(str::to_owned),
        (false, _) => folder.map(|folder| format!("{folder}/{bare}")),
    }
}

/// A `COPY` of the same stage, before this instruction, that puts something below the path.
fn copied_below(look: &Look<'_>, before: usize, path: &str) -> Option<Span> {
    let stage = look.file.instructions.get(before)?.stage?;
    let mut all = look.file.of_stage(stage).take_while(|(at, _)| *at < before);
    let copy = all.find(|(at, one)| {
        let copies = matches!(one.kind, Kind::Copy | Kind::Add) && one.flag("chown").is_none();
        let to = look.resolved.words(*at).last().cloned().flatten().filter(|_| copies);
        let to = to.and_then(|to| below(folder(look, *at).as_deref(), &to));
        let rest = to.as_deref().and_then(|to| to.strip_prefix(path));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    copy.map(|(_, one)| one.span)
}
