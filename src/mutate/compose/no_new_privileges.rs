//! Programs may gain privileges.

use serde_json::Value as Json;

use super::{Edit, Look};
use crate::mutate::run::forbids_new_privileges;

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let is_it = |option: &Json| option.as_str().is_some_and(forbids_new_privileges);
    let edit = look
        .edit(&["security_opt"], "no-new-privileges lifted")
        .part("no-new-privileges")
        .lays(look.without("security_opt", is_it))
        .says("its programs may gain privileges")
        .noticed_by("- no_new_privileges: true");
    let is_set = look.list("security_opt").iter().any(is_it);
    is_set.then_some(edit).into_iter().collect()
}
