//! `unknown-stage`: files from a stage that is not there.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "unknown-stage",
    level: Level::Error,
    also: &["DL3022", "DL3023", "DS-0006"],
    page: include_str!("unknown_stage.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.file.instructions.iter().enumerate() {
        if one.onbuild || !matches!(one.kind, Kind::Copy | Kind::Run) {
            continue;
        }
        let own = one.stage.unwrap_or(0);
        for flag in &one.flags {
            let value = flag.value.as_deref().unwrap_or("");
            let mut parts = value.split(',');
            let name = match flag.name.as_str() {
                "from" => Some(value),
                "mount" => parts.find_map(|part| part.strip_prefix("from=")),
                _ => None,
            };
            if let Some((message, mend)) = name.and_then(|name| wrong(look, own, name)) {
                found.say(at, flag.span, message, mend);
            }
        }
    }
}

/// What is wrong with a name in the stage of that number.
fn wrong(look: &Look<'_>, own: usize, name: &str) -> Option<(String, String)> {
    let named = look.file.stage_named(name, own);
    if name.is_empty() || name.contains('$') || named.is_some() {
        return None;
    }
    let last = own.checked_sub(1);
    if let Ok(number) = name.parse::<usize>() {
        if number < own {
            return None;
        }
        let what = match number == own {
            true => format!("{number} is this stage itself"),
            false => format!("stage {number} is not there yet"),
        };
        let mend = match last {
            Some(last) => format!("stages before this one are 0 to {last}"),
            None => "there is no stage before this one".to_owned(),
        };
        return Some((what, mend));
    }
    if let Some(later) = look.file.stage_named(name, usize::MAX) {
        let what = match later == own {
            true => format!("`{name}` is this stage itself"),
            false => format!("the stage `{name}` comes later"),
        };
        return Some((what, "take it from a stage before this one".to_owned()));
    }
    let near = look.near_stage(name, own)?;
    let what = format!("no stage is called `{name}`, so the builder takes it for an image");
    Some((what, format!("did you mean `{near}`?")))
}
