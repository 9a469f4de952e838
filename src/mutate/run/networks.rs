//! One more network is joined.

use super::Edit;
use crate::suite::run::{Networks, Run};

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let Some(networks) = &run.networks else {
        return Vec::new();
    };
    let names = networks.value.0.iter().map(|(name, _)| name.value.as_str());
    let names: Vec<&str> = names.collect();
    let alone = Networks::alone(networks.span);
    if alone.0.iter().any(|(name, _)| names.contains(&name.value.as_str())) {
        return Vec::new();
    }
    let join = |run: &mut Run, _: &str| {
        if let Some(networks) = &mut run.networks {
            let alone = Networks::alone(networks.span);
            networks.value.0.extend(alone.0);
        }
    };
    vec![
        Edit::of("networks", "one more", join)
            .part("", Some(networks.span))
            .says("it is on one more network, from which the outside can be reached")
            .noticed_by(format!("- networks: {{ only: [{}] }}", names.join(", "))),
    ]
}
