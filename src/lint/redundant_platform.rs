//! `redundant-platform`: a flag that says what holds anyway.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "redundant-platform",
    level: Level::Info,
    also: &["RedundantTargetPlatform"],
    page: include_str!("redundant_platform.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.every(Kind::From) {
        let Some(flag) = one.flag("platform") else { continue };
        if matches!(flag.value.as_deref(), Some("$TARGETPLATFORM" | "${TARGETPLATFORM}")) {
            let message = "a stage is for the target platform anyway";
            found.say(at, flag.span, message, "leave the flag out");
        }
    }
}
