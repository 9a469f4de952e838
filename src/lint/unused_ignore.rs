//! `unused-ignore`: a suppression without use.

use super::look::Look;
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "unused-ignore",
    level: Level::Warning,
    also: &[],
    page: include_str!("unused_ignore.md"),
    check,
};

/// Nothing: [`suppress`](super::suppress) finds it once all rules have looked.
fn check(_: &Look<'_>, _: &mut Found) {}
