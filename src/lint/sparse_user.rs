//! `sparse-user`: a log as long as the user's number.

use super::look::{Look, place};
use super::{Found, Level, Rule};
use crate::dockerfile::resolved::Base;
use crate::dockerfile::shell::Command;

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
        let root = look.resolved.root(run.one.stage.unwrap_or(0));
        // There `adduser` is busybox's, which writes no such logs.
        let busybox = matches!(root, Some(Base::Image(image)) if image.contains("alpine") || image.contains("busybox"));
        for command in &run.commands {
            let mend = match command.program() {
                "useradd" => "add `--no-log-init`",
                "adduser" if !busybox => "write `useradd --no-log-init`, which `adduser` does not pass on",
                _ => continue,
            };
            let large = number(command).is_some_and(|n| n.parse::<u64>().is_ok_and(|n| n >= 100_000));
            if large && !command.has('l', &["no-log-init"]) {
                let message = "a user of so large a number makes log files of many megabytes";
                found.say(run.at, place(command, run.one), message, mend);
            }
        }
    }
}

/// The number of the user, as it is written: `-u 1`, `-ou 1`, `-u1`, `--uid 1`, `--uid=1`.
fn number(command: &Command) -> Option<&str> {
    let mut args = command.args().iter().map(|word| word.text.as_str());
    while let Some(arg) = args.next() {
        if let Some(number) = arg.strip_prefix("--uid=") {
            return Some(number);
        }
        let short = arg.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        match short.and_then(|short| short.split_once('u')) {
            Some((_, "")) => return args.next(),
            Some((before, number)) if before.len() < 3 && number.parse::<u64>().is_ok() => return Some(number),
            _ if arg == "--uid" => return args.next(),
            _ => {}
        }
    }
    None
}
