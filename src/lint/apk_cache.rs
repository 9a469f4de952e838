//! `apk-cache`: apk's index stays in a layer.

use super::look::{Look, place};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "apk-cache",
    level: Level::Info,
    also: &["DL3019", "DS-0025"],
    page: include_str!("apk_cache.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.shipped_runs() {
        let kept = run.one.caches(&["/apk"]) || run.removes("/var/cache/apk");
        for command in run.commands.iter().filter(|c| c.does(&["apk"], &["add"])) {
            if !kept && command.finds(&["--no-cache", "--no-network"]).is_none() {
                let message = "the package index stays in this layer";
                found.say(run.at, place(command, run.one), message, "add `--no-cache`");
            }
        }
    }
}
