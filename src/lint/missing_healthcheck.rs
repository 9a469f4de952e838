//! `missing-healthcheck`: nobody asks how it is.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "missing-healthcheck",
    level: Level::Info,
    also: &["DL3057", "DS-0026"],
    page: include_str!("missing_healthcheck.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    let has = |kind| !look.shipped_of(kind).is_empty();
    let stage = look.last.and_then(|last| look.file.stages.get(last));
    let runs = has(Kind::Cmd) || has(Kind::Entrypoint);
    if let Some(stage) = stage.filter(|_| runs && !has(Kind::Healthcheck)) {
        let message = "the image has no health check";
        let mend = "add `HEALTHCHECK CMD …`, or `HEALTHCHECK NONE` where something else asks";
        found.say(stage.from, stage.image.span, message, mend);
    }
}
