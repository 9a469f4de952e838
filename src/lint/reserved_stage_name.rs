//! `reserved-stage-name`: a name that is taken.

use super::look::Look;
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "reserved-stage-name",
    level: Level::Error,
    also: &["ReservedStageName"],
    page: include_str!("reserved_stage_name.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for stage in &look.file.stages {
        let Some(name) = &stage.name else { continue };
        let lower = name.value.to_ascii_lowercase();
        if matches!(lower.as_str(), "scratch" | "context") {
            let message = format!("the builder means something else by `{lower}`");
            found.say(stage.from, name.span, message, "choose another name");
        }
    }
}
