//! What an image's layers hold, and another image that it is compared with.

use serde::{Deserialize, Serialize};

/// A layer, with the paths in it that were asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// The step that made it, as the builder wrote it; nothing where that is not known.
    pub made_by: String,
    /// The first of the paths that match, in the order of the layer.
    pub held: Vec<String>,
    /// How many match.
    pub count: u64,
    /// How many paths it holds in all.
    pub paths: u64,
}

/// Another image than the one that is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Other {
    /// It is there.
    There {
        /// What it is called.
        name: String,
        /// Bytes of all its layers.
        size: u64,
    },
    /// Its Dockerfile does not build.
    Unbuilt {
        /// What it is called.
        name: String,
        /// What went wrong.
        what: String,
        /// The builder's last lines.
        lines: Vec<String>,
    },
}
