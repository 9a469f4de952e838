//! `shell-form`: a shell between the engine and the program.

use super::look::Look;
use super::no_shell_in_scratch::without_shell;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "shell-form",
    level: Level::Warning,
    also: &["DL3025", "JSONArgsRecommended"],
    page: include_str!("shell_form.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    let shells = look.firsts(|_, one| one.kind == Kind::Shell);
    let without = without_shell(look);
    for kind in [Kind::Cmd, Kind::Entrypoint] {
        for (at, one) in look.every(kind) {
            let command = one.command();
            let text = command.as_str();
            let stage = one.stage.unwrap_or(0);
            let shell = shells.get(stage).copied().flatten().is_some_and(|before| before < at);
            let broken = text.starts_with('[');
            let execs = text.split_whitespace().any(|word| word == "exec");
            let no_shell = without.get(stage) == Some(&true);
            if one.json.is_some() || text.is_empty() || broken || execs || shell || no_shell {
                continue;
            }
            let message = "a shell is process 1, and passes no signals on to the program";
            let mend = "write a JSON array, or begin with `exec`";
            found.say(at, command.whole(), message, mend);
        }
    }
}
