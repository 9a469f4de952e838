//! `unusable-user`: a line that names nobody.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "unusable-user",
    level: Level::Error,
    also: &[],
    page: include_str!("unusable_user.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.every(Kind::User) {
        if one.words().len() > 1 {
            let message = "the whole line is the user's name, spaces and all, and no container starts as such a user";
            let mend = "name one user, and put a comment on a line of its own";
            found.say(at, one.rest.whole(), message, mend);
        }
    }
}
