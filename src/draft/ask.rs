//! Suites that only look: their claims are there for the facts that they bring, and whether they hold says nothing.

use super::Subject;
use super::requests::Call;
use super::scalar::ports;
use crate::fact::image::ImageFacts;
use crate::text::units::Port;

/// The case that looks at an image, or at one service that runs.
pub const LOOK: &str = "look";
/// The case that looks at how it stops.
pub const STOP: &str = "stop";

/// When the container of an image is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// By its health check, which needs no word.
    Checked,
    /// Once these ports listen.
    Listens(Vec<Port>),
    /// At once.
    Unknown,
}

impl Readiness {
    /// What an image promises.
    pub fn of(image: Option<&ImageFacts>) -> Self {
        let check = image.and_then(|image| image.healthcheck.as_ref());
        let is_checked =
            check.is_some_and(|check| check.test.first().is_some_and(|kind| kind != "NONE"));
        let exposed = image.map(|image| image.exposed_ports.iter());
        let exposed: Vec<Port> = exposed
            .into_iter()
            .flatten()
            .filter_map(|port| Port::parse(port))
            .collect();
        match () {
            () if is_checked => Self::Checked,
            () if exposed.is_empty() => Self::Unknown,
            () => Self::Listens(exposed),
        }
    }

    /// The line of `run` that says so.
    pub(super) fn line(&self) -> Option<String> {
        match self {
            Self::Listens(all) => {
                let all = ports(all.iter().copied());
                Some(format!("ready: {{ ports: {{ listening: {all} }} }}"))
            }
            Self::Checked | Self::Unknown => None,
        }
    }
}

/// Looks at the image, and starts nothing of it.
pub fn image(subject: &Subject) -> String {
    let claims = ["image: { platform: none/none }", "setuid: none"];
    suite(subject, subject.run(), &case(LOOK, &[], &claims))
}

/// Starts it, and waits until it does what the image promises.
pub fn start(subject: &Subject, promised: &Readiness) -> String {
    let waits = match promised {
        Readiness::Checked => ["health: healthy", "within: 60s"],
        Readiness::Listens(_) => ["", "within: 15s"],
        Readiness::Unknown => ["ports: { listening: [1/tcp] }", "within: 3s"],
    };
    let listens = match promised {
        Readiness::Listens(all) => {
            format!("ports: {{ listening: {} }}", ports(all.iter().copied()))
        }
        _ => waits[0].to_owned(),
    };
    let waited = format!("{listens}\n        {}", waits[1]);
    let claims = [
        "state: running",
        &waited,
        "ports: { listening: [1/tcp] }",
        "logs: { count: 0 }",
    ];
    let mut run = subject.run().to_vec();
    run.push("ready: none".to_owned());
    suite(subject, &run, &case(LOOK, &[], &claims))
}

/// Looks at what runs.
pub fn running(subject: &Subject, ready: &Readiness) -> String {
    let mut run = subject.run().to_vec();
    run.extend(ready.line());
    suite(subject, &run, &case(LOOK, &[], &RUNNING))
}

/// Looks at each service of a Compose file. What a service does that nobody checks is seen after a moment.
pub fn services(subject: &Subject) -> String {
    let claims: Vec<&str> = RUNNING
        .into_iter()
        .chain(["ports: { listening: [1/tcp] }\n        within: 3s"])
        .collect();
    suite(subject, &[], &case(LOOK, &["service: all"], &claims))
}

/// Makes requests, and stops it.
pub fn talk(subject: &Subject, ready: &Readiness, calls: &[Call]) -> String {
    let mut run = subject.run().to_vec();
    run.extend(ready.line());
    let claims: Vec<String> = calls.iter().map(Call::probing).collect();
    let claims: Vec<&str> = claims.iter().map(String::as_str).collect();
    let mut cases = String::new();
    if !claims.is_empty() {
        cases.push_str(&case(LOOK, &[], &claims));
    }
    cases.push_str(&format!(
        "  - name: {STOP}\n    steps:\n      - stop\n      - expect:\n          - exited: 0\n"
    ));
    suite(subject, &run, &cases)
}

/// What is asked of a container that runs.
const RUNNING: [&str; 12] = [
    "state: running",
    "image: { platform: none/none }",
    "whoami: root",
    "processes: { zombies: 0 }",
    "capabilities: { effective: none }",
    "ports: { listening: [1/tcp], published: [1/tcp] }",
    "limits: { memory: unlimited, cpus: unlimited, pids: unlimited }",
    "usage: { memory: { above: 0B }, pids: { above: 0 } }",
    "filesystem: read_only",
    "startup: { time: { above: 0s } }",
    "exited: 0",
    "logs: { count: 0 }",
];

fn suite(subject: &Subject, run: &[String], cases: &str) -> String {
    // `run` does not go with a Compose file, whose services say themselves when they are ready.
    let run = if matches!(subject, Subject::Compose(_)) {
        &[]
    } else {
        run
    };
    let lines = subject.lines(run).join("\n");
    format!("seaworthy: 1\nname: look\n{lines}\ncases:\n{cases}")
}

fn case(name: &str, head: &[&str], claims: &[&str]) -> String {
    let head: String = head.iter().map(|line| format!("    {line}\n")).collect();
    let claims: String = claims
        .iter()
        .map(|claim| format!("      - {claim}\n"))
        .collect();
    format!("  - name: {name}\n{head}    expect:\n{claims}")
}
