//! `exposed-ssh`: a way in that is not needed.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "exposed-ssh",
    level: Level::Warning,
    also: &["DS-0004"],
    page: include_str!("exposed_ssh.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.every(Kind::Expose) {
        for (value, span) in look.words(at, one) {
            if matches!(value.as_deref(), Some("22" | "22/tcp")) {
                let message = "port 22 is that of SSH";
                found.say(at, span, message, "use `docker exec` to look into a container");
            }
        }
    }
}
