//! What the user asks of a run.

use crate::plan::Selection;

/// How many containers run side by side where nobody says: they wait more than they compute.
pub fn jobs() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores * 2).clamp(2, 8)
}

/// Settings of a run.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a wish of its own, most of them flags of the command line"
)]
#[derive(Debug, Clone)]
pub struct Options {
    /// Which cases are run, on which image.
    pub selection: Selection,
    /// Leave the containers of cases that did not pass.
    pub keep: bool,
    /// Begin no further case after the first that did not pass.
    pub fail_fast: bool,
    /// Fail where a requirement of the suites is not verified.
    pub require_all: bool,
    /// Look again and again at what containers use, for a report.
    pub samples: bool,
    /// How many containers at once.
    pub jobs: usize,
    /// The engine, by address or context; found as the Docker CLI finds it without one.
    pub engine: Option<String>,
    /// A container that is there already and takes the place of the one that a case would start.
    pub attached: Option<String>,
}
