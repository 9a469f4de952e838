//! `pipe-without-pipefail`: a failed download that nobody notices.

use super::look::{Look, place};
use super::{Found, Level, Rule};
use crate::dockerfile::shell::Link;
use crate::dockerfile::{Instruction, Kind};

/// See its page.
pub const RULE: Rule = Rule {
    id: "pipe-without-pipefail",
    level: Level::Warning,
    also: &["DL4006"],
    page: include_str!("pipe_without_pipefail.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for run in look.runs() {
        let stage = run.one.stage.unwrap_or(0);
        let set = look.resolved.chain(stage).into_iter().any(|stage| {
            let mut before = look.file.of_stage(stage).filter(|(at, _)| *at < run.at);
            before.any(|(_, one)| one.kind == Kind::Shell && one.rest.as_str().contains("pipefail"))
        });
        let within = |one: &Instruction| {
            let mut docs = one.heredocs.iter();
            one.text.as_str().contains("pipefail")
                || docs.any(|doc| doc.body.as_str().contains("pipefail"))
        };
        if set || within(run.one) {
            continue;
        }
        let pairs = run.commands.iter().zip(run.commands.iter().skip(1));
        for (first, second) in pairs {
            let loads = matches!(first.program(), "curl" | "wget");
            if loads && second.link == Link::Pipe {
                let message = format!("where `{}` fails the build goes on", first.program());
                let mend = "set pipefail: `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]` before it";
                found.say(run.at, place(first, run.one), message, mend);
                break;
            }
        }
    }
}
