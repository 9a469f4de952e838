//! What a server shows while TLS is agreed on.

use serde::{Deserialize, Serialize};

use super::blob::Blob;
use super::http::Failure;

/// A look at a server's side of TLS.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Handshake {
    /// The port of the container.
    pub port: u16,
    /// The name that it is asked for.
    pub name: String,
    /// Whether each version is tried by itself.
    pub versions: bool,
    /// How long each connection may take.
    pub timeout_millis: u64,
}

/// A version of SSL or TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Version {
    /// SSL 3.0, of 1996.
    #[serde(rename = "SSLv3")]
    Ssl3,
    /// TLS 1.0, of 1999.
    #[serde(rename = "TLSv1.0")]
    Tls10,
    /// TLS 1.1, of 2006.
    #[serde(rename = "TLSv1.1")]
    Tls11,
    /// TLS 1.2, of 2008.
    #[serde(rename = "TLSv1.2")]
    Tls12,
    /// TLS 1.3, of 2018.
    #[serde(rename = "TLSv1.3")]
    Tls13,
}

impl Version {
    /// All of them, the oldest first.
    pub const ALL: [Self; 5] = [
        Self::Ssl3,
        Self::Tls10,
        Self::Tls11,
        Self::Tls12,
        Self::Tls13,
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ssl3 => "SSLv3",
            Self::Tls10 => "TLSv1.0",
            Self::Tls11 => "TLSv1.1",
            Self::Tls12 => "TLSv1.2",
            Self::Tls13 => "TLSv1.3",
        }
    }

    /// Its number on the wire.
    pub fn number(self) -> u16 {
        match self {
            Self::Ssl3 => 0x0300,
            Self::Tls10 => 0x0301,
            Self::Tls11 => 0x0302,
            Self::Tls12 => 0x0303,
            Self::Tls13 => 0x0304,
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// What a server says to a client that speaks one version only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It goes on in that version.
    Accepted,
    /// It refuses, in these words.
    Refused(String),
    /// It closes the connection without a word.
    Closed,
    /// Something else, or nothing in time: this is what happened.
    Unknown(String),
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The server's certificates as they came, its own first; or why there are none.
    pub chain: Result<Vec<Blob>, Missing>,
    /// What came of each version, where that was asked.
    pub versions: Vec<(Version, Reply)>,
    /// When that was, in seconds since 1970.
    pub seconds: i64,
}

/// Why there is no certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// In which way the connection failed.
    pub failure: Failure,
    /// What was said.
    pub text: String,
}
