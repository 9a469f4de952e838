//! What of this machine a container may mount, by the time that it is started.

use super::Live;
use crate::engine::sources::real;
use crate::engine::{Fault, FaultKind, Result};
use crate::suite::grant::{Power, Reach};

impl Live {
    /// That what it mounts may still be mounted: whoever may write beside it may have put a link in its place.
    pub(super) fn still_mounts(&self) -> Result<()> {
        let reach = &self.reach;
        for bind in &self.binds {
            still_allowed(reach, reach.bounds.bind(bind, &real))?;
        }
        Ok(())
    }
}

/// Refuses what was not so when the suite was read: what a container may write to can be a link since.
pub(in crate::session) fn still_allowed(
    reach: &Reach,
    asked: impl IntoIterator<Item = Power>,
) -> Result<()> {
    match asked.into_iter().find(|power| !reach.allowed.has(power)) {
        None => Ok(()),
        Some(power) => {
            let doing = "mount what the suite names";
            Err(Fault::new(FaultKind::Local, doing, power.refusal()).help(power.help()))
        }
    }
}
