//! `apk-cache`: apk's index stays in a layer.

use super::look::{Look, place};
use super::{Found, Level, Rule};
use crate::dockerfile::shell::Command;

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
        let adds = |c: &&Command| c.does(&["apk"], &["add"]) && c.finds(&["--no-cache"]).is_none();
        let update = run.commands.iter().find(|c| c.does(&["apk"], &["update"]));
        // Where something is added with the index, that was found.
        let update = update.filter(|_| !kept && run.commands.iter().find(adds).is_none());
        if let Some(update) = update {
            let message = "this writes the package index into the layer";
            found.say(run.at, place(update, run.one), message, "leave it out: `apk add --no-cache` fetches it");
        }
    }
}
