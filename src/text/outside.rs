//! What reading a suite needs of the world.

use std::path::{Path, PathBuf};

/// What reading a suite needs of the world.
pub trait Outside {
    /// The text of a file, or why it cannot be read.
    fn read(&self, path: &Path) -> Result<String, String>;
    /// Whether a file or folder is there; `Some(true)` for a folder.
    fn is_folder(&self, path: &Path) -> Option<bool>;
    /// Where a path leads once every link is followed; `None` where nothing is there, or links are not known.
    fn real(&self, _: &Path) -> Option<PathBuf> {
        None
    }
    /// A variable of the environment.
    fn env(&self, name: &str) -> Option<String>;
    /// A variable of the environment that holds a secret. Where nothing is run, any text will do.
    fn secret(&self, name: &str) -> Option<String> {
        self.env(name)
    }
    /// What stands for the secret of that name, where none of them is known.
    fn stands_for(&self, _: &str) -> Option<String> {
        None
    }
    /// Whether the files that a suite names are here, so that it can be said which are missing.
    fn has_files(&self) -> bool {
        true
    }
    /// So many random letters and digits.
    fn random(&self, count: u32) -> String;
}
