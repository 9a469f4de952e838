//! What files hold, as far as it was searched for.

use serde::{Deserialize, Serialize};

use super::blob::Blob;

/// What files are searched for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Search {
    /// Words of two bytes or more.
    pub words: Vec<String>,
    /// Ends of names, or with a final `*` parts of them, of files that are not searched.
    pub pass: Vec<String>,
    /// Folders that are not searched.
    pub skip: Vec<String>,
    /// Parts of paths below which packages lie. What Python has compiled there is not searched where its
    /// source lies beside it.
    pub packages: Vec<String>,
    /// Names of folders of packages that are not searched.
    pub leave: Vec<String>,
    /// Ends of paths, or with a final `*` starts of names, of files that are wanted whole; an
    /// empty one means all.
    pub names: Vec<String>,
}

/// What a search has found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Searched {
    /// Places of words, by path and line.
    pub finds: Vec<Find>,
    /// Files of the names that were asked for, by path.
    pub files: Vec<Held>,
    /// How many files were searched.
    pub count: u64,
    /// How many were not, for their names.
    pub passed: u64,
    /// How many bytes of them.
    pub bytes: u64,
    /// Files that were not searched to their end.
    pub partly: Vec<String>,
    /// Whether there was more than is searched.
    pub cut: bool,
    /// Folders and files that could not be read, and why.
    pub unread: Vec<(String, String)>,
}

/// A place where a word stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Find {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: u64,
    /// The word.
    pub word: String,
    /// What stands before it, up to 120 bytes.
    pub before: String,
    /// What stands behind it, up to 240 bytes.
    pub after: String,
}

/// A file with a name that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The file.
    pub path: String,
    /// What it holds.
    pub content: Blob,
}
