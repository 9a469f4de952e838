//! `apt-update-alone`: lists in a layer of their own.

use super::look::{Look, place};
use super::{Found, Level, Rule};
use crate::dockerfile::shell::Command;

/// See its page.
pub const RULE: Rule = Rule {
    id: "apt-update-alone",
    level: Level::Warning,
    also: &["DS-0017"],
    page: include_str!("apt_update_alone.md"),
    check,
};

/// Programs that install nothing.
const IDLE: [&str; 10] = [
    "apt-get", "apt", "aptitude", "rm", "set", "echo", "true", ":", "test", "[",
];

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.runs() {
        let idle = |c: &Command| {
            let asks = ["update", "clean", "autoclean", "autoremove", ""];
            let is_apt = c.program().starts_with("apt");
            IDLE.contains(&c.program()) && (!is_apt || asks.contains(&c.told()))
        };
        let update = run.commands.iter().find(|c| c.does(&["apt-get", "apt"], &["update"]));
        let Some(update) = update else { continue };
        let gone = run.removes("/var/lib/apt") || run.one.caches(&["/var/lib/apt"]);
        if !gone && run.commands.iter().all(idle) {
            let message = "these package lists will be used long after they are out of date";
            let mend = "write `apt-get update && apt-get install …` in one `RUN`";
            found.say(run.at, place(update, run.one), message, mend);
        }
    }
}
