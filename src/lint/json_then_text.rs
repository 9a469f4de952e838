//! `json-then-text`: an array with text behind it.

use super::look::Look;
use super::{Found, Level, Rule};
use super::broken_json::begins;
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
        let runs = matches!(one.kind, Kind::Cmd | Kind::Entrypoint | Kind::Healthcheck | Kind::Run);
        if !runs || one.json.is_some() {
            continue;
        }
        let command = one.command();
        let text = command.as_str();
        let Some((words, rest)) = begins(text) else { continue };
        // `[ "a" ]` is a test of the shell's.
        let is_test = text.starts_with("[ ") && words.len() < 2;
        if is_test || rest.trim().is_empty() {
            continue;
        }
        let start = text.len() - rest.trim_start().len();
        let message = "with text behind it this is no JSON array, so a shell gets all of it as it is written";
        let mend = match one.kind {
            Kind::Healthcheck => "remove the text: any exit code but 0 is unhealthy without it",
            _ => "remove the text, or write the command without brackets, quotes and commas",
        };
        found.say(at, command.span(start..text.len()), message, mend);
    }
}
