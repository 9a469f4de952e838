//! `wget-and-curl`: two programs for one thing.

use super::look::{Look, place};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "wget-and-curl",
    level: Level::Info,
    also: &["DL4001"],
    page: include_str!("wget_and_curl.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for stage in 0..look.file.stages.len() {
        let runs = look.runs().filter(|run| run.one.stage == Some(stage));
        let commands = runs.flat_map(|run| run.commands.iter().map(move |c| (run, c)));
        let mut first: Option<&str> = None;
        for (run, command) in commands {
            let program = command.program();
            if !matches!(program, "wget" | "curl") {
                continue;
            }
            if first.is_some_and(|first| first != program) {
                let message = "both wget and curl are used in this stage";
                found.say(run.at, place(command, run.one), message, "use one of them");
                break;
            }
            first = Some(program);
        }
    }
}
