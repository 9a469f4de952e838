//! `ignored-command`: a `CMD` that nobody gets.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "ignored-command",
    level: Level::Warning,
    also: &[],
    page: include_str!("ignored_command.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    let Some((_, entrypoint)) = look.shipped_of(Kind::Entrypoint).pop() else { return };
    if entrypoint.json.is_some() || entrypoint.rest.as_str().trim().starts_with('[') {
        return;
    }
    let command = look.shipped_of(Kind::Cmd).pop();
    if let Some((at, command)) = command.filter(|(_, one)| one.stage == entrypoint.stage) {
        let message = "a shell-form `ENTRYPOINT` takes no arguments, so this `CMD` does nothing";
        let mend = "write the `ENTRYPOINT` as a JSON array";
        found.say(at, command.keyword.span, message, mend);
        found.related(entrypoint.keyword.span, "the shell-form entry point");
    }
}
