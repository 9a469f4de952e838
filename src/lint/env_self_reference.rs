//! `env-self-reference`: a value from before.

use super::look::Look;
use super::{Found, Level, Rule};
use std::collections::HashMap;
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
        let mut names: HashMap<&str, usize> = HashMap::new();
        for pair in &pairs {
            *names.entry(&pair.name).or_default() += 1;
        }
        for pair in &pairs {
            let value = pair.value.as_deref().unwrap_or("");
            let uses = expand(value, one.escape, &mut |_: &str| Variable::Unknown).uses;
            for used in uses {
                let others = names.get(used.name.as_str()).copied().unwrap_or(0);
                if others > usize::from(used.name == pair.name) {
                    let from = pair.value_at;
                    let span = one.rest.span(from + used.range.start..from + used.range.end);
                    let message = format!("`{}` is not yet set here", used.name);
                    found.say(at, span, message, "set it in an `ENV` of its own before");
                }
            }
        }
    }
}
