//! `copy-into-file`: several sources, one name.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "copy-into-file",
    level: Level::Error,
    also: &["DL3021"],
    page: include_str!("copy_into_file.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for kind in [Kind::Copy, Kind::Add] {
        for (at, one) in look.every(kind).filter(|(_, one)| !one.onbuild) {
            let Some((from, to)) = one.copied() else { continue };
            let Some(Some(value)) = look.resolved.words(at).last() else { continue };
            let folder = value.ends_with(['/', '\\']) || matches!(value.as_str(), "." | "..");
            if from.len() > 1 && !folder && !value.ends_with("/.") {
                let message = format!("{} sources cannot become one file", from.len());
                found.say(at, to.span, message, "end the folder's name with `/`");
            }
        }
    }
}
