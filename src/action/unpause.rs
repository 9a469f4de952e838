//! `unpause`.

use super::Act;
use crate::fact::deed::Deed;
use crate::record;

record! {
    /// The container's processes go on.
    pub struct Unpause {}
}

impl Act for Unpause {
    fn deed(&self) -> Deed {
        Deed::Unpause
    }
}
