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

/// Ways in which programs are told a password, which is captured.
const WAYS: [&str; 6] = [
    r#"\bcurl\b[^;|&\n]*?\s(?:-u|--user|--proxy-user)[\s=]*["']?[^\s:"'$-][^\s:"'$]*:([^\s"'$]+)"#,
    r#"\b(?:mysql|mariadb)(?:-?(?:admin|dump|check|sh))?\s(?:[^;|&\n]*?\s)?-p["']?([^\s"'$;|&]+)"#,
    r#"(?:^|["'\s])[A-Za-z_][\w.-]*:([^\s"'|:$]+)["']?\s*\|\s*(?:sudo\s+)?chpasswd\b"#,
    r#"\bsshpass\s+-p\s*["']?([^\s"'$]+)"#,
    r#"\bredis-cli\b[^;|&\n]*?\s-a\s+["']?([^\s"'$;|&]+)"#,
    r#"\b(?:docker|podman|buildah|skopeo|crane|helm|oc)\s(?:[^;|&\n]*?\s)?login\s(?:[^;|&\n]*?\s)?-p\s*["']?([^\s"'$;|&]+)"#,
];

/// What only shows where a password belongs.
const NONE: [&str; 9] = [
    "password", "passwd", "pass", "secret", "token", "changeme", "dummy", "example", "placeholder",
];

fn form() -> Option<&'static Regex> {
    static FORM: OnceLock<Option<Regex>> = OnceLock::new();
    FORM.get_or_init(|| Regex::new(FORMS).ok()).as_ref()
}

fn ways() -> &'static [Regex] {
    static REGEXES: OnceLock<Vec<Regex>> = OnceLock::new();
    REGEXES.get_or_init(|| WAYS.iter().filter_map(|way| Regex::new(way).ok()).collect())
}

/// Whether a text only shows where a secret belongs.
pub(super) fn stands_for_one(text: &str) -> bool {
    NONE.iter().any(|none| none.eq_ignore_ascii_case(text)) || text.starts_with(['<', '{', '*', '%'])
}

/// Passwords that programs are told in a text.
fn told(text: &str) -> Vec<Range<usize>> {
    let all = ways().iter().flat_map(|way| way.captures_iter(text));
    let real = all.filter_map(|hit| hit.get(1)).filter(|secret| {
        !stands_for_one(secret.as_str())
    });
    real.map(|secret| secret.range()).collect()
}

/// Where a text holds secrets, from their first byte to their last: more than what shows that they
/// are there.
pub fn stretches(text: &str) -> Vec<Range<usize>> {
    let Some(form) = form() else { return Vec::new() };
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(hit) = form.find_at(text, from) {
        let (found, behind) = (hit.as_str(), text.get(hit.end()..).unwrap_or(""));
        let stretch = match found.strip_prefix("://") {
            Some(user) => hit.end() - user.len()..hit.end() - 1,
            None => {
                let more = match found.starts_with("-----") {
                    true => behind.find("-----END"),
                    false => behind.find(|ch: char| !is_of_token(ch)),
                };
                hit.start()..hit.end() + more.unwrap_or(behind.len())
            }
        };
        // What is inside of it is hidden with it.
        from = stretch.end.max(hit.end());
        all.push(stretch);
    }
    all.extend(told(text));
    all
}

fn is_of_token(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || matches!(ch, '_' | '-' | '/' | '+' | '=' | '.')
}

fn check(look: &Look<'_>, found: &mut Found) {
    let Some(form) = form() else { return };
    for (at, one) in look.file.instructions.iter().enumerate() {
        let bodies = one.heredocs.iter().map(|doc| &doc.body);
        for text in std::iter::once(&one.text).chain(bodies) {
            let hits = form.find_iter(text.as_str()).map(|hit| hit.range());
            for hit in hits.chain(told(text.as_str())) {
                let message = "this looks like a secret, which whoever has the image can read";
                let mend = "replace it where it is valid, and give it by `RUN --mount=type=secret`";
                found.say(at, text.span(hit), message, mend);
            }
        }
    }
}
