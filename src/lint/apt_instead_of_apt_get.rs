//! `apt-instead-of-apt-get`: `apt` is for people.

use super::look::{Look, place};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "apt-instead-of-apt-get",
    level: Level::Info,
    also: &["DL3027"],
    page: include_str!("apt_instead_of_apt_get.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.runs() {
        for command in &run.commands {
            let asks = ["update", "install", "upgrade", "full-upgrade", "remove", "purge"];
            if command.does(&["apt"], &asks) {
                let message = "`apt` promises no stable options to scripts";
                found.say(run.at, place(command, run.one), message, "write `apt-get`");
                // Once an instruction is enough.
                break;
            }
        }
    }
}
