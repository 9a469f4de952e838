//! `unpinned-base`: a base without a version.

use super::look::{Look, tag};
use super::{Found, Level, Rule};
use crate::text::cut::named;

/// See its page.
pub const RULE: Rule = Rule {
    id: "unpinned-base",
    level: Level::Warning,
    also: &["DL3006", "DS-0001"],
    page: include_str!("unpinned_base.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    let mend = "name a version, or a digest";
    let unpinned = |image: &str| tag(image) == (None, false);
    for (at, image, span) in look.bases().into_iter().filter(|(_, image, _)| unpinned(image)) {
        let message = format!("`{}` has no tag, so it is another image tomorrow", named(&image));
        found.say(at, span, message, mend);
    }
    for (at, image, span) in look.copied_images().into_iter().filter(|(_, image, _)| unpinned(image)) {
        if image.contains('/') {
            let message = format!("`{}` has no tag, so it is another image tomorrow", named(&image));
            found.say(at, span, message, mend);
        } else {
            let message = format!("no stage is called `{}`, so it is an image without a tag", named(&image));
            let mend = "name a version, or a digest; suppress this rule where it is a context of the build";
            found.say(at, span, message, mend);
        }
    }
}
