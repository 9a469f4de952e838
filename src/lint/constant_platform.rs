//! `constant-platform`: an image for one platform only.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "constant-platform",
    level: Level::Warning,
    also: &["DL3029", "FromPlatformFlagConstDisallowed"],
    page: include_str!("constant_platform.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.every(Kind::From) {
        let flag = one.flag("platform");
        if let Some(flag) = flag.filter(|f| f.value.as_deref().is_some_and(|v| !v.contains('$'))) {
            let message = "this stage is for one platform, whatever the build asks for";
            let mend = "leave the flag out, or use $BUILDPLATFORM";
            found.say(at, flag.span, message, mend);
        }
    }
}
