//! The root file system can be written to.

use super::{Edit, Look};

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let edit = look
        .edit(&["read_only"], "lifted")
        .lays(look.laid(&["read_only"], None))
        .says("its root file system can be written to")
        .noticed_by("- filesystem: read_only");
    look.is_on("read_only").then_some(edit).into_iter().collect()
}
