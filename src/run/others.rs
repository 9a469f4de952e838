//! Images that those under test are compared with, brought in the same run.

use std::collections::BTreeMap;

use super::Shared;
use crate::fact::layers::Other;
use crate::plan::Unit;
use crate::session::image::{self, NoImage};

/// What each is compared with, by what tells it apart.
pub type Others = BTreeMap<String, Result<Other, String>>;

/// The images that those of the unit's services are compared with. One that does not build is a fact, as
/// it is of the image that is judged.
pub async fn of(shared: &Shared, unit: &Unit) -> BTreeMap<String, Others> {
    let mut others: BTreeMap<String, Others> = BTreeMap::new();
    for (service, key, number) in &unit.others {
        let name = shared.plan.images.get(*number).map(image::label);
        let name = name.unwrap_or_default();
        let other = match shared.image(*number).await {
            Ok(ready) => Ok(Other::There {
                name,
                size: ready.facts.size,
            }),
            Err(NoImage::Failed(failure)) => Ok(Other::Unbuilt {
                name,
                what: failure.what(),
                lines: failure.last_lines.clone(),
            }),
            Err(
                NoImage::Suite(message)
                | NoImage::Refused(message)
                | NoImage::Given(message)
                | NoImage::Named(_, message)
                | NoImage::There { said: message, .. },
            ) => Err(message),
            Err(NoImage::Fault(fault)) => Err(fault.to_string()),
        };
        let own = others.entry(service.clone()).or_default();
        own.insert(key.clone(), other);
    }
    others
}
