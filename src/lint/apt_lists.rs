//! `apt-lists`: package lists stay in a layer.

use super::look::{Look, place};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "apt-lists",
    level: Level::Info,
    also: &["DL3009"],
    page: include_str!("apt_lists.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.shipped_runs() {
        let mut apt = run.commands.iter().filter(|c| matches!(c.program(), "apt-get" | "apt"));
        let installs = apt.clone().any(|c| matches!(c.told(), "install" | "build-dep"));
        let cleans = apt.clone().any(|c| matches!(c.told(), "distclean" | "dist-clean"));
        let gone = cleans || run.removes("/var/lib/apt") || run.one.caches(&["/var/lib/apt"]);
        if let Some(update) = apt.find(|c| c.told() == "update").filter(|_| installs && !gone) {
            let message = "the package lists stay in this layer";
            let mend = "end the same `RUN` with `&& rm -rf /var/lib/apt/lists/*`";
            found.say(run.at, place(update, run.one), message, mend);
        }
    }
}
