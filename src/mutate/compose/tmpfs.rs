//! A folder in memory is gone.

use serde_json::Value as Json;

use super::{Edit, Look};
use crate::mutate::quoted;

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let paths = look.list("tmpfs");
    let paths = paths.iter().filter_map(|folder| path(folder).map(str::to_owned));
    paths
        .map(|at| {
            look.edit(&["tmpfs"], format!("{at} gone"))
                .part(&at)
                .lays(look.without("tmpfs", |own| path(own) == Some(&at)))
                .says(format!("there is no folder in memory at `{at}`"))
                .noticed_by(format!("- mounts: [{{ at: {}, type: tmpfs }}]", quoted(&at)))
        })
        .collect()
}

/// Where it is, without its options.
fn path(folder: &Json) -> Option<&str> {
    folder.as_str()?.split(':').next()
}
