//! `rpm-cache`: packages that are installed and kept as well.

use super::look::{Look, place};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "rpm-cache",
    level: Level::Info,
    also: &["DL3032", "DL3036", "DL3040", "DS-0015", "DS-0019", "DS-0020"],
    page: include_str!("rpm_cache.md"),
    check,
};

const MANAGERS: [&str; 5] = ["yum", "dnf", "dnf5", "microdnf", "zypper"];

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.shipped_runs() {
        let cleans = run.commands.iter().any(|c| c.does(&MANAGERS, &["clean", "cc"]));
        let gone = run.removes("/var/cache") || run.one.caches(&["/var/cache", "/var/lib/dnf"]);
        let first = run.commands.iter().find(|c| {
            c.does(&MANAGERS, &["install", "in", "update", "upgrade", "up", "groupinstall"])
        });
        if let Some(first) = first.filter(|_| !cleans && !gone) {
            let clean = match first.program() {
                "zypper" => "zypper clean".to_owned(),
                other => format!("{other} clean all"),
            };
            let message = "what was downloaded stays in this layer";
            let mend = format!("end the same `RUN` with `&& {clean}`");
            found.say(run.at, place(first, run.one), message, mend);
        }
    }
}
