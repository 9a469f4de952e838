//! It is not started again.

use super::Edit;
use crate::suite::run::Run;
use crate::suite::settings::RestartPolicy;

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let policy = run.restart.filter(|r| r.policy != RestartPolicy::No);
    let edit = policy.map(|restart| {
        Edit::of("restart", "off", |run, _| run.restart = None)
            .says(format!("it is not started again: `{}` is gone", restart.policy.word()))
            .noticed_by("- restarts: 1 # after the step `crash`")
    });
    edit.into_iter().collect()
}
