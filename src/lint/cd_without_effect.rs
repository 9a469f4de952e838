//! `cd-without-effect`: a folder that is forgotten at once.

use super::look::{Look, place};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "cd-without-effect",
    level: Level::Warning,
    also: &["DL3003"],
    page: include_str!("cd_without_effect.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.runs() {
        if let Some(last) = run.commands.last().filter(|c| c.program() == "cd") {
            let message = "this changes the folder of a shell that ends here";
            found.say(run.at, place(last, run.one), message, "use `WORKDIR`");
        }
    }
}
