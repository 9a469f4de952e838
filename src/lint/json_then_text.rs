//! `json-then-text`: an array with text behind it.

use super::broken_json::begins;
use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "json-then-text",
    level: Level::Error,
    also: &[],
    page: include_str!("json_then_text.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.file.instructions.iter().enumerate() {
        let takes = matches!(
            one.kind,
            Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck | Kind::Run | Kind::Shell | Kind::Volume
                | Kind::Copy | Kind::Add
        );
        if !takes || one.json.is_some() {
            continue;
        }
        let command = one.command();
        let text = command.as_str();
        let Some(rest) = begins(text).filter(|rest| !rest.trim().is_empty()) else { continue };
        let start = text.len() - rest.trim_start().len();
        let is_command = matches!(one.kind, Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck | Kind::Run);
        let message = match is_command {
            true => "older builders drop the text behind the array, newer ones give all of it to a shell",
            false => "older builders drop the text behind the array, newer ones take no array with text behind it",
        };
        let mend = match one.kind {
            Kind::Healthcheck => "remove the text: any exit code but 0 is unhealthy without it",
            // `[ "a" ]` is a test of the shell's.
            Kind::Run if text.starts_with("[ ") => "write `test` in place of the brackets",
            _ if is_command => "remove the text, or write the command without brackets, quotes and commas",
            _ => "remove the text",
        };
        found.say(at, command.span(start..text.len()), message, mend);
    }
}
