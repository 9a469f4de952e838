//! `wget-and-curl`: two programs for one thing.

use super::look::{Look, installs, place};
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
    for (stage, runs) in look.runs_of_stages() {
        let commands = runs.iter().flat_map(|run| run.commands.iter().map(move |c| (run, c)));
        let shipped = look.ships(stage);
        let mut first: Option<&str> = None;
        for (run, command) in commands {
            let both = ["wget", "curl"].map(|package| installs(command, package).filter(|_| shipped));
            if let [Some(_), Some(curl)] = both {
                let message = "both wget and curl are installed";
                found.say(run.at, curl.span, message, "install one of them");
                break;
            }
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
