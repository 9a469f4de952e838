//! `add-instead-of-copy`: `ADD` where `COPY` does.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "add-instead-of-copy",
    level: Level::Info,
    also: &["DL3020", "DS-0005"],
    page: include_str!("add_instead_of_copy.md"),
    check,
};

/// Parts of names that `ADD` may unpack.
const ARCHIVES: [&str; 9] = [
    ".tar", ".tgz", ".txz", ".tbz", ".gz", ".xz", ".bz2", ".zst", ".lzma",
];

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.every(Kind::Add) {
        let Some((from, _)) = one.copied() else { continue };
        let plain = |name: &str| {
            !name.contains("://")
                && !name.contains(['$', '*', '?', '@'])
                && !name.contains(".git")
                && !ARCHIVES.iter().any(|end| name.contains(end))
        };
        if from.iter().all(|word| plain(&word.text)) {
            let message = "`ADD` takes nothing here that `COPY` would not";
            found.say(at, one.keyword.span, message, "write `COPY`");
        }
    }
}
