//! `relative-workdir`: a folder that depends on the base.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::{Instruction, Kind};

/// See its page.
pub const RULE: Rule = Rule {
    id: "relative-workdir",
    level: Level::Warning,
    also: &["DL3000", "WorkdirRelativePath", "DS-0009"],
    page: include_str!("relative_workdir.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    let fixed = look.firsts(|at, one| is_fixed(look, at, one));
    for (at, one) in look.every(Kind::Workdir).filter(|(_, one)| !one.onbuild) {
        let first = one.stage.and_then(|stage| fixed.get(stage).copied().flatten());
        if one.stage.is_some() && first.is_none_or(|first| at < first) {
            let message = "this is relative to what the base image says";
            found.say(at, one.rest.whole(), message, "begin it with `/`");
        }
    }
}

/// Whether an instruction is a `WORKDIR` that is absolute, or may be.
fn is_fixed(look: &Look<'_>, at: usize, one: &Instruction) -> bool {
    let value = || look.resolved.words(at).first().cloned().flatten();
    let is_drive = |path: &str| path.get(1..2) == Some(":");
    one.kind == Kind::Workdir
        && value().is_none_or(|path| {
            path.is_empty() || path.starts_with(['/', '\\']) || is_drive(&path)
        })
}
