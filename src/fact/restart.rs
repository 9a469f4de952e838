//! How often a restart policy has started a container again.

use serde::{Deserialize, Serialize};

/// Restarts since we last started it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restarts {
    /// How many.
    pub count: u64,
    /// Whether it has come to rest: it stayed up for a while, or has ended for good.
    pub settled: bool,
    /// The policy: `no`, `always`, `unless-stopped` or `on-failure`.
    pub policy: String,
    /// How it is: `running`, `exited`, …
    pub status: String,
}
