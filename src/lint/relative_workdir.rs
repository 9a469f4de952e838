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
    for stage in 0..look.file.stages.len() {
        let chain = look.resolved.chain(stage);
        let before = chain.iter().filter(|one| **one != stage);
        let mut fixed = before.flat_map(|one| look.file.of_stage(*one)).any(is_fixed(look));
        for (at, one) in look.file.of_stage(stage).filter(|(_, one)| one.kind == Kind::Workdir) {
            if is_fixed(look)((at, one)) {
                fixed = true;
            } else if !fixed && !one.onbuild {
                let message = "this is relative to what the base image says";
                found.say(at, one.rest.whole(), message, "begin it with `/`");
            }
        }
    }
}

/// Whether an instruction is a `WORKDIR` that is absolute, or may be.
fn is_fixed(look: &Look<'_>) -> impl Fn((usize, &Instruction)) -> bool {
    |(at, one)| {
        let value = look.resolved.words(at).first().cloned().flatten();
        let is_drive = |path: &str| path.get(1..2) == Some(":");
        one.kind == Kind::Workdir
            && value.is_none_or(|path| {
                path.is_empty() || path.starts_with(['/', '\\']) || is_drive(&path)
            })
    }
}
