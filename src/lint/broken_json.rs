//! `broken-json`: an array that is none.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "broken-json",
    level: Level::Error,
    also: &["JSONArgsRecommended"],
    page: include_str!("broken_json.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.file.instructions.iter().enumerate() {
        let takes = matches!(
            one.kind,
            Kind::Cmd | Kind::Entrypoint | Kind::Run | Kind::Healthcheck | Kind::Volume
                | Kind::Copy | Kind::Add
        );
        let command = one.command();
        let command = match one.kind {
            Kind::Healthcheck => command,
            _ => one.rest.trimmed(),
        };
        if takes && one.json.is_none() && is_meant(command.as_str()) && begins(command.as_str()).is_none() {
            let mut mend = "write [\"PROGRAM\", \"ARGUMENT\"] with double quotes and commas";
            if command.as_str().contains('\\') {
                mend = "in JSON a backslash is written twice";
            }
            let message = match one.kind {
                Kind::Volume | Kind::Copy | Kind::Add => {
                    "this is no JSON array, so its words are taken with brackets and quotes"
                }
                _ => "this is no JSON array, so a shell gets it as it is written",
            };
            found.say(at, command.whole(), message, mend);
        }
    }
}

/// Whether an array was meant, and no `[` of the shell.
fn is_meant(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('[') else { return false };
    let quote = |ch: char| matches!(ch, '"' | '\'' | '\u{201c}' | '\u{201d}' | '\u{2018}');
    // The `[` of a shell has a space behind it.
    let close = inner.starts_with(quote);
    let spaced = inner.trim_start().starts_with(quote) && inner.contains(',') && !inner.contains('$');
    close || spaced && text.ends_with(']')
}

/// What comes behind a whole array, where one stands in front.
pub(super) fn begins(text: &str) -> Option<&str> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Vec<serde_json::Value>>();
    stream.next()?.ok()?;
    text.get(stream.byte_offset()..)
}
