//! Who is to blame when a build ends without an image: the Dockerfile, or what stands around it.

use super::instructions::{Instruction, Instructions};
use super::request::BuildError;
use crate::dockerfile::Dockerfile;
use crate::engine::{Fault, FaultKind};
use crate::fact::build::{BuildFailure, BuildStep, tame};
use crate::text::source::FileId;

/// How many of the failed step's last lines are told.
const LAST_LINES: usize = 20;

/// What is known when a build has ended badly.
pub(super) struct Broken<'a> {
    /// What the builder says.
    pub(super) message: String,
    /// The exit code, where the builder says it apart.
    pub(super) exit_code: Option<i64>,
    /// What the builder was about when it failed, in its words.
    pub(super) doing: String,
    /// The step that failed, where it was one of the Dockerfile's.
    pub(super) step: Option<&'a BuildStep>,
    /// The Dockerfile as the suite names it.
    pub(super) dockerfile: String,
    /// Its instructions.
    pub(super) instructions: &'a Instructions,
    /// The builder and its version, for those who must know what it lacks.
    pub(super) builder: String,
}

/// Options that some builder knows: an unknown one of these is lacking, any other is a slip of the pen.
const OPTIONS: &[&str] = &[
    "checksum",
    "chmod",
    "exclude",
    "keep-git-dir",
    "link",
    "mount",
    "network",
    "parents",
    "security",
    "unpack",
    "start-interval",
    "platform",
    "device",
];

/// Signs that a registry or the way to it failed.
const NETWORK: &[&str] = &[
    "dial tcp",
    "no such host",
    "i/o timeout",
    "connection refused",
    "tls handshake timeout",
    "x509:",
    "network is unreachable",
    "failed to do request",
    "toomanyrequests",
];

/// Signs that the engine or its machine failed, whatever the Dockerfile says.
const MACHINE: &[&str] = &[
    "cannot allocate memory",
    "code = unavailable",
    "context deadline exceeded",
    "failed to register layer",
    "error reading from server",
    "too many open files",
    "transport is closing",
    "input/output error",
];

/// Texts that the builder puts before what it has to say.
const PREFIXES: &[&str] = &[
    "failed to solve with frontend dockerfile.v0: ",
    "failed to solve with frontend gateway.v0: ",
    "failed to create LLB definition: ",
    "failed to compute cache key: ",
    "failed to solve: ",
    "Error response from daemon: ",
    "rpc error: code = Unknown desc = ",
    "executor ",
];

/// Whether the classic builder tells of an image that it met while it looked for a step to take from its
/// cache, and that was gone when it wanted to read it. Below `FROM scratch` it looks at every image of the
/// engine, so any of them that is removed in that moment ends the build.
pub(super) fn is_lost_image(message: &str) -> bool {
    message
        .trim()
        .strip_prefix("unable to find image ")
        .is_some_and(|image| image.trim_matches('"').starts_with("sha256:"))
}

/// Whether what a builder says is about the machine or the way to a registry, not about a Dockerfile.
pub fn is_of_the_world(message: &str) -> bool {
    let lower = message.to_lowercase();
    MACHINE
        .iter()
        .chain(NETWORK)
        .any(|sign| lower.contains(sign))
}

/// Whether the engine refused the request over the Dockerfile, which it reads before it takes the request. One that
/// failed itself (5xx) did not, unless it says so or there is something to be said.
pub(super) fn is_of_the_dockerfile(fault: &Fault, dockerfile: &[u8]) -> bool {
    match fault.kind {
        FaultKind::Refused { status: 500.. } => {
            let lower = fault.message.to_lowercase();
            let says_so = ["dockerfile", "buildkit"]
                .iter()
                .any(|word| lower.contains(word));
            let text = String::from_utf8_lossy(dockerfile);
            says_so || !Dockerfile::read(FileId(0), &text).faults.is_empty()
        }
        // By any other status it refuses the request, whatever is to be built: one too large, too many, not allowed.
        FaultKind::NotFound | FaultKind::Refused { status: 400 } => true,
        _ => false,
    }
}

impl Broken<'_> {
    /// Decides.
    pub(super) fn judge(self) -> BuildError {
        let message = shortened(&self.message);
        let lower = self.message.to_lowercase();
        let exit_code = self.exit_code.or_else(|| exit_code(&lower));
        if let Some(code) = exit_code.filter(|_| self.ran_a_command()) {
            let place = self.step_place();
            let message = format!("the command ended with exit code {code}");
            return self.failure(message, place, Some(code), None);
        }
        if let Some((line, what)) = parse_error(&message) {
            return self.syntax(line, &what);
        }
        if let Some(heredoc) = self.heredoc_of_podman(&lower) {
            let text = self.lacks(HEREDOCS);
            return self.failed_at(&text, heredoc, NEWER);
        }
        if MACHINE.iter().any(|sign| lower.contains(sign)) {
            return BuildError::Fault(Fault::refused("build the image", 500, &message));
        }
        if is_lost_image(&message) {
            let help = "other images are being removed from this engine all the time, and its classic \
                        builder cannot build beside that: try again when that is over";
            return BuildError::Fault(Fault::refused("build the image", 500, &message).help(help));
        }
        if let Some(fault) = self.fault(&message, &lower) {
            return BuildError::Fault(fault);
        }
        if lower.contains("requires buildkit") {
            let text = format!("{}: {message}", self.lacks("what this step asks for"));
            let place = self.step_place();
            return self.failure(text, place, None, Some(NEWER.to_owned()));
        }
        let place = self.step_place();
        self.failure(message, place, exit_code, None)
    }

    fn ran_a_command(&self) -> bool {
        self.step
            .is_some_and(|step| step.text.to_uppercase().starts_with("RUN"))
    }

    fn step_place(&self) -> Option<usize> {
        self.step.and_then(|step| step.dockerfile_line)
    }

    fn fault(&self, message: &str, lower: &str) -> Option<Fault> {
        let network = NETWORK.iter().any(|sign| lower.contains(sign));
        let fault = |doing: &str| Fault::refused(doing, 500, message);
        if let Some(frontend) = self.doing.strip_prefix("resolve image config for ") {
            let frontend = frontend.trim_start_matches("docker-image://");
            let asked = self
                .instructions
                .syntax
                .clone()
                .unwrap_or_else(|| frontend.to_owned());
            let help = "the Dockerfile's `# syntax=` line asks for a builder from a registry that the \
                        engine cannot fetch: give the engine a way to that registry, or remove the line";
            return Some(fault(&format!("fetch the Dockerfile frontend {asked}")).help(help));
        }
        let step = self.step.map(|step| step.text.as_str()).unwrap_or_default();
        let base = self.doing.strip_prefix("[internal] load metadata for ");
        let base = base.or_else(|| step.strip_prefix("FROM "));
        // What is no platform stands in the Dockerfile, and no registry was asked.
        if let Some(base) = base.filter(|_| !lower.contains("failed to parse platform")) {
            let base = match base
                .strip_prefix("--")
                .and_then(|rest| rest.split_once(' '))
            {
                Some((_, image)) => image.trim(),
                None => base,
            };
            let fault = fault(&format!("pull the base image {base}"));
            let mut fault = match fault.help {
                Some(_) => fault,
                None => fault.help(
                    "check the image's name, and put it on the engine or let the engine reach the registry",
                ),
            };
            if lower.ends_with(": not found") {
                fault.kind = FaultKind::NotFound;
            }
            return Some(fault);
        }
        if lower.contains("no space left on device") || lower.contains("disk quota exceeded") {
            return Some(fault("build the image"));
        }
        let remote = step.starts_with("ADD ") || step.contains("--from=") || self.step.is_none();
        if network && remote {
            return Some(fault("build the image"));
        }
        let engine = [
            "no active session",
            "context canceled",
            "unexpected eof",
            "transport is closing",
            "failed to mount",
        ];
        if engine.iter().any(|sign| lower.contains(sign)) {
            return Some(Fault::new(FaultKind::Broken, "build the image", message));
        }
        None
    }

    fn syntax(self, line: usize, what: &str) -> BuildError {
        let place = self.instructions.at_line(line);
        if let Some(heredoc) = place.filter(|place| place.heredoc && line > place.line) {
            let text = self.lacks(HEREDOCS);
            return self.failed_at(&text, heredoc, NEWER);
        }
        let option = what
            .rsplit_once(": ")
            .filter(|(head, _)| head.to_lowercase().ends_with("unknown flag"));
        if let Some((_, option)) = option.filter(|(_, option)| OPTIONS.contains(option)) {
            let keyword = place
                .map(|place| place.keyword.as_str())
                .unwrap_or_default();
            let text = self.lacks(&format!("`{keyword} --{option}`"));
            return match place {
                Some(place) => self.failed_at(&text, place, NEWER),
                None => self.failure(text, Some(line), None, Some(NEWER.to_owned())),
            };
        }
        match place {
            Some(place) => self.failed_at(what, place, ""),
            None => self.failure(what.to_owned(), Some(line), None, None),
        }
    }

    /// The here-document that podman fell over: without them it takes its beginning for a file, and its first line
    /// for an instruction.
    fn heredoc_of_podman(&self, lower: &str) -> Option<&Instruction> {
        let step = self.step?;
        let number = match lower {
            said if said.contains(": stat: \"/<<") => step.number,
            said if said.contains("unknown instruction: ") => step.number.checked_sub(1)?,
            _ => return None,
        };
        let place = self.instructions.of_number(&step.stage, number);
        place.filter(|place| place.heredoc)
    }

    fn lacks(&self, what: &str) -> String {
        format!("this engine's builder ({}) lacks {what}", self.builder)
    }

    fn failed_at(&self, message: &str, place: &Instruction, help: &str) -> BuildError {
        BuildError::Failed(Box::new(BuildFailure {
            step: Some(tame(&place.text)),
            dockerfile: self.dockerfile.clone(),
            line: Some(place.line),
            exit_code: None,
            last_lines: Vec::new(),
            message: message.to_owned(),
            help: (!help.is_empty()).then(|| help.to_owned()),
            lacking: help == NEWER,
        }))
    }

    fn failure(
        self,
        message: String,
        line: Option<usize>,
        exit_code: Option<i64>,
        help: Option<String>,
    ) -> BuildError {
        BuildError::Failed(Box::new(BuildFailure {
            step: self.step.map(|step| step.text.clone()),
            dockerfile: self.dockerfile,
            line,
            exit_code,
            last_lines: self
                .step
                .map(|step| step.output.last(LAST_LINES))
                .unwrap_or_default(),
            message,
            lacking: help.as_deref() == Some(NEWER),
            help,
        }))
    }
}

const HEREDOCS: &str = "here-documents (`<<`)";

const NEWER: &str = "use a newer engine (Docker 23 or newer), begin the Dockerfile with \
                     `# syntax=docker/dockerfile:1` where the engine reaches a registry, or write it without";

fn shortened(message: &str) -> String {
    let mut rest = message.trim();
    while let Some(next) = PREFIXES.iter().find_map(|prefix| rest.strip_prefix(prefix)) {
        rest = next;
    }
    tame(&rest.replace('\n', " "))
}

/// Whether a builder says how a command ended.
pub(super) fn is_of_a_command(message: &str) -> bool {
    exit_code(&message.to_lowercase()).is_some()
}

/// Reads `exit code: 7` and `returned a non-zero code: 7`.
fn exit_code(lower: &str) -> Option<i64> {
    let at = |mark: &str| lower.rfind(mark).map(|at| &lower[at + mark.len()..]);
    let rest = at("exit code: ")
        .or_else(|| at("non-zero code: "))
        .or_else(|| at("exit status "))?;
    let end = rest
        .find(|ch: char| !ch.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// Reads `dockerfile parse error line 2: what` and the newer `… on line 2: what`.
fn parse_error(message: &str) -> Option<(usize, String)> {
    let (_, rest) = message.split_once("parse error ")?;
    let rest = rest
        .strip_prefix("on ")
        .unwrap_or(rest)
        .strip_prefix("line ")?;
    let (line, what) = rest.split_once(": ")?;
    Some((line.parse().ok()?, what.to_owned()))
}

#[cfg(test)]
mod tests;
