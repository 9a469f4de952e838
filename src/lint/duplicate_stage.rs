//! `duplicate-stage`: two stages of one name.

use super::look::Look;
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "duplicate-stage",
    level: Level::Error,
    also: &["DL3024", "DuplicateStageName"],
    page: include_str!("duplicate_stage.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, stage) in look.file.stages.iter().enumerate() {
        let Some(name) = &stage.name else { continue };
        let Some(first) = look.file.stage_named(&name.value, at) else { continue };
        let message = format!("a stage before has the name `{}` too", name.value);
        found.say(stage.from, name.span, message, "give each stage a name of its own");
        if let Some(known) = look.file.stages.get(first).and_then(|stage| stage.name.as_ref()) {
            found.related(known.span, "the other one");
        }
    }
}
