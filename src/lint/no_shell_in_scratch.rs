//! `no-shell-in-scratch`: a shell that is not there.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::resolved::Base;
use crate::dockerfile::{Instruction, Kind};

/// See its page.
pub const RULE: Rule = Rule {
    id: "no-shell-in-scratch",
    level: Level::Error,
    also: &[],
    page: include_str!("no_shell_in_scratch.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (stage, _) in without_shell(look).into_iter().enumerate().filter(|(_, without)| *without) {
        for (at, one) in look.file.of_stage(stage) {
            let runs = matches!(one.kind, Kind::Run | Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck);
            let empty = one.command().as_str().is_empty();
            if runs && one.json.is_none() && !empty && !one.onbuild && !one.is_none() && !broken(one) {
                let message = "there is no shell in this stage to run it";
                let mend = "write a JSON array: [\"/PROGRAM\", \"ARGUMENT\"]";
                found.say(at, one.command().whole(), message, mend);
            }
        }
    }
}

/// Whether each stage begins with nothing and brings no shell.
pub(super) fn without_shell(look: &Look<'_>) -> Vec<bool> {
    let brings = look.firsts(|at, one| may_bring_a_shell(look, at, one));
    let is_empty = |stage: usize| look.resolved.root(stage) == Some(&Base::Scratch);
    let all = brings.into_iter().enumerate();
    all.map(|(stage, first)| first.is_none() && is_empty(stage)).collect()
}

/// What is said by the rules for broken arrays.
fn broken(one: &Instruction) -> bool {
    one.command().as_str().starts_with('[')
}

fn may_bring_a_shell(look: &Look<'_>, at: usize, one: &Instruction) -> bool {
    if one.kind == Kind::Shell || one.caches(&["/"]) || one.mounts().next().is_some() {
        return true;
    }
    if !matches!(one.kind, Kind::Copy | Kind::Add) {
        return false;
    }
    let to = look.resolved.words(at).last().cloned().flatten();
    let to = to.as_deref().map_or("/", |to| to.trim_end_matches('/'));
    let open = ["", "/bin", "/usr", "/usr/bin", "/busybox", ".", "/sbin", "/usr/local/bin"];
    let named = |end: &str| to.ends_with(end);
    open.contains(&to) || one.kind == Kind::Add || named("/sh") || named("/busybox")
}
