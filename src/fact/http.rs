//! HTTP requests and their answers.

use serde::{Deserialize, Serialize};

use super::blob::Blob;
use crate::words;

words! {
    /// A way in which a request fails before any answer.
    pub enum Failure {
        /// In whatever way.
        Any = "any",
        /// The TLS handshake.
        Tls = "tls",
        /// Nothing listens there.
        Refused = "refused",
        /// No answer in time.
        Timeout = "timeout",
        /// The name cannot be resolved.
        Dns = "dns",
    }
}

words! {
    /// A version of TLS.
    pub enum TlsVersion {
        /// TLS 1.2 only.
        Tls12 = "1.2",
        /// TLS 1.3 only.
        Tls13 = "1.3",
    }
}

/// How TLS is spoken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tls {
    /// Believe any certificate.
    pub insecure: bool,
    /// Speak this version only.
    pub version: Option<TlsVersion>,
    /// Whom to believe in place of the system's authorities: the run's own (`ca`), a certificate of
    /// the suite, or a file.
    pub ca: Option<String>,
    /// The certificate of the suite that the client shows.
    pub certificate: Option<String>,
}

/// A request to make.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Request {
    /// Absolute; its host is `app`, a service, or a name that `from` can resolve.
    pub url: String,
    /// GET, POST, …
    pub method: String,
    /// As written.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Option<String>,
    /// Whether redirects are followed.
    pub follow: bool,
    /// Where it starts: `host`, `app` or a service.
    pub from: String,
    /// How TLS is spoken.
    pub tls: Tls,
    /// How long it may take in all.
    pub timeout_millis: u64,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// Where it came from, after redirects.
    pub url: String,
    /// Its status.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Blob,
    /// From the start of the connection to the end of the body.
    pub micros: u64,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// An answer.
    Answered(Response),
    /// None.
    Failed {
        /// In which way; never [`Failure::Any`] where it is known.
        failure: Failure,
        /// What the system said.
        text: String,
    },
    /// Redirects, one after another, more than are followed.
    Circled {
        /// How many were followed, and where the last one leads.
        text: String,
    },
}

/// What came of a request that was made again and again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// How many replicas there are.
    pub replicas: u32,
    /// How many of them took a connection from outside meanwhile.
    pub answered: u32,
    /// How many requests were made.
    pub requests: u32,
    /// The first outcome, and the first that was of another kind.
    pub outcomes: Vec<Outcome>,
    /// Those that took none.
    #[serde(default)]
    pub idle: Vec<Idle>,
}

/// A replica that took no connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idle {
    /// Which.
    pub replica: String,
    /// Its state, as the engine calls it: `running`, `paused`, …
    pub state: String,
}
