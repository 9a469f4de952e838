//! Commands run inside a container, and how they ended.

use serde::{Deserialize, Serialize};

use super::blob::Blob;

/// A command to run as `docker exec` would.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Command {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// As whom; the container's own user without it.
    pub user: Option<String>,
    /// Where; the container's own folder without it.
    pub workdir: Option<String>,
    /// Variables that are set or unset for it.
    pub environment: Vec<(String, Option<String>)>,
    /// What it reads from its standard input.
    pub stdin: Option<String>,
    /// How long it may take.
    pub timeout_millis: u64,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// With this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It was killed, since it took too long.
    TimedOut,
    /// It could not be started: no such program, not executable.
    NotStarted(String),
}

/// A command that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// What it wrote.
    pub stdout: Blob,
    /// What it wrote as errors.
    pub stderr: Blob,
    /// How long it took.
    pub micros: u64,
}
