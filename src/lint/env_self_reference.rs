//! `env-self-reference`: a value from before.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;
use crate::dockerfile::expand::{Variable, expand};

/// See its page.
pub const RULE: Rule = Rule {
    id: "env-self-reference",
    level: Level::Warning,
    also: &["DL3044"],
    page: include_str!("env_self_reference.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.every(Kind::Env) {
        let pairs = one.pairs();
        for (number, pair) in pairs.iter().enumerate() {
            let value = pair.value.as_deref().unwrap_or("");
            let uses = expand(value, one.escape, &mut |_: &str| Variable::Unknown).uses;
            for used in uses {
                let other = pairs.iter().enumerate();
                let mut other = other.filter(|(place, _)| *place != number);
                if other.any(|(_, other)| other.name == used.name) {
                    let from = pair.value_at;
                    let span = one.rest.span(from + used.range.start..from + used.range.end);
                    let message = format!("`{}` is not yet set here", used.name);
                    found.say(at, span, message, "set it in an `ENV` of its own before");
                }
            }
        }
    }
}
