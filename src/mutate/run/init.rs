//! No init process stands before the program.

use super::Edit;
use crate::suite::run::Run;
use crate::text::read::Flag;

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let off = |run: &mut Run, _: &str| run.init = Flag(false);
    let edit = Edit::of("init", "off", off)
        .says("no init process stands before the program")
        .noticed_by("- processes: { zombies: 0 } # after a step that leaves an orphan behind");
    run.init.0.then_some(edit).into_iter().collect()
}
