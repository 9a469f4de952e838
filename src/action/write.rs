//! `write`.

use super::Act;
use crate::fact::deed::Deed;
use crate::record;
use crate::text::path::Absolute;
use crate::text::source::Spanned;

record! {
    /// A file and what is written into it.
    pub struct Write {
        /// Where: an absolute path.
        at: Spanned<Absolute>,
        /// The whole text of the file.
        content: String,
    }
}

impl Act for Write {
    fn deed(&self) -> Deed {
        Deed::Write {
            path: self.at.value.0.clone(),
            content: self.content.clone(),
        }
    }
}
