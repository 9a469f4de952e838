//! `unknown-ignore`: a suppression of no rule.

use super::look::Look;
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "unknown-ignore",
    level: Level::Warning,
    also: &[],
    page: include_str!("unknown_ignore.md"),
    check,
};

/// Nothing: [`suppress`](super::suppress) finds it once all rules have looked.
fn check(_: &Look<'_>, _: &mut Found) {}
