//! `sparse-user`: a log as long as the user's number.

use super::look::{Look, place};
use super::{Found, Level, Rule};

/// See its page.
pub const RULE: Rule = Rule {
    id: "sparse-user",
    level: Level::Info,
    also: &["DL3046"],
    page: include_str!("sparse_user.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.runs() {
        for command in run.commands.iter().filter(|c| c.program() == "useradd") {
            let args = command.args();
            let behind = args.iter().zip(args.iter().skip(1));
            let mut apart = behind.filter(|(a, _)| matches!(a.text.as_str(), "-u" | "--uid"));
            let joined = args.iter().find_map(|word| word.text.strip_prefix("--uid="));
            let number = joined.or(apart.next().map(|(_, number)| number.text.as_str()));
            let large = number.is_some_and(|n| n.parse::<u64>().is_ok_and(|n| n >= 100_000));
            if large && !command.has('l', &["no-log-init"]) {
                let message = "a user of so large a number makes log files of many megabytes";
                found.say(run.at, place(command, run.one), message, "add `--no-log-init`");
            }
        }
    }
}
