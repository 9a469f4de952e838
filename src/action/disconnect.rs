//! `disconnect`.

use super::Act;
use crate::fact::deed::Deed;
use crate::record;
use crate::text::source::Spanned;

record! {
    /// The container is taken off a network.
    pub struct Disconnect (short network) {
        /// The network, as the suite calls it; `default` is that of everything which names none.
        network: Spanned<String>,
    }
}

impl Act for Disconnect {
    fn deed(&self) -> Deed {
        Deed::Disconnect {
            network: self.network.value.clone(),
        }
    }
    fn network(&self) -> Option<&Spanned<String>> {
        Some(&self.network)
    }
}
