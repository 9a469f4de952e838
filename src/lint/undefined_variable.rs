//! `undefined-variable`: a variable that nothing sets.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::expand::{Variable, expand};
use crate::dockerfile::resolved::Why;
use crate::dockerfile::words::Pair;
use crate::dockerfile::{Instruction, Kind};

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

/// Uses in commands of what is set for `FROM` lines only. The shell may set it itself.
fn in_commands(look: &Look<'_>, found: &mut Found) {
    let before = look.file.instructions.iter().take_while(|one| one.stage.is_none());
    let global: Vec<Pair> = before.filter(|one| one.kind == Kind::Arg).flat_map(Instruction::pairs).collect();
    if global.is_empty() {
        return;
    }
    for run in look.runs() {
        let stage = run.one.stage.unwrap_or(0);
        let chain = look.resolved.chain(stage);
        let text = run.one.rest.as_str();
        for used in expand(text, run.one.escape, &mut |_: &str| Variable::Unknown).uses {
            let name = used.name.as_str();
            let is_global = global.iter().any(|pair| pair.name == name);
            let assigned = [format!("{name}="), format!("for {name} "), format!("read {name}")];
            if !is_global || used.guarded || assigned.iter().any(|set| text.contains(set)) {
                continue;
            }
            let mut declared = chain.iter().flat_map(|stage| look.file.of_stage(*stage));
            let known = declared.any(|(at, one)| {
                let here = one.kind == Kind::Env || one.kind == Kind::Arg && one.stage == Some(stage);
                here && at < run.at && one.pairs().iter().any(|pair| pair.name == name)
            });
            if !known {
                let span = run.one.rest.span(used.range.clone());
                let message = format!("`{name}` is set for `FROM` lines only");
                found.say(run.at, span, message, format!("declare it in this stage: `ARG {name}`"));
            }
        }
    }
}
