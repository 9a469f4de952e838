//! `signal`.

use super::Act;
use crate::fact::deed::Deed;
use crate::record;
use crate::text::signal::Signal as Which;
use crate::text::source::Spanned;

record! {
    /// Which signal goes to whom.
    pub struct Signal (short signal) {
        /// Its name or number: `TERM`, `SIGHUP`, `10`.
        signal: Spanned<Which>,
        /// A part of the command line of the process that gets it: the first such process that is
        /// not the container's first. Without it the container's first process gets it.
        process: Option<String>,
    }
}

impl Act for Signal {
    fn deed(&self) -> Deed {
        Deed::Signal {
            number: self.signal.value.0,
            process: self.process.clone(),
        }
    }
}
