//! `pause`.

use super::Act;
use crate::fact::deed::Deed;
use crate::record;

record! {
    /// The container's processes are frozen.
    pub struct Pause {}
}

impl Act for Pause {
    fn deed(&self) -> Deed {
        Deed::Pause
    }
}
