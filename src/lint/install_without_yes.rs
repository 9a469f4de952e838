//! `install-without-yes`: a question that nobody answers.

use super::look::{Look, place};
use super::{Found, Level, Rule};
use crate::dockerfile::shell::{Command, Link};

/// See its page.
pub const RULE: Rule = Rule {
    id: "install-without-yes",
    level: Level::Warning,
    also: &["DL3014", "DL3030", "DL3034", "DL3038", "DS-0021"],
    page: include_str!("install_without_yes.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    if ["Assume-Yes", "assumeyes", "ZYPP_NON_INTERACTIVE"].iter().any(|set| look.mentions(set)) {
        return;
    }
    for run in look.runs() {
        for command in run.commands.iter().filter(|c| asks(c) && c.link != Link::Pipe) {
            let mend = match command.program() {
                "zypper" => "add `--non-interactive`",
                _ => "add `-y`",
            };
            let message = format!("`{}` asks whether to go on, and nobody answers", command.program());
            found.say(run.at, place(command, run.one), message, mend);
        }
    }
}

fn asks(command: &Command) -> bool {
    let installs = matches!(
        command.told(),
        "install" | "in" | "upgrade" | "dist-upgrade" | "groupinstall" | "localinstall"
            | "build-dep" | "reinstall"
    );
    let says = match command.program() {
        "apt-get" | "apt" | "aptitude" => {
            command.has('y', &["yes", "assume-yes", "force-yes", "simulate", "print-uris", "download-only"])
                || command.finds(&["-qq", "-s", "-d"]).is_some()
                || command.args().iter().any(|word| word.text.starts_with("-q=2"))
        }
        "yum" | "dnf" | "dnf5" | "microdnf" => {
            command.has('y', &["assumeyes", "downloadonly"])
        }
        "zypper" => {
            command.has('y', &["no-confirm", "non-interactive"])
                || command.finds(&["-n", "-yn"]).is_some()
        }
        _ => return false,
    };
    installs && !says
}
