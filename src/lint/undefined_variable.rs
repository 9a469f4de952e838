//! `undefined-variable`: a variable that nothing sets.

use super::look::Look;
use super::{Found, Level, Rule};
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use crate::dockerfile::expand::{Variable, expand};
use crate::dockerfile::resolved::Why;
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "undefined-variable",
    level: Level::Warning,
    also: &["UndefinedArgInFrom", "UndefinedVar"],
    page: include_str!("undefined_variable.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for missing in &look.resolved.missing {
        let name = &missing.name;
        let (message, mend) = match &missing.why {
            Why::Global => (
                format!("`{name}` is set for `FROM` lines only"),
                format!("declare it in this stage: `ARG {name}`"),
            ),
            Why::Elsewhere => (
                format!("`{name}` is an `ARG` of another stage, and ends with it"),
                format!("declare it in this stage too, unless its base image sets it: `ARG {name}`"),
            ),
            Why::Later => (
                format!("`{name}` is declared further down only"),
                format!("move `ARG {name}` in front of this"),
            ),
            Why::Undeclared => (
                format!("the builder sets `{name}` only where it is declared"),
                format!("declare it in this stage: `ARG {name}`"),
            ),
            Why::Near(near) => (format!("nothing sets `{name}`"), format!("did you mean `{near}`?")),
            Why::Nothing => (
                format!("nothing sets `{name}`"),
                format!("declare it with a default: `ARG {name}=…`"),
            ),
        };
        found.say(missing.instruction, missing.span, message, mend);
    }
    in_commands(look, found);
}

/// Uses in commands of arguments that are declared where they do not count. The shell may set them itself.
fn in_commands(look: &Look<'_>, found: &mut Found) {
    let [declared, set] = [Kind::Arg, Kind::Env].map(|kind| firsts(look, kind));
    if declared.is_empty() {
        return;
    }
    for run in look.runs().filter(|run| run.one.json.is_none()) {
        let stage = run.one.stage.unwrap_or(0);
        // BuildKit hands arguments on to stages that build on this one.
        let chain = look.resolved.chain(stage);
        let reaches = |(of, at): &(Option<usize>, usize)| {
            *at < run.at && of.is_some_and(|of| chain.binary_search(&of).is_ok())
        };
        let text = run.one.rest.as_str();
        let assigned = OnceCell::new();
        for used in expand(text, run.one.escape, &mut |_: &str| Variable::Unknown).uses {
            let name = used.name.as_str();
            let Some(places) = declared.get(name).filter(|_| !used.guarded) else { continue };
            let sets = set.get(name).map_or(&[][..], Vec::as_slice);
            let known = places.iter().chain(sets).any(reaches);
            if known || assigned.get_or_init(|| assigned_in(text)).contains(name) {
                continue;
            }
            let message = match places.first().and_then(|(of, _)| *of) {
                None => format!("`{name}` is set for `FROM` lines only"),
                Some(of) if of == stage => format!("`{name}` is declared further down only"),
                Some(_) => format!("`{name}` is an `ARG` of another stage, and ends with it"),
            };
            let span = run.one.rest.span(used.range.clone());
            found.say(run.at, span, message, format!("declare it in this stage: `ARG {name}`"));
        }
    }
}

/// The names that instructions of a kind set, each with the stages that do so in order, and the first that does there.
fn firsts(look: &Look<'_>, kind: Kind) -> HashMap<String, Vec<(Option<usize>, usize)>> {
    let mut firsts: HashMap<String, Vec<(Option<usize>, usize)>> = HashMap::new();
    for (at, one) in look.every(kind).filter(|(_, one)| !one.onbuild) {
        for pair in one.pairs() {
            let all = firsts.entry(pair.name).or_default();
            if all.last().is_none_or(|(of, _)| *of != one.stage) {
                all.push((one.stage, at));
            }
        }
    }
    firsts
}

/// The names that a script gives values: `NAME=…`, `for NAME in …`, `read NAME`.
fn assigned_in(script: &str) -> HashSet<&str> {
    let is_name = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
    let mut names = HashSet::new();
    let mut from = 0;
    while let Some(begin) = script[from..].find(is_name).map(|at| from + at) {
        let end = script[begin..].find(|ch| !is_name(ch)).map_or(script.len(), |at| begin + at);
        let (before, behind) = (&script[..begin], &script[end..]);
        let is_looped = before.ends_with("for ") && behind.starts_with(' ');
        if behind.starts_with('=') || is_looped || before.ends_with("read ") {
            names.insert(&script[begin..end]);
        }
        from = end;
    }
    names
}
