//! `recreate`.

use super::Act;
use crate::fact::deed::Deed;
use crate::record;

record! {
    /// Takes no settings.
    pub struct Recreate {}
}

impl Act for Recreate {
    fn deed(&self) -> Deed {
        Deed::Recreate
    }
}
