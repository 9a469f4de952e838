//! What the kernel limits and counts of a container: control groups, of version 1 or 2.
//!
//! What is asked depends on where they are: [`Groups`] says so from `/proc/1/cgroup` and the mounts, and
//! makes facts of what the files hold.

mod files;
mod groups;

use serde::{Deserialize, Serialize};

pub use files::Files;
pub use groups::Groups;

/// What could be told, or why it could not.
pub type Told<T> = Result<T, String>;

/// What the kernel lets a container have at most; `None` is without a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of memory.
    pub memory: Told<Option<u64>>,
    /// Hundred-thousandths of a processor.
    pub cpus: Told<Option<u64>>,
    /// Processes and threads.
    pub pids: Told<Option<u64>>,
}

/// What a container uses, without what we have in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Bytes of memory that cannot be had back at once.
    pub memory: Told<u64>,
    /// Processes and threads.
    pub pids: Told<u64>,
    /// Time of processors; `None` where it was not asked for.
    pub cpu: Option<Told<Worked>>,
}

/// How much its processes worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worked {
    /// Nanoseconds of processors.
    pub nanos: u64,
    /// Of so many nanoseconds that passed.
    pub of_nanos: u64,
}

/// What is ours in the container while it is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ours {
    /// Bytes of memory that are only ours.
    pub memory: u64,
    /// Processes and threads.
    pub pids: u64,
    /// Nanoseconds of processors so far.
    pub nanos: u64,
}

#[cfg(test)]
mod tests;
