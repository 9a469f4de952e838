//! `unpinned-base`: a base without a version.

use super::look::{Look, tag};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "unpinned-base",
    level: Level::Warning,
    also: &["DL3006", "DS-0001"],
    page: include_str!("unpinned_base.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, image, span) in look.bases().into_iter().chain(look.copied_images()) {
        if let (None, false) = tag(&image) {
            let shown: String = image.chars().take(80).collect();
            let message = format!("`{shown}` has no tag, so it is another image tomorrow");
            found.say(at, span, message, "name a version, or a digest");
        }
    }
}
