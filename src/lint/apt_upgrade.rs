//! `apt-upgrade`: what is installed depends on the day.

use super::look::{Look, place};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "apt-upgrade",
    level: Level::Warning,
    also: &["DL3005"],
    page: include_str!("apt_upgrade.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.runs() {
        for command in &run.commands {
            let asks = ["upgrade", "dist-upgrade", "full-upgrade"];
            if command.does(&["apt-get", "apt"], &asks) {
                let message = "an upgrade of everything gives another image each day";
                let mend = "use a newer base image";
                found.say(run.at, place(command, run.one), message, mend);
            }
        }
    }
}
