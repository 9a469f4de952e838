//! `unverified-download`: whoever is on the way may answer.

use super::look::{Look, place};
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;
use crate::dockerfile::shell::Command;

/// See its page.
pub const RULE: Rule = Rule {
    id: "unverified-download",
    level: Level::Warning,
    also: &[],
    page: include_str!("unverified_download.md"),
    check,
};

/// Options of programs that switch proof off.
const OPTIONS: [(&str, &[&str]); 10] = [
    ("wget", &["--no-check-certificate"]),
    ("apt-get", &["--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"]),
    ("apt", &["--allow-unauthenticated", "--allow-insecure-repositories"]),
    ("apk", &["--allow-untrusted"]),
    ("pip", &["--trusted-host"]),
    ("pip3", &["--trusted-host"]),
    ("yum", &["--nogpgcheck"]),
    ("dnf", &["--nogpgcheck"]),
    ("zypper", &["--no-gpg-checks"]),
    ("curl", &["--insecure"]),
];

/// Variables that switch proof off, and the values with which they do.
const VARIABLES: [(&str, &[&str]); 4] = [
    ("NODE_TLS_REJECT_UNAUTHORIZED", &["0"]),
    ("PYTHONHTTPSVERIFY", &["0"]),
    ("GIT_SSL_NO_VERIFY", &["1", "true"]),
    ("NPM_CONFIG_STRICT_SSL", &["false"]),
];

fn check(look: &Look<'_>, found: &mut Found) {
    let message = "nothing proves any longer where this comes from";
    let mend = "leave it out, and add the missing certificate or key where one is needed";
    for run in look.runs() {
        for command in &run.commands {
            let program = command.program();
            let options = OPTIONS.iter().find(|(known, _)| *known == program);
            let word = options.and_then(|(_, options)| command.finds(options));
            if let Some(word) = word {
                found.say(run.at, word.span, message, mend);
            } else if switches_off(command) {
                found.say(run.at, place(command, run.one), message, mend);
            }
        }
    }
    for (at, one) in look.every(Kind::Env) {
        for pair in one.pairs() {
            let value = pair.value.as_deref().unwrap_or("").trim_matches(['"', '\'']);
            let off = |(name, values): &(&str, &[&str])| *name == pair.name && values.contains(&value);
            if VARIABLES.iter().any(off) {
                found.say(at, pair.span, message, mend);
            }
        }
    }
}

fn switches_off(command: &Command) -> bool {
    let text = || command.text();
    match command.program() {
        "curl" => command.has('k', &[]),
        "npm" | "yarn" => text().contains("config set strict-ssl false"),
        "git" => text().contains("http.sslVerify false") || text().contains("http.sslVerify=false"),
        _ => false,
    }
}
