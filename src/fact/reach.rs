//! Whether one container reaches another, or the outside, and what shows that it could be reached at all.

use serde::{Deserialize, Serialize};

use super::network::Networks;

/// What is to be reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// What lies past the container's own networks.
    Outside,
    /// A host.
    Host {
        /// `app`, a service, or any name or address.
        host: String,
        /// Its port; any answer of the host's will do without it.
        port: Option<u16>,
    },
}

/// A try to reach something.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sight {
    /// What is to be reached.
    pub aim: Aim,
    /// Whether it is to be shown that it is not: then its addresses are tried too, and from elsewhere.
    pub isolated: bool,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The networks of the container that it was tried from, where it is about the outside.
    pub networks: Networks,
    /// Whether the engine's own machine has any way out, where it is about the outside.
    pub has_outside: bool,
    /// What was tried from the container.
    pub tries: Vec<Try>,
    /// What was tried from where it may be reached. One answer of each shows that it can be.
    pub controls: Vec<Control>,
}

/// A connection that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// Whereto: a host, with its port where that is what was to be reached.
    pub to: String,
    /// What came of it.
    pub came: Came,
    /// What came of it when it was tried again, to tell a way that is open from a gap of a moment.
    pub again: Vec<Came>,
}

impl Try {
    /// Whether it reaches what was to be reached, and did so mostly where it was tried again.
    pub fn reaches(&self, aim: &Aim) -> bool {
        let steady = self.again.iter().filter(|came| came.reaches(aim)).count();
        self.came.reaches(aim) && (self.again.is_empty() || steady * 2 > self.again.len())
    }
}

/// What came of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// It was taken.
    Taken,
    /// The host answers, and takes none.
    Refused,
    /// There was no answer in time.
    Silent,
    /// The name has no address; this is why.
    Unknown(String),
    /// There is no way there; this is why.
    NoWay(String),
}

/// What was tried from where something may be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// What it is.
    pub of: String,
    /// From where it was tried.
    pub from: String,
    /// The connections.
    pub tries: Vec<Try>,
    /// Why there could be no answer, where that is known.
    pub why: Option<String>,
    /// Whether it has no network but its own loopback, so that nobody can reach it from anywhere.
    pub shut: bool,
}

impl Came {
    /// Whether there was any answer of the host.
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Taken | Self::Refused)
    }

    /// Whether what was to be reached is: a port takes the connection, a host answers.
    pub fn reaches(&self, aim: &Aim) -> bool {
        match aim {
            Aim::Host { port: Some(_), .. } => *self == Self::Taken,
            _ => self.is_answer(),
        }
    }
}

impl std::fmt::Display for Came {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Taken => f.write_str("the connection is taken"),
            Self::Refused => f.write_str("refused"),
            Self::Silent => f.write_str("no answer in time"),
            Self::Unknown(why) => write!(f, "the name is not known (dns): {why}"),
            Self::NoWay(why) => write!(f, "no way there: {why}"),
        }
    }
}

impl std::fmt::Display for Try {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { to, came, again } = self;
        write!(f, "{to}: {came}")?;
        let unlike = again.iter().filter(|other| *other != came).count();
        match unlike {
            0 => Ok(()),
            count => write!(
                f,
                ", but not in {count} of {} tries after that",
                again.len()
            ),
        }
    }
}

impl std::fmt::Display for Aim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Outside => f.write_str("outside"),
            Self::Host { host, port } => f.write_str(&place(host, *port)),
        }
    }
}

/// A host with its port, as it is written.
pub fn place(host: &str, port: Option<u16>) -> String {
    match (port, host.contains(':')) {
        (None, _) => host.to_owned(),
        (Some(port), true) => format!("[{host}]:{port}"),
        (Some(port), false) => format!("{host}:{port}"),
    }
}
