//! The containers of a case, as one of them sees them all.

use serde::{Deserialize, Serialize};

use super::container::StateFacts;
use super::moment::Moment;

/// All containers of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Together {
    /// The number of the one that was asked about.
    pub own: usize,
    /// Everyone, in the order of the suite.
    pub all: Vec<Companion>,
    /// Whether our clock is the engine's.
    pub same_clock: bool,
    /// Whether that clock was set while they lived.
    #[serde(default)]
    pub clock_set: bool,
}

/// A container of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Companion {
    /// Its service.
    pub service: String,
    /// How it is called: by its service, with its number where there are several.
    pub label: String,
    /// How the engine says that it is.
    pub state: StateFacts,
    /// Whether its restart policy has started it since we did.
    #[serde(default)]
    pub restarted: bool,
    /// Whether a health check is declared.
    pub checked: bool,
    /// When we last asked the engine to start it, in nanoseconds since 1970 by our clock.
    pub asked: Option<i64>,
    /// When we saw it ready since then.
    pub ready: Option<i64>,
    /// When we saw its health check pass since then.
    pub healthy: Option<i64>,
}

impl Together {
    /// The one that was asked about.
    pub fn own(&self) -> Option<&Companion> {
        self.all.get(self.own)
    }

    /// Those that a name stands for: a service's, or one of its replicas.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Companion> {
        let is_it = move |one: &&Companion| one.service == name || one.label == name;
        self.all.iter().filter(is_it)
    }
}

impl Companion {
    /// When the engine saw its check pass first, of the runs that it remembers.
    pub fn passed(&self) -> Option<&Moment> {
        let runs = self.state.health.iter().flat_map(|health| &health.log);
        let mut passed = runs.filter(|run| run.exit_code == 0);
        passed.find_map(|run| run.end.as_ref())
    }
}
