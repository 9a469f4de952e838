//! A volume or a bind mount is gone.

use serde_json::Value as Json;

use super::{Edit, Look};
use crate::mutate::quoted;

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let targets = look.list("volumes");
    let targets = targets.iter().filter_map(|mount| target(mount).map(str::to_owned));
    targets
        .map(|at| {
            look.edit(&["volumes"], format!("{at} gone"))
                .part(&at)
                .lays(look.without("volumes", |own| target(own) == Some(&at)))
                .says(format!("nothing is mounted at `{at}`"))
                .noticed_by(format!("- mounts: [{{ at: {} }}]", quoted(&at)))
        })
        .collect()
}

/// Where it is in the container.
fn target(mount: &Json) -> Option<&str> {
    let Json::String(text) = mount else {
        return mount["target"].as_str();
    };
    let mut parts = text.split(':');
    let first = parts.next();
    // A path alone is a volume without a name.
    parts.next().or(first)
}
