//! `old-pair-form`: a name and a value without `=`.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "old-pair-form",
    level: Level::Info,
    also: &["LegacyKeyValueFormat"],
    page: include_str!("old_pair_form.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for kind in [Kind::Env, Kind::Label] {
        for (at, one) in look.every(kind) {
            for pair in one.pairs().into_iter().filter(|pair| pair.old) {
                let message = format!("`{kind} NAME VALUE` is the old form");
                found.say(at, pair.span, message, format!("write `{kind} NAME=VALUE`"));
            }
        }
    }
}
