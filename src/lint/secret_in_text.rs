//! `secret-in-text`: a key in plain sight.

use super::look::Look;
use super::{Found, Level, Rule};
use std::ops::Range;
use std::sync::OnceLock;
use regex::Regex;

/// See its page.
pub const RULE: Rule = Rule {
    id: "secret-in-text",
    level: Level::Error,
    also: &["DS-0031"],
    page: include_str!("secret_in_text.md"),
    check,
};

/// Forms of secrets.
const FORMS: &str = concat!(
    r"(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"|\bgh[pousr]_[0-9A-Za-z]{36}",
    r"|\bgithub_pat_[0-9A-Za-z_]{40}",
    r"|\bglpat-[0-9A-Za-z_-]{20}",
    r"|\bxox[abprs]-[0-9A-Za-z-]{10}",
    r"|\bAIza[0-9A-Za-z_-]{35}",
    r"|\bsk_live_[0-9A-Za-z]{20}",
    r"|\bnpm_[0-9A-Za-z]{36}",
    r"|-----BEGIN [A-Z ]*PRIVATE KEY",
    r"|://[^/\s:@$<>{}]+:[^/\s:@$<>{}*]{3,}@",
);

fn form() -> Option<&'static Regex> {
    static FORM: OnceLock<Option<Regex>> = OnceLock::new();
    FORM.get_or_init(|| Regex::new(FORMS).ok()).as_ref()
}

/// Where a text holds secrets, from their first byte to their last: more than what shows that they
/// are there.
pub fn stretches(text: &str) -> Vec<Range<usize>> {
    let Some(form) = form() else { return Vec::new() };
    let whole = |hit: regex::Match<'_>| {
        let (found, behind) = (hit.as_str(), text.get(hit.end()..).unwrap_or(""));
        if let Some(user) = found.strip_prefix("://") {
            return hit.end() - user.len()..hit.end() - 1;
        }
        let more = match found.starts_with("-----") {
            true => behind.find("-----END").unwrap_or(behind.len()),
            false => behind.find(|ch: char| !is_of_token(ch)).unwrap_or(behind.len()),
        };
        hit.start()..hit.end() + more
    };
    form.find_iter(text).map(whole).collect()
}

fn is_of_token(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || matches!(ch, '_' | '-' | '/' | '+' | '=' | '.')
}

fn check(look: &Look<'_>, found: &mut Found) {
    let Some(form) = form() else { return };
    for (at, one) in look.file.instructions.iter().enumerate() {
        let bodies = one.heredocs.iter().map(|doc| &doc.body);
        for text in std::iter::once(&one.text).chain(bodies) {
            for hit in form.find_iter(text.as_str()) {
                let message = "this looks like a secret, which whoever has the image can read";
                let mend = "replace it where it is valid, and give it by `RUN --mount=type=secret`";
                found.say(at, text.span(hit.range()), message, mend);
            }
        }
    }
}
