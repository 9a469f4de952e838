//! What can be done to a container.

use serde::{Deserialize, Serialize};

/// One thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Ask it to end, and end it when the grace period is over.
    Stop {
        /// The grace period; the container's own without it.
        grace_millis: Option<u64>,
    },
    /// Start it again after it ended.
    Start,
    /// Stop it and start it.
    Restart {
        /// The grace period; the container's own without it.
        grace_millis: Option<u64>,
    },
    /// Remove it and make it anew; named volumes stay.
    Recreate,
}
