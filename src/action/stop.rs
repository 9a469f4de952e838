//! `stop`.

use super::Act;
use crate::fact::deed::Deed;
use crate::record;
use crate::text::units::Time;

record! {
    /// How the container is stopped.
    pub struct Stop {
        /// How long it has before it is killed; the container's own grace period without it.
        grace: Option<Time>,
    }
}

impl Act for Stop {
    fn deed(&self) -> Deed {
        let millis = |time: Time| u64::try_from(time.0.as_millis()).unwrap_or(u64::MAX);
        Deed::Stop {
            grace_millis: self.grace.map(millis),
        }
    }
}
