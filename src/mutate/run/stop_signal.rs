//! It is asked to end by a signal that programs do not heed.

use super::Edit;
use crate::suite::place::StopSignal;
use crate::suite::run::Run;

/// What is done about it where nobody handles it: nothing.
pub const UNHEEDED: &str = "SIGURG";

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let swallow = |run: &mut Run, _: &str| run.stop_signal = Some(StopSignal(UNHEEDED.to_owned()));
    let signal = run.stop_signal.as_ref().filter(|signal| signal.0 != UNHEEDED);
    let edit = signal.map(|signal| {
        Edit::of("stop_signal", "swallowed", swallow)
            .says(format!("it is asked to end by {UNHEEDED}, which it does not heed, not by {signal}"))
            .noticed_by("- exited: { code: 0, took: { below: 5s } } # after the step `stop`")
    });
    edit.into_iter().collect()
}
