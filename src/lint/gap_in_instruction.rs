//! `gap-in-instruction`: an empty line inside an instruction.

use super::look::Look;
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "gap-in-instruction",
    level: Level::Warning,
    also: &["NoEmptyContinuation"],
    page: include_str!("gap_in_instruction.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.file.instructions.iter().enumerate() {
        if let Some(gap) = one.gaps.first() {
            let message = format!("the `{}` above goes on behind this empty line", one.keyword.value);
            let mend = "remove the empty line, or the escape character at the end of the line before";
            found.say(at, *gap, message, mend);
            found.related(one.keyword.span, "it begins here");
        }
    }
}
