//! What can be done to a container.

use serde::{Deserialize, Serialize};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Send a signal to one of its processes.
    Signal {
        /// The signal's number.
        number: i32,
        /// Part of the command line of the process; the first process without it.
        process: Option<String>,
    },
    /// Have its main process die as by a fault.
    Crash,
    /// Freeze its processes.
    Pause,
    /// Let them go on.
    Unpause,
    /// Make requests while other steps are done, which is no single container's affair.
    Load,
    /// Write a file.
    Write {
        /// Absolute.
        path: String,
        /// The whole of it.
        content: String,
    },
    /// Remove it and make it anew from the image that the step names; named volumes stay.
    Replace,
    /// Have a process in it take memory.
    Exhaust {
        /// So many bytes; until the kernel ends it without.
        bytes: Option<u64>,
    },
    /// Fill one of its file systems.
    Fill {
        /// A folder on it, absolute.
        path: String,
        /// How many bytes are left free.
        leave: u64,
    },
    /// Put it on a network.
    Connect {
        /// As the suite calls it.
        network: String,
    },
    /// Take it off a network.
    Disconnect {
        /// As the suite calls it.
        network: String,
    },
}

impl Deed {
    /// Whether the container has to get ready again afterwards.
    pub fn awaits_ready(&self) -> bool {
        matches!(
            self,
            Self::Start | Self::Restart { .. } | Self::Recreate | Self::Replace
        )
    }
}
