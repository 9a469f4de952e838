//! `add-url`: a download that nothing verifies.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "add-url",
    level: Level::Warning,
    also: &["DL3020"],
    page: include_str!("add_url.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.every(Kind::Add) {
        let Some((from, _)) = one.copied() else { continue };
        if one.flag("checksum").is_some() {
            continue;
        }
        let values = look.resolved.words(at);
        for (number, word) in from.iter().enumerate() {
            // What an argument stands for by default is fetched as well.
            let value = values.get(number).and_then(Option::as_deref).unwrap_or(&word.text);
            let name = value.trim_matches(['"', '\'']);
            let is_url = name.starts_with("http://") || name.starts_with("https://");
            let path = name.split(['#', '?']).next().unwrap_or(name);
            if is_url && path.strip_suffix(".git").is_none() {
                let message = "nothing says what this URL must give";
                let mend = "add `--checksum=sha256:…`, or fetch and verify it in a `RUN`";
                found.say(at, word.span, message, mend);
            }
        }
    }
}
