//! `apt-upgrade`: what is installed depends on the day.

use super::look::{Look, place};
use super::{Found, Level, Rule};
use crate::dockerfile::shell::Command;

/// See its page.
pub const RULE: Rule = Rule {
    id: "apt-upgrade",
    level: Level::Warning,
    also: &["DL3005", "DL3017", "DL3031", "DL3035", "DL3039"],
    page: include_str!("apt_upgrade.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.runs() {
        for command in &run.commands {
            if upgrades(command) {
                let message = "an upgrade of everything gives another image each day";
                let mend = "use a newer base image";
                found.say(run.at, place(command, run.one), message, mend);
            }
        }
    }
}

/// Whether it upgrades all there is; packages that are named may have to be newer.
fn upgrades(command: &Command) -> bool {
    let named = command.args().iter().filter(|word| !word.text.starts_with('-')).count() > 1;
    command.does(&["apt-get", "apt", "aptitude"], &["upgrade", "dist-upgrade", "full-upgrade"])
        || command.does(&["zypper"], &["dist-upgrade", "dup"])
        || !named
            && (command.does(&["apk"], &["upgrade"])
                || command.does(&["zypper"], &["update", "up"])
                || command.does(&["yum", "dnf", "dnf5", "microdnf"], &["update", "upgrade"]))
}
