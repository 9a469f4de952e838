//! `latest-base`: a base that moves.

use super::look::{Look, tag};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "latest-base",
    level: Level::Warning,
    also: &["DL3007", "DS-0001"],
    page: include_str!("latest_base.md"),
    check,
};

/// First parts of tags that are moved to each new release.
const MOVING: [&str; 14] = [
    "latest", "stable", "edge", "nightly", "main", "master", "rolling", "lts", "current", "mainline",
    "devel", "testing", "unstable", "sid",
];

/// Whether a tag is moved to each new release: one of those words, with no version in it.
pub fn moves(tag: &str) -> bool {
    let first = tag.split('-').next().unwrap_or(tag);
    MOVING.contains(&first) && !tag.contains(|ch: char| ch.is_ascii_digit())
}

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, image, span) in look.bases().into_iter().chain(look.copied_images()) {
        if let (Some(tag), false) = tag(&image)
            && moves(tag)
        {
            let message = format!("`{tag}` is another image tomorrow");
            found.say(at, span, message, "name a version, or a digest");
        }
    }
}
