//! A container's health check, and what it says.

use serde::{Deserialize, Serialize};

use super::blob::Blob;
use super::command::End;
use crate::words;

words! {
    /// How a container is, by its health check.
    pub enum Status {
        /// The check passes.
        Healthy = "healthy",
        /// The check fails.
        Unhealthy = "unhealthy",
        /// The check has not passed yet, and its failures do not count yet.
        Starting = "starting",
        /// No check is declared.
        None = "none",
    }
}

/// One run of the check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRun {
    /// How it ended.
    pub end: End,
    /// What it wrote.
    pub output: Blob,
}

/// What the check says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The check as the engine runs it (`CMD`, `CMD-SHELL`, … first); empty where none is declared.
    pub check: Vec<String>,
    /// How the container is.
    pub status: Status,
    /// Its last runs, oldest first.
    pub runs: Vec<CheckRun>,
}
