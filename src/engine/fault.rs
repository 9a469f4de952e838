//! What can go wrong between us and the engine, as a value.

use std::fmt;

/// An operation on the engine gives a value or a [`Fault`].
pub type Result<T> = std::result::Result<T, Fault>;

/// The sort of fault, for those who must act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// No engine answers, or it went away while answering.
    Unreachable,
    /// The engine knows no such container, image, network, volume or exec.
    NotFound,
    /// The name is taken, or the object's state does not allow this.
    Conflict,
    /// The engine refused the request with this HTTP status.
    Refused {
        /// The HTTP status of the refusal.
        status: u16,
    },
    /// The deadline passed before the answer came.
    TimedOut,
    /// The answer is not what an engine answers, or is larger than we take.
    Broken,
    /// Whoever was asked went away before everything was answered.
    CutOff,
    /// The engine's disk is full.
    NoSpace,
    /// The engine has no free subnet left for a new network.
    PoolExhausted,
    /// The engine, or this client, cannot do what was asked.
    Unsupported,
    /// A registry or the engine wants credentials that it was not given.
    Auth,
    /// The registry could not be reached by the engine.
    Registry,
    /// Something on this machine (a file, a program, a setting) stands in the way.
    Local,
}

/// An operation that did not succeed: what was being done, why it failed, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The sort of fault.
    pub kind: FaultKind,
    /// What was being done, as it follows the word "cannot": `start container web`.
    pub doing: String,
    /// What went wrong, in the engine's words where it said any.
    pub message: String,
    /// What to do about it, where that is known.
    pub help: Option<String>,
}

/// How advice calls what says where the engine is.
const WITH_OPTION: &str = "`--engine` or DOCKER_HOST";

impl Fault {
    /// A fault without advice.
    pub fn new(kind: FaultKind, doing: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind,
            doing: doing.into(),
            message: message.into(),
            help: None,
        }
    }

    /// The same fault with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same for who has no command line: what names the option and the variable names the variable alone.
    #[must_use]
    pub fn without_option(self) -> Self {
        let help = self.help;
        let help = help.map(|help| help.replace(WITH_OPTION, "DOCKER_HOST"));
        Self { help, ..self }
    }

    /// The engine's refusal, its kind read from the status and from what it says.
    pub fn refused(doing: impl Into<String>, status: u16, message: &str) -> Self {
        let message = message.trim();
        let (kind, help) = classify(status, message);
        let message = if message.is_empty() {
            format!("the engine answered with HTTP status {status} and no message")
        } else {
            message.to_owned()
        };
        Self {
            kind,
            doing: doing.into(),
            message,
            help: help.map(str::to_owned),
        }
    }

    /// What a tool said that asked the engine for us, with advice where the engine's words in it are known.
    pub fn told(doing: impl Into<String>, tool: &str, words: &str) -> Self {
        let (kind, help) = match classify(500, words) {
            (kind @ (FaultKind::PoolExhausted | FaultKind::NoSpace), help) => (kind, help),
            (FaultKind::Refused { .. }, help) => (FaultKind::Broken, help),
            _ => (FaultKind::Broken, None),
        };
        Self {
            help: help.map(str::to_owned),
            ..Self::new(kind, doing, format!("`{tool}` says{words}"))
        }
    }

    /// Whether the engine found fault with what it was asked for, as it would each time.
    pub fn is_of_request(&self) -> bool {
        self.kind == FaultKind::Refused { status: 400 }
    }

    /// Whether the engine said that what was named does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind == FaultKind::NotFound
    }

    /// Whether the engine said that the name is taken or the state does not allow it.
    pub fn is_conflict(&self) -> bool {
        self.kind == FaultKind::Conflict
    }
}

/// What an engine's words begin with where it finds fault with what it was asked for, and the status is not told.
const OF_REQUESTS: [&str; 7] = [
    "can not ",
    "cannot be ",
    "conflicting options",
    "invalid ",
    "minimum memory",
    "no command specified",
    "you should always",
];

/// Whether a tool passes on that the engine found fault with what it was asked for.
pub fn tells_of_request(words: &str) -> bool {
    let lower = words.to_lowercase();
    let is_known = classify(500, &lower).0 != FaultKind::Refused { status: 500 };
    // An answer that could not be read is no word of the engine's about what it was asked for.
    let is_lost = ["error during connect", "invalid character"]
        .iter()
        .any(|sign| lower.contains(sign));
    let mut parts = lower.lines().flat_map(|line| line.split(": "));
    !is_known
        && !is_lost
        && parts.any(|part| {
            OF_REQUESTS
                .iter()
                .any(|start| part.trim().starts_with(start))
        })
}

/// Known refusals: a part of the text (lower case), what it means, what to do.
const KNOWN: &[(&[&str], FaultKind, Option<&str>)] = &[
    (
        &[
            "non-overlapping ipv4 address pool",
            "address pools have been fully subnetted",
        ],
        FaultKind::PoolExhausted,
        Some(
            "remove what runs have left that were killed (`seaworthy gc`), then networks that nobody uses (`docker network prune`), or run fewer cases side by side (`--jobs`)",
        ),
    ),
    (
        &["non-overlapping ipv6 address pool"],
        FaultKind::Refused { status: 500 },
        Some(
            "this engine gives no IPv6 addresses by itself: say in the Compose file of which range they are (`ipam: { config: [{ subnet: \"fd00:1::/64\" }] }`)",
        ),
    ),
    (
        &["port is already allocated", "address already in use"],
        FaultKind::Local,
        Some(
            "something else has this port of the engine's machine, be it another run: end that, or publish the container's port alone (`ports: [8080]`) to get a free one",
        ),
    ),
    (
        &["has active endpoints"],
        FaultKind::Conflict,
        Some(
            "take the containers off it that `docker network inspect` names; where it names none, the engine has miscounted them (a defect of Docker's, moby issue 42119) and lets go of the network only when it is restarted",
        ),
    ),
    (
        &["no space left on device", "disk quota exceeded"],
        FaultKind::NoSpace,
        Some("free space where the engine keeps its data, for instance with `docker system prune`"),
    ),
    (
        &["client version", "is too new"],
        FaultKind::Unsupported,
        Some("use a newer engine"),
    ),
    (
        &["client version", "is too old"],
        FaultKind::Unsupported,
        Some("this engine wants a newer Seaworthy"),
    ),
    (
        &[
            "no basic auth credentials",
            "unauthorized: ",
            "authentication required",
            "incorrect username or password",
        ],
        FaultKind::Auth,
        Some("sign in to the registry with `docker login REGISTRY`"),
    ),
    (
        &[
            "pull access denied",
            "requested access to the resource is denied",
        ],
        FaultKind::NotFound,
        Some("check the image's name; if it is private, sign in with `docker login REGISTRY`"),
    ),
    (
        &["manifest unknown", "manifest for "],
        FaultKind::NotFound,
        Some(
            "check the image's name and tag: the registry answers, and has no such image or no such version of it",
        ),
    ),
    (
        &["no matching manifest for"],
        FaultKind::NotFound,
        Some("the image has no variant for the engine's platform"),
    ),
    (
        &[
            "no such host",
            "dial tcp",
            "i/o timeout",
            "connection refused",
            "tls handshake timeout",
            "x509: ",
            "client.timeout exceeded",
            "network is unreachable",
        ],
        FaultKind::Registry,
        Some(
            "the engine cannot reach the registry: check its network, proxy and certificates, or put the image on the engine beforehand (`docker load`)",
        ),
    ),
];

/// Texts of which every part must be there; for the others one is enough.
const ALL_PARTS: &str = "client version";

fn classify(status: u16, message: &str) -> (FaultKind, Option<&'static str>) {
    let lower = message.to_lowercase();
    for (parts, kind, help) in KNOWN {
        let found = if parts.first() == Some(&ALL_PARTS) {
            parts.iter().all(|part| lower.contains(part))
        } else {
            parts.iter().any(|part| lower.contains(part))
        };
        // An engine asked for a registry answers 404 or 500; a plain 409 or 400 is about the object.
        if found && !(matches!(kind, FaultKind::Registry) && matches!(status, 400 | 409)) {
            return (*kind, *help);
        }
    }
    match status {
        401 | 403 => (FaultKind::Auth, None),
        404 => (FaultKind::NotFound, None),
        409 => (FaultKind::Conflict, None),
        501 => (FaultKind::Unsupported, None),
        status => (FaultKind::Refused { status }, None),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: {}", self.doing, self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_known_by_status_and_by_text() {
        let cases = [
            (404, "No such container: x", FaultKind::NotFound),
            (
                409,
                "Conflict. The container name is in use",
                FaultKind::Conflict,
            ),
            (
                500,
                "could not find an available, non-overlapping IPv4 address pool among the defaults",
                FaultKind::PoolExhausted,
            ),
            (
                403,
                "all predefined address pools have been fully subnetted",
                FaultKind::PoolExhausted,
            ),
            (
                403,
                "error while removing network: network back id 15ac has active endpoints",
                FaultKind::Conflict,
            ),
            (
                500,
                "write /var/lib/x: no space left on device",
                FaultKind::NoSpace,
            ),
            (
                400,
                "client version 1.47 is too old. Minimum supported API version is 1.50",
                FaultKind::Unsupported,
            ),
            (
                500,
                "Get \"https://r.example/v2/\": dial tcp: lookup r.example: no such host",
                FaultKind::Registry,
            ),
            (
                404,
                "manifest for debian:nosuch not found: manifest unknown",
                FaultKind::NotFound,
            ),
            (
                500,
                "Head \"https://r.example/v2/\": no basic auth credentials",
                FaultKind::Auth,
            ),
            (500, "something else", FaultKind::Refused { status: 500 }),
        ];
        for (status, message, kind) in cases {
            assert_eq!(
                Fault::refused("try", status, message).kind,
                kind,
                "{status} {message}"
            );
        }
    }

    #[test]
    fn what_a_tool_says_of_the_engine_has_the_engines_advice() {
        let told = |words: &str| Fault::told("make", "docker compose", words);
        let none = told(
            "\n  could not find an available, non-overlapping IPv4 address pool among the defaults",
        );
        assert_eq!(none.kind, FaultKind::PoolExhausted);
        assert!(
            none.help
                .unwrap()
                .starts_with("remove what runs have left that were killed (`seaworthy gc`)")
        );
        let six = told("\n  could not find an available, non-overlapping IPv6 address pool");
        assert!(six.help.unwrap().contains("subnet:"));
        let other = told("\n  something else: connection refused");
        assert_eq!((other.kind, other.help), (FaultKind::Broken, None));
    }

    #[test]
    fn a_tool_tells_of_what_was_asked_or_of_the_engine() {
        for asked in [
            "\n  Creating x_web_1 ... error\n  ERROR: for web  Cannot create container for service web: Conflicting options: a and b",
            "\n  Error response from daemon: No command specified",
            "\n  Error response from daemon: invalid mount config for type \"bind\"",
        ] {
            assert!(tells_of_request(asked), "{asked}");
        }
        for other in [
            "\n  Error response from daemon: driver failed: Bind for 127.0.0.1:80 failed: port is already allocated",
            "\n  Error response from daemon: invalid x: no space left on device",
            "\n  Error response from daemon: context deadline exceeded",
            "\n  error during connect: EOF",
        ] {
            assert!(!tells_of_request(other), "{other}");
        }
    }

    #[test]
    fn the_text_says_what_why_and_what_to_do() {
        let fault = Fault::new(FaultKind::NotFound, "start container web", "no such thing")
            .help("make one");
        assert_eq!(
            fault.to_string(),
            "cannot start container web: no such thing\n  help: make one"
        );
        assert!(
            Fault::refused("x", 500, "")
                .to_string()
                .contains("HTTP status 500")
        );
    }
}
