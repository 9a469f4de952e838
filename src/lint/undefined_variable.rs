//! `undefined-variable`: a variable that nothing sets.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::expand::{Variable, expand};
use crate::dockerfile::resolved::Why;
use crate::dockerfile::words::Pair;
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
    let arguments = look.every(Kind::Arg).filter(|(_, one)| !one.onbuild);
    let declared: Vec<(usize, Option<usize>, Pair)> = arguments
        .flat_map(|(at, one)| one.pairs().into_iter().map(move |pair| (at, one.stage, pair)))
        .collect();
    if declared.is_empty() {
        return;
    }
    for run in look.runs().filter(|run| run.one.json.is_none()) {
        let stage = run.one.stage.unwrap_or(0);
        let chain = look.resolved.chain(stage);
        let text = run.one.rest.as_str();
        for used in expand(text, run.one.escape, &mut |_: &str| Variable::Unknown).uses {
            let name = used.name.as_str();
            let assigned = [format!("{name}="), format!("for {name} "), format!("read {name}")];
            let mut named = declared.iter().filter(|(_, _, pair)| pair.name == name);
            let Some((_, of, _)) = named.clone().next() else { continue };
            if used.guarded || assigned.iter().any(|set| text.contains(set)) {
                continue;
            }
            // BuildKit hands arguments on to stages that build on this one.
            let takes = |of: &Option<usize>| of.is_some_and(|of| chain.contains(&of));
            let mut sets = chain.iter().flat_map(|stage| look.file.of_stage(*stage));
            let known = named.any(|(at, of, _)| *at < run.at && takes(of))
                || sets.any(|(at, one)| {
                    let sets = one.kind == Kind::Env && at < run.at;
                    sets && one.pairs().iter().any(|pair| pair.name == name)
                });
            if !known {
                let span = run.one.rest.span(used.range.clone());
                let message = match of {
                    None => format!("`{name}` is set for `FROM` lines only"),
                    Some(of) if *of == stage => format!("`{name}` is declared further down only"),
                    Some(_) => format!("`{name}` is an `ARG` of another stage, and ends with it"),
                };
                found.say(run.at, span, message, format!("declare it in this stage: `ARG {name}`"));
            }
        }
    }
}
