//! What stands at a path in a container.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::words;

words! {
    /// What kind of thing stands at a path.
    pub enum Kind {
        /// A regular file.
        File = "file",
        /// A folder.
        Directory = "directory",
        /// A symbolic link.
        Link = "link",
        /// A named pipe.
        Fifo = "fifo",
        /// A Unix socket.
        Socket = "socket",
        /// A character device.
        Char = "char_device",
        /// A block device.
        Block = "block_device",
    }
}

/// What the kernel says of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes.
    pub size: u64,
    /// Last change, seconds since 1970.
    pub modified: i64,
    /// Where it leads, if it is a link.
    pub target: Option<String>,
}

/// The SHA-256 of what a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// In hexadecimal digits; none where the file holds more than is read.
    pub sha256: Option<String>,
    /// How many bytes it holds.
    pub total: u64,
}

/// What the kernel says to a user who would write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempts {
    /// Each path, and why not.
    Tried(BTreeMap<String, Option<String>>),
    /// The engine starts nothing as that user, and why.
    NoUser(String),
    /// Nobody could be asked: the container has ended.
    Untried,
}

/// One path of a walk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Absolute.
    pub path: String,
    /// What stands there.
    pub stat: Stat,
}

impl Walk {
    /// Whether it saw everything that it was sent for, else why not.
    pub fn seen_whole(&self) -> Result<(), String> {
        if self.cut {
            let seen = self.entries.len();
            return Err(format!(
                "there are more files than the {seen} that were listed; narrow the pattern"
            ));
        }
        match self.unread.first() {
            None => Ok(()),
            Some((folder, why)) if folder.is_empty() => Err(format!("it could not be read: {why}")),
            Some((folder, why)) => Err(format!("the folder {folder} could not be read: {why}")),
        }
    }
}

/// Everything below a folder, as far as it was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// Sorted by path.
    pub entries: Vec<Entry>,
    /// Whether there was more than may be listed.
    pub cut: bool,
    /// Folders that could not be read, and why.
    pub unread: Vec<(String, String)>,
}
