//! The root file system can be written to.

use super::Edit;
use crate::suite::run::Run;
use crate::text::read::Flag;

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let lift = |run: &mut Run, _: &str| run.read_only = Flag(false);
    let edit = Edit::of("read_only", "lifted", lift)
        .says("its root file system can be written to")
        .noticed_by("- filesystem: read_only");
    run.read_only.0.then_some(edit).into_iter().collect()
}
