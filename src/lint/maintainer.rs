//! `maintainer`: an instruction of the past.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "maintainer",
    level: Level::Info,
    also: &["DL4000", "MaintainerDeprecated", "DS-0018"],
    page: include_str!("maintainer.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.every(Kind::Maintainer) {
        let mend = "write `LABEL org.opencontainers.image.authors=\"…\"`";
        found.say(at, one.keyword.span, "`MAINTAINER` is deprecated", mend);
    }
}
