//! `pip-cache`: wheels that are installed and kept as well.

use super::look::{Look, place};
use super::{Found, Level, Rule};
use crate::dockerfile::shell::Command;

/// See its page.
pub const RULE: Rule = Rule {
    id: "pip-cache",
    level: Level::Info,
    also: &["DL3042"],
    page: include_str!("pip_cache.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.shipped_runs() {
        let text = run.one.text.as_str();
        let stage = run.one.stage.unwrap_or(0);
        let set = look.resolved.variable(stage, "PIP_NO_CACHE_DIR").is_some();
        let kept = run.one.caches(&["pip", ".cache"]) || run.removes(".cache");
        if set || kept || text.contains("PIP_NO_CACHE_DIR") || text.contains("pip cache purge") {
            continue;
        }
        for command in run.commands.iter().filter(|c| installs(c)) {
            if !command.args().iter().any(|word| word.text.starts_with("--no-cache")) {
                let message = "pip's cache stays in this layer";
                found.say(run.at, place(command, run.one), message, "add `--no-cache-dir`");
            }
        }
    }
}

fn installs(command: &Command) -> bool {
    let program = command.program();
    let words: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
    let version = |rest: &str| rest.chars().all(|ch| ch.is_ascii_digit() || ch == '.');
    program.strip_prefix("pip").is_some_and(version) && command.told() == "install"
        || program.strip_prefix("python").is_some_and(version)
            && words.starts_with(&["-m", "pip", "install"])
}
