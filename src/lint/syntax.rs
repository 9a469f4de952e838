//! `syntax`: the builder refuses it.

use super::look::Look;
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "syntax",
    level: Level::Error,
    also: &["DL1000"],
    page: include_str!("syntax.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    let read = look.file.faults.iter().filter(|fault| !fault.is_stranger);
    for fault in read.chain(&look.resolved.faults) {
        found.say(fault.instruction, fault.span, &fault.message, &fault.mend);
    }
}
