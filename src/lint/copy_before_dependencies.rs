//! `copy-before-dependencies`: each change installs everything anew.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;
use crate::dockerfile::shell::Command;

/// See its page.
pub const RULE: Rule = Rule {
    id: "copy-before-dependencies",
    level: Level::Info,
    also: &[],
    page: include_str!("copy_before_dependencies.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for stage in 0..look.file.stages.len() {
        let mut whole = None;
        for (at, one) in look.file.of_stage(stage) {
            let is_copy = matches!(one.kind, Kind::Copy | Kind::Add) && one.flag("from").is_none();
            let all = |text: &str| matches!(text, "." | "./" | "*" | "./*");
            if is_copy && one.copied().is_some_and(|(from, _)| from.iter().any(|w| all(&w.text))) {
                whole.get_or_insert((at, one.span));
                continue;
            }
            let commands = look.run_at(at).map_or(&[][..], |run| run.commands.as_slice());
            let Some(command) = commands.iter().find(|c| installs(c)) else { continue };
            if let (Some((at, span)), Some(there)) = (whole, command.span()) {
                let message = "a change to any file installs all dependencies again";
                let mend = "copy the files that list the dependencies, install, then copy the rest";
                found.say(at, span, message, mend);
                found.related(there, "installed here");
            }
            break;
        }
    }
}

/// Whether the command installs what a file of the context lists.
fn installs(command: &Command) -> bool {
    let args: Vec<&str> = command.args().iter().map(|word| word.text.as_str()).collect();
    let bare = args.iter().filter(|arg| !arg.starts_with('-')).count() == 1;
    match command.program() {
        "pip" | "pip3" => args.contains(&"install") && requires(&args),
        "python" | "python3" => args.starts_with(&["-m", "pip", "install"]) && requires(&args),
        "npm" => match command.told() {
            "ci" => true,
            "install" | "i" => bare && !command.has('g', &["global"]),
            _ => false,
        },
        "yarn" | "pnpm" => match command.told() {
            "install" | "i" => bare,
            told => told == "fetch" || told.is_empty() && command.program() == "yarn",
        },
        "bundle" | "composer" | "poetry" => command.told() == "install",
        "pipenv" => matches!(command.told(), "install" | "sync"),
        "go" => args.starts_with(&["mod", "download"]),
        "cargo" => command.told() == "fetch",
        "dotnet" => command.told() == "restore",
        "mvn" => args.iter().any(|arg| arg.starts_with("dependency:")),
        _ => false,
    }
}

fn requires(args: &[&str]) -> bool {
    args.iter().any(|arg| matches!(*arg, "-r" | "--requirement") || arg.starts_with("--requirement="))
}
