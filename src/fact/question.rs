//! What can be asked.

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::handshake::Handshake;
use super::http::Request;
use super::reach::Sight;
use super::search::Search;
use super::source::{Attempt, Look};
use super::tcp::Talk;

/// One question. Equal questions of one observation are asked once, but for those that act.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// What does the image state about itself?
    Image,
    /// Which paths do the image's layers hold that match these patterns?
    Layers(Vec<String>),
    /// What is another image? The text tells which.
    Other(String),
    /// What does the engine know of the container?
    Container,
    /// And once it has been up for a moment, or is not up?
    State,
    /// Who lives with the container, and how is each?
    Company,
    /// Which networks is the container on?
    Networks,
    /// How did the container start and end since it was last started by us?
    Life,
    /// What does the health check say?
    Health {
        /// As the engine runs it on its declared schedule; else it is run now, by the same command.
        declared: bool,
    },
    /// What stands at this path?
    Stat {
        /// Absolute.
        path: String,
        /// Whether a link is followed.
        follow: bool,
    },
    /// What does this file hold?
    Read {
        /// Absolute.
        path: String,
        /// At most so many bytes.
        most: u64,
    },
    /// What is the SHA-256 of what this file holds?
    Digest {
        /// Absolute.
        path: String,
        /// A file of more bytes is not read.
        most: u64,
    },
    /// May this user write there?
    MayWrite {
        /// Absolute; a path, or a pattern, whose walk is then asked for too.
        at: String,
        /// A name or a number.
        user: String,
    },
    /// What is installed, and what can be called?
    Packages,
    /// What stands below this folder?
    Walk {
        /// Absolute.
        root: String,
        /// Levels; all without it.
        depth: Option<u32>,
    },
    /// What matches this pattern in folders that it names and that are links? What stands below its root is
    /// asked for too.
    Linked {
        /// Absolute.
        pattern: String,
    },
    /// Which files give more rights to who runs them?
    Privileged,
    /// What do the image's files hold of this?
    Search(Search),
    /// And what do its layers hold of it, each by itself?
    Beneath(Search),
    /// Which processes run?
    Processes,
    /// As whom does the engine start what is executed in the container, when nobody is named?
    ExecUser,
    /// Which variables does the main process have?
    Environment,
    /// Which sockets wait for others?
    Listeners,
    /// What does the kernel let it have at most?
    Limits,
    /// What does it use?
    Usage {
        /// For how long its work is watched; not at all without it.
        over_millis: Option<u64>,
    },
    /// What is mounted where?
    Mounts {
        /// Paths that are to be told without links.
        at: Vec<String>,
    },
    /// Can a file be made in this folder?
    Create {
        /// Absolute.
        folder: String,
    },
    /// How often has a policy started it again, once that does not change any more?
    Restarts,
    /// What did it write?
    Log,
    /// What does this command do?
    Run(Command),
    /// What does this request get?
    Http(Request),
    /// By how many replicas is this request answered, made again and again?
    Spread(Request),
    /// What does a server show while TLS is agreed on?
    Certificate(Handshake),
    /// What comes of this connection?
    Tcp(Talk),
    /// Is this reached?
    Reach(Sight),
    /// What is there beside the suite?
    Source(Look),
    /// What does the image's Dockerfile say?
    Dockerfile,
    /// What is the builder sent?
    Context,
    /// What stands in the context's folder, whatever the ignore file says?
    WholeContext,
    /// What comes of building the image?
    Build(Attempt),
}

/// When a question is asked within one observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// First: looking changes nothing.
    Passive,
    /// Then, in written order, each as often as it is written.
    Active,
    /// Last, so that what the others caused is seen.
    Log,
}

impl Question {
    /// Whether it is about files of this machine, and about no image or container.
    pub fn is_of_sources(&self) -> bool {
        matches!(self, Self::Source(_)) || self.is_of_build()
    }

    /// Whether it is about what an image is built from, so that there has to be such.
    pub fn is_of_build(&self) -> bool {
        matches!(
            self,
            Self::Dockerfile | Self::Context | Self::WholeContext | Self::Build(_)
        )
    }

    /// Whether it is about a container among the others of its case.
    pub fn is_of_company(&self) -> bool {
        matches!(self, Self::Company | Self::Networks)
    }

    /// When it is asked.
    pub fn phase(&self) -> Phase {
        match self {
            Self::Run(_)
            | Self::Http(_)
            | Self::Spread(_)
            | Self::Certificate(_)
            | Self::Tcp(_)
            | Self::Reach(_) => Phase::Active,
            Self::Log => Phase::Log,
            _ => Phase::Passive,
        }
    }
}
