//! `secret-in-variable`: a secret that the image remembers.

use super::look::Look;
use super::{Found, Level, Rule};
use super::secret_in_text::stands_for_one;
use crate::dockerfile::shell::assignments;
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
const SECRET: [&str; 10] = [
    "pword", "pass", "secret", "token", "credential", "credentials", "secretkey", "privatekey",
    "accesskey", "pat",
];

/// Ends of last words of such names: `PGPASSWORD`.
const ENDS: [&str; 5] = ["password", "passwd", "passphrase", "apikey", "authtoken"];

/// Last words that say so with another before them: `MYSQL_PWD`, but neither `PWD` nor `OLD_PWD`.
const SECOND: [&str; 2] = ["pwd", "pw"];

/// What is a folder, not a password.
const FOLDERS: [&str; 4] = ["old", "current", "init", "last"];

/// Values that only switch something, or say that there is none.
const SWITCHES: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "none", "null"];

/// Instructions that are commands.
pub const COMMANDS: [Kind; 4] = [Kind::Run, Kind::Cmd, Kind::Entrypoint, Kind::Healthcheck];

/// What a command is given is shorter than a secret where it only has to be set.
const SHORTEST: usize = 3;

/// Words that make a secret of a `KEY` behind them.
const KEYS: [&str; 6] = ["api", "secret", "private", "access", "signing", "encryption"];

fn check(look: &Look<'_>, found: &mut Found) {
    in_commands(look, found);
    for kind in [Kind::Arg, Kind::Env, Kind::Label] {
        for (at, one) in look.every(kind) {
            for pair in one.pairs().into_iter().filter(|pair| is_secret(&pair.name)) {
                let value = pair.value.as_deref().map(|v| v.trim_matches(['"', '\'']));
                let none = match value {
                    // What an argument is given in place of its default is in the history as well.
                    _ if kind == Kind::Arg => value == Some(""),
                    value => value.is_none_or(is_none),
                };
                let lies_at = value.is_some_and(|v| v.starts_with("/run/secrets/"));
                if none || lies_at {
                    continue;
                }
                let message = format!("whoever has the image can read `{}`", pair.name);
                let mend = match kind {
                    Kind::Arg => "give it by `RUN --mount=type=secret,id=…`",
                    Kind::Label => "leave it out: labels are for everyone",
                    _ => "set it when the container is run, or read it from a file",
                };
                found.say(at, name_of(one, &pair), message, mend);
            }
        }
    }
}

/// What commands are given: it stands in the history of the image as they do.
fn in_commands(look: &Look<'_>, found: &mut Found) {
    for kind in COMMANDS {
        for (at, one) in look.every(kind) {
            let given = assignments(one).into_iter().filter(|given| is_secret(&given.name));
            for given in given.filter(|given| is_written(&given.value)) {
                let message = format!("whoever has the image can read `{}`", given.name);
                let mend = match kind {
                    Kind::Run => "give it by `RUN --mount=type=secret,id=…`",
                    _ => "set it when the container is run, or read it from a file",
                };
                found.say(at, given.named, message, mend);
            }
        }
    }
}

/// Whether a value in a command is itself a secret, and neither where one comes from nor a word in its place.
fn is_written(value: &str) -> bool {
    let is_computed = value.contains(['$', '`']) || value.starts_with("/run/secrets/");
    value.len() >= SHORTEST && !is_computed && !is_none(value) && !stands_for_one(value)
}

/// Whether a value is no secret, whatever its name.
fn is_none(value: &str) -> bool {
    value.is_empty() || SWITCHES.iter().any(|word| word.eq_ignore_ascii_case(value))
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
    // `DB_PASSWORD2`
    let words = lower.split(['_', '-', '.']);
    let words = words.map(|word| word.trim_end_matches(|ch: char| ch.is_ascii_digit()));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if words.contains(&"public") {
        return false;
    }
    match words.as_slice() {
        [.., before, "key"] => KEYS.contains(before),
        [.., before, last] if SECOND.contains(last) => !FOLDERS.contains(before),
        [.., last] => {
            ENDS.iter().any(|end| last.ends_with(end))
                || SECRET.contains(last) && (*last != "pat" || words.len() > 1)
        }
        [] => false,
    }
}
