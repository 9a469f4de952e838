//! `crash`.

use super::Act;
use crate::fact::deed::Deed;
use crate::record;

record! {
    /// The main process dies as by a fault.
    pub struct Crash {}
}

impl Act for Crash {
    fn deed(&self) -> Deed {
        Deed::Crash
    }
}
