//! What an image is built from, and files beside a suite: as they lie on this machine.

use serde::{Deserialize, Serialize};

use super::blob::Blob;
use super::build::{BuildFacts, BuildFailure, BuilderKind};
use super::path::Kind;
use super::search::Search;

/// A look at a file of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// What stands at this path?
    Stat {
        /// Relative to the suite's folder.
        path: String,
        /// Whether a link is followed.
        follow: bool,
    },
    /// What does this file hold?
    Read {
        /// Relative to the suite's folder.
        path: String,
        /// At most so many bytes.
        most: u64,
    },
    /// What is the SHA-256 of what this file holds?
    Digest {
        /// Relative to the suite's folder.
        path: String,
        /// A file of more bytes is not read.
        most: u64,
    },
    /// What stands below this folder?
    Walk {
        /// Relative to the suite's folder.
        root: String,
        /// Levels; all without it.
        depth: Option<u32>,
    },
    /// What matches this pattern in folders that it names and that are links?
    Linked {
        /// Relative to the suite's folder.
        pattern: String,
    },
    /// What do this file, or all below this folder, hold of this?
    Search {
        /// Relative to the suite's folder.
        path: String,
        /// What is searched for.
        search: Search,
    },
}

impl Look {
    /// The path or pattern that it is about.
    pub fn path(&self) -> &str {
        match self {
            Self::Stat { path, .. }
            | Self::Read { path, .. }
            | Self::Digest { path, .. }
            | Self::Walk { root: path, .. }
            | Self::Linked { pattern: path }
            | Self::Search { path, .. } => path,
        }
    }
}

/// A way to build the image. Nothing that is built for the run itself is taken for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    /// With what the builder has in its cache.
    Plain,
    /// The same, by a builder that has checks of its own.
    Checked,
    /// With nothing from the cache.
    Anew,
    /// With the cache, and again after this file of the context has changed.
    Changed(String),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// How it ended.
    pub built: Result<BuildFacts, Box<BuildFailure>>,
    /// What the builder is sent under the path that is to change, where one is and it was built.
    pub sent: Option<Sort>,
    /// How the build after the change ended, where there was a file to change.
    pub again: Option<Result<BuildFacts, Box<BuildFailure>>>,
}

/// What stands under a path of a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// A file that is sent.
    File,
    /// A folder that is sent.
    Folder,
    /// A link that is sent.
    Link,
    /// It is there, and not sent.
    Ignored,
    /// Nothing.
    Nothing,
}

/// The Dockerfile that the image is built from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dockerfile {
    /// Its path as one would write it from where the suite was named.
    pub name: String,
    /// Its bytes, whole.
    pub text: Blob,
    /// The build arguments that the suite gives.
    pub args: Vec<(String, String)>,
    /// The stage that is built; the last where the suite names none.
    pub target: Option<String>,
}

/// The build context as the builder is sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Its folder, as one would write it from where the suite was named.
    pub folder: String,
    /// Which builder it would be sent to: they do not apply the same ignore files.
    pub builder: BuilderKind,
    /// What is sent, each after its folder, in the order of their names.
    pub sent: Vec<Sent>,
    /// The ignore file that was applied.
    pub ignore: Option<IgnoreFile>,
    /// What could not be sent, and why.
    pub notes: Vec<String>,
}

/// One thing that is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Its path within the context, with `/`.
    pub path: String,
    /// A file, a folder or a link.
    pub kind: Kind,
    /// Its bytes; zero for what is no file.
    pub size: u64,
}

/// The ignore file of a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IgnoreFile {
    /// Its path within the context, or whole where it lies outside.
    pub name: String,
    /// Its bytes.
    pub text: Blob,
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Context {
    /// How much is sent.
    pub fn amount(&self) -> Amount {
        let files = self.sent.iter().filter(|sent| sent.kind == Kind::File);
        files.fold(Amount::default(), |sum, file| Amount {
            files: sum.files + 1,
            bytes: sum.bytes.saturating_add(file.size),
        })
    }
}
