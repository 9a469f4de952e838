//! `chmod-777`: everyone may write.

use super::look::Look;
use crate::dockerfile::shell::Command;
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "chmod-777",
    level: Level::Warning,
    also: &["DS-0022"],
    page: include_str!("chmod_777.md"),
    check,
};

/// Modes with which everyone may write.
const WIDE: [&str; 12] = [
    "777", "0777", "666", "0666", "a+w", "o+w", "a+rw", "o+rw", "a+rwx", "o+rwx", "ugo+rwx", "ugo+rw",
];

fn check(look: &Look<'_>, found: &mut Found) {
    let message = "everyone may write this";
    let mend = "give it to the user who writes it: `--chown=USER`, or `chown` and a mode such as 750";
    for run in look.runs() {
        for command in run.commands.iter().filter(|c| c.program() == "chmod") {
            if let Some(mode) = command.finds(&WIDE).filter(|_| !is_removed(command, &run.commands)) {
                found.say(run.at, mode.span, message, mend);
            }
        }
    }
    for (at, one) in look.file.instructions.iter().enumerate() {
        let flag = one.flag("chmod");
        if let Some(flag) = flag.filter(|f| f.value.as_deref().is_some_and(|v| WIDE.contains(&v))) {
            found.say(at, flag.span, message, mend);
        }
    }
}

/// Whether the same `RUN` removes what the mode was given to.
fn is_removed(chmod: &Command, commands: &[Command]) -> bool {
    let Some(path) = chmod.args().last().map(|word| word.text.as_str()) else {
        return false;
    };
    let mut removals = commands.iter().filter(|command| command.program() == "rm");
    removals.any(|command| command.args().iter().any(|word| word.text == path))
}
