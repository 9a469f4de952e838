//! No init process stands before the program.

use super::{Edit, Look};

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let edit = look
        .edit(&["init"], "off")
        .lays(look.laid(&["init"], None))
        .says("no init process stands before the program")
        .noticed_by("- processes: { zombies: 0 } # after a step that leaves an orphan behind");
    look.is_on("init").then_some(edit).into_iter().collect()
}
