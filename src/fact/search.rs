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

impl Searched {
    /// Whether it tells of no file.
    pub fn is_empty(&self) -> bool {
        let Self {
            finds,
            files,
            partly,
            unread,
            ..
        } = self;
        finds.is_empty() && files.is_empty() && partly.is_empty() && unread.is_empty()
    }
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

/// What the layers of an image hold, each by itself: also what containers do not see, since later layers took it
/// away or put something else in its place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beneath {
    /// How many layers the image has.
    pub layers: u64,
    /// How many files of them were searched.
    pub files: u64,
    /// Whether those are only the files that containers do not see.
    pub hidden: bool,
    /// The layers in which something was found, the lowest first.
    pub found: Vec<Under>,
    /// Whether there was more than is searched.
    pub cut: bool,
}

/// A layer in which something was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Under {
    /// Its number, from 1.
    pub number: u64,
    /// The step that made it, as the builder wrote it.
    pub made_by: String,
    /// What was found in it.
    pub searched: Searched,
}
