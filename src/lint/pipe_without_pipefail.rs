//! `pipe-without-pipefail`: a failed download that nobody notices.

use super::look::{Look, place};
use super::{Found, Level, Rule};
use crate::dockerfile::resolved::Base;
use crate::dockerfile::shell::{Command, Link};
use crate::dockerfile::{Instruction, Kind};

/// See its page.
pub const RULE: Rule = Rule {
    id: "pipe-without-pipefail",
    level: Level::Warning,
    also: &["DL4006"],
    page: include_str!("pipe_without_pipefail.md"),
    check,
};

/// Programs that bring what the rest of the pipe works on, and fail where it is not there or is damaged.
const BRING: [&str; 37] = [
    "curl", "wget", "aria2c", "axel", "http", "https", "fetch", "git", "svn", "ftp", "sftp", "scp", "ssh",
    "aws", "gsutil", "gcloud", "az", "kubectl", "skopeo", "crane", "tar", "bsdtar", "gunzip", "zcat",
    "bunzip2", "bzcat", "unxz", "xzcat", "unzstd", "zstdcat", "unzip", "cpio", "gpg", "openssl", "base64",
    "cat", "dd",
];

/// Programs that do so where they are told to unpack.
const UNPACK: [&str; 4] = ["gzip", "bzip2", "xz", "zstd"];

fn brings(command: &Command) -> bool {
    let reads = command.program() != "cat" || command.args().iter().any(|word| !word.text.starts_with("<<"));
    BRING.contains(&command.program()) && reads && !command.args().is_empty()
        || UNPACK.contains(&command.program()) && command.has('d', &["decompress", "uncompress"])
}

/// How a shell of the base is told to see it.
fn mend(look: &Look<'_>, stage: usize) -> &'static str {
    let of = |words: &[&str]| match look.resolved.root(stage) {
        Some(Base::Image(image)) => words.iter().any(|word| image.contains(word)),
        _ => false,
    };
    if of(&["alpine", "busybox", "wolfi", "chainguard"]) {
        return "set pipefail: `SHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]` before it";
    }
    match look.resolved.root(stage) {
        Some(Base::Image(_)) => {
            "set pipefail: `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]` before it"
        }
        _ => "set pipefail by `SHELL` before it: bash and the ash of busybox know it",
    }
}

fn check(look: &Look<'_>, found: &mut Found) {
    let sets = |_, one: &Instruction| one.kind == Kind::Shell && one.rest.as_str().contains("pipefail");
    let sets = look.firsts(sets);
    for run in look.runs() {
        let stage = run.one.stage.unwrap_or(0);
        let set = sets.get(stage).copied().flatten().is_some_and(|at| at < run.at);
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
            if brings(first) && second.link == Link::Pipe {
                let message = format!("where `{}` fails the build goes on", first.program());
                found.say(run.at, place(first, run.one), message, mend(look, stage));
                break;
            }
        }
    }
}
