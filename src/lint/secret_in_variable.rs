//! `secret-in-variable`: a secret that the image remembers.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::words::Pair;
use crate::dockerfile::{Instruction, Kind};
use crate::text::source::Span;

/// See its page.
pub const RULE: Rule = Rule {
    id: "secret-in-variable",
    level: Level::Warning,
    also: &["SecretsUsedInArgOrEnv", "DS-0031"],
    page: include_str!("secret_in_variable.md"),
    check,
};

/// Last words of names that hold secrets.
const SECRET: [&str; 14] = [
    "password", "passwd", "passphrase", "pword", "secret", "token", "credential", "credentials",
    "apikey", "secretkey", "privatekey", "accesskey", "authtoken", "pat",
];

/// Words that make a secret of a `KEY` behind them.
const KEYS: [&str; 6] = ["api", "secret", "private", "access", "signing", "encryption"];

fn check(look: &Look<'_>, found: &mut Found) {
    for kind in [Kind::Arg, Kind::Env] {
        for (at, one) in look.every(kind) {
            for pair in one.pairs().into_iter().filter(|pair| is_secret(&pair.name)) {
                let value = pair.value.as_deref().map(|v| v.trim_matches(['"', '\'']));
                let none = value.is_some_and(str::is_empty) || value.is_none() && kind == Kind::Env;
                let lies_at = value.is_some_and(|v| v.starts_with("/run/secrets/"));
                if none || lies_at {
                    continue;
                }
                let message = format!("whoever has the image can read `{}`", pair.name);
                let mend = match kind {
                    Kind::Arg => "give it by `RUN --mount=type=secret,id=…`",
                    _ => "set it when the container is run, or read it from a file",
                };
                found.say(at, name_of(one, &pair), message, mend);
            }
        }
    }
}

/// Where the name stands: its value is not for showing.
fn name_of(one: &Instruction, pair: &Pair) -> Span {
    let end = pair.span.start + u32::try_from(pair.name.len()).unwrap_or(0);
    Span {
        end: end.min(one.span.end),
        ..pair.span
    }
}

/// Whether what goes by this name is likely a secret.
pub fn is_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(['_', '-', '.']).filter(|word| !word.is_empty()).collect();
    if words.contains(&"public") {
        return false;
    }
    match words.as_slice() {
        [.., before, "key"] => KEYS.contains(before),
        [.., last] => SECRET.contains(last) && (*last != "pat" || words.len() > 1),
        [] => false,
    }
}
