//! Files that give a process that runs them more rights than it has.

use serde::{Deserialize, Serialize};

use super::path::Stat;

/// The mode's bits for set-user-id and set-group-id.
pub const SETUID: u32 = 0o4000;
/// The mode's bit for set-group-id.
pub const SETGID: u32 = 0o2000;
/// The attribute that holds a file's capabilities.
pub const CAPABILITY: &str = "security.capability";

/// The files of a root that give rights.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privileged {
    /// Sorted by path.
    pub files: Vec<PrivilegedFile>,
    /// How many files were looked at.
    pub looked: u64,
    /// Whether there was more than is looked at.
    pub cut: bool,
    /// Folders and files that could not be looked at, and why.
    pub unread: Vec<(String, String)>,
}

/// One such file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivilegedFile {
    /// Absolute.
    pub path: String,
    /// What stands there.
    pub stat: Stat,
    /// Its capabilities, where it has any.
    pub capabilities: Option<FileCapabilities>,
}

/// The capabilities of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCapabilities {
    /// Those that a process has once it runs the file: a bit for each.
    pub permitted: u64,
    /// Those that it may keep from what it had: a bit for each.
    pub inheritable: u64,
    /// Whether they take effect without the program asking for them.
    pub effective: bool,
}

impl FileCapabilities {
    /// Reads the attribute's bytes as the kernel lays them out; `None` where they are no such.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| {
            let bytes = bytes.get(at * 4..at * 4 + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?))
        };
        let head = word(0)?;
        let high = match head >> 24 {
            1 => (0, 0),
            2 | 3 => (word(3)?, word(4)?),
            _ => return None,
        };
        let whole = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
        Some(Self {
            permitted: whole(word(1)?, high.0),
            inheritable: whole(word(2)?, high.1),
            effective: head & 1 == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attribute_is_read_in_each_of_its_versions() {
        let words = |words: &[u32]| -> Vec<u8> {
            words.iter().flat_map(|word| word.to_le_bytes()).collect()
        };
        let parse = |list: &[u32]| FileCapabilities::parse(&words(list));
        let raw = FileCapabilities {
            permitted: 1 << 13,
            inheritable: 0,
            effective: true,
        };
        assert_eq!(parse(&[0x0100_0001, 1 << 13, 0]), Some(raw));
        assert_eq!(parse(&[0x0200_0001, 1 << 13, 0, 0, 0]), Some(raw));
        assert_eq!(parse(&[0x0300_0001, 1 << 13, 0, 0, 0, 1000]), Some(raw));
        let high = parse(&[0x0200_0000, 0, 1, 1 << 7, 0]).unwrap();
        assert_eq!(
            (high.permitted, high.inheritable, high.effective),
            (1 << 39, 1, false)
        );
        assert_eq!(parse(&[0x0200_0001, 1 << 13, 0]), None);
        assert_eq!(parse(&[0x0400_0001, 0, 0, 0, 0]), None);
        assert_eq!(FileCapabilities::parse(b""), None);
    }
}
