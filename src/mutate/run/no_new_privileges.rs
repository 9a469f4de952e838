//! Programs may gain privileges.

use super::Edit;
use crate::suite::run::Run;

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let lift = |run: &mut Run, _: &str| run.security_opt.retain(|option| !is_it(&option.value.0));
    let edit = Edit::of("security_opt", "no-new-privileges lifted", lift)
        .says("its programs may gain privileges")
        .noticed_by("- no_new_privileges: true");
    let is_set = run.security_opt.iter().any(|option| is_it(&option.value.0));
    is_set.then_some(edit).into_iter().collect()
}

/// Whether a security option is the one by which programs gain no privileges.
pub(in crate::mutate) fn is_it(option: &str) -> bool {
    let rest = option.strip_prefix("no-new-privileges");
    rest.is_some_and(|rest| matches!(rest, "" | ":true" | "=true"))
}
