//! `start`.

use super::Act;
use crate::fact::deed::Deed;
use crate::record;

record! {
    /// Takes no settings.
    pub struct Start {}
}

impl Act for Start {
    fn deed(&self) -> Deed {
        Deed::Start
    }
}
