//! TCP connections, and what came through them.

use serde::{Deserialize, Serialize};

use super::blob::Blob;
use crate::words;

/// A connection to try, and what to say and hear on it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Talk {
    /// `app`, a service, or a name that `from` can resolve.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Where it starts: `host` or `app`.
    pub from: String,
    /// What is sent.
    pub send: Option<String>,
    /// Whether it is listened to what comes back.
    pub receive: bool,
    /// Once what came matches all of these expressions, no more is waited for; with none of them it
    /// is, until the other end closes or the time is up.
    pub enough: Vec<String>,
    /// How long it may take in all.
    pub timeout_millis: u64,
}

words! {
    /// A way in which a connection does not come about.
    pub enum Shut {
        /// Nothing listens there.
        Refused = "refused",
        /// No answer in time.
        Timeout = "timeout",
        /// The name has no address.
        Dns = "dns",
        /// There is no way there, or it failed in another way.
        Unreachable = "unreachable",
    }
}

/// Why no more was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// Nothing was to be received.
    Unasked,
    /// What was waited for had come.
    Enough,
    /// The other end closed.
    Closed,
    /// The time was up.
    TimeUp,
    /// As much had come as is kept.
    Full,
    /// The connection broke.
    Broken(String),
}

/// What came of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Met {
    /// A program took it.
    Open {
        /// What came.
        heard: Blob,
        /// Why no more did.
        finish: Finish,
    },
    /// There is none.
    Shut {
        /// In which way.
        how: Shut,
        /// What the system said.
        text: String,
    },
}
