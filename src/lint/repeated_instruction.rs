//! `repeated-instruction`: only the last one counts.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "repeated-instruction",
    level: Level::Warning,
    also: &["DL3012", "DL4003", "DL4004", "MultipleInstructionsDisallowed", "DS-0007", "DS-0016", "DS-0023"],
    page: include_str!("repeated_instruction.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for stage in 0..look.file.stages.len() {
        for kind in [Kind::Cmd, Kind::Entrypoint, Kind::Healthcheck] {
            let all = look.file.of_stage(stage);
            let all: Vec<_> = all.filter(|(_, one)| one.kind == kind && !one.onbuild).collect();
            let Some(((_, last), before)) = all.split_last() else { continue };
            for (at, one) in before {
                let message = format!("another `{kind}` follows in this stage, so this one does nothing");
                found.say(*at, one.keyword.span, message, "remove it");
                found.related(last.keyword.span, "this one holds");
            }
        }
    }
}
