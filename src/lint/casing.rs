//! `casing`: instructions written in two ways.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "casing",
    level: Level::Info,
    also: &["ConsistentInstructionCasing", "FromAsCasing"],
    page: include_str!("casing.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    let known = || {
        let all = look.file.instructions.iter().enumerate();
        all.filter(|(_, one)| one.kind != Kind::Unknown && !one.onbuild)
    };
    let is_small = |word: &str| word.chars().all(|ch| ch.is_ascii_lowercase());
    let is_large = |word: &str| word.chars().all(|ch| ch.is_ascii_uppercase());
    let small = known().filter(|(_, one)| is_small(&one.keyword.value)).count();
    let most_are_small = small * 2 > known().count();
    for (at, one) in known() {
        let word = &one.keyword.value;
        let right = match most_are_small {
            true => is_small(word),
            false => is_large(word),
        };
        if !right {
            let wanted = match most_are_small {
                true => word.to_lowercase(),
                false => word.to_uppercase(),
            };
            let message = "most instructions here are written otherwise";
            found.say(at, one.keyword.span, message, format!("write `{wanted}`"));
        } else if one.kind == Kind::From
            && let Some(word) = one.words().get(1)
            && word.text.eq_ignore_ascii_case("as")
            && is_small(&word.text) != most_are_small
        {
            let wanted = if most_are_small { "as" } else { "AS" };
            let message = format!("`{}` is written otherwise than its `{}`", word.text, one.keyword.value);
            found.say(at, word.span, message, format!("write `{wanted}`"));
        }
    }
}
