//! `apt-recommends`: packages that nobody asked for.

use super::look::{Look, place};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "apt-recommends",
    level: Level::Info,
    also: &["DL3015", "DS-0029"],
    page: include_str!("apt_recommends.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    // Switched off in apt's own settings or on a command line.
    if look.mentions("Install-Recommends") {
        return;
    }
    for run in look.shipped_runs() {
        for command in run.commands.iter().filter(|c| c.does(&["apt-get", "apt"], &["install"])) {
            let only_says = command.finds(&["-s", "--simulate", "--dry-run", "--print-uris"]);
            if command.finds(&["--no-install-recommends"]).or(only_says).is_none() {
                let message = "recommended packages are installed too";
                let mend = "add `--no-install-recommends`, and name those that are needed";
                found.say(run.at, place(command, run.one), message, mend);
            }
        }
    }
}
