//! `fill`.

use super::Act;
use crate::fact::deed::Deed;
use crate::record;
use crate::text::path::Absolute;
use crate::text::source::Spanned;
use crate::text::units::Bytes;

record! {
    /// A file system of the container that is filled up.
    pub struct Fill (short at) {
        /// A folder on it: an absolute path.
        at: Spanned<Absolute>,
        /// How many bytes are left free; none without it.
        leave: Option<Bytes>,
    }
}

impl Act for Fill {
    fn deed(&self) -> Deed {
        Deed::Fill {
            path: self.at.value.0.clone(),
            leave: self.leave.map_or(0, |size| size.0),
        }
    }
}
