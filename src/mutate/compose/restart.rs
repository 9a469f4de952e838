//! It is not started again.

use serde_json::json;

use super::{Edit, Look};

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let policy = look.text(&["restart"]).filter(|policy| policy != "no");
    let edit = policy.map(|policy| {
        look.edit(&["restart"], "off")
            .lays(look.laid(&["restart"], Some(json!("no"))))
            .says(format!("it is not started again: `{policy}` is gone"))
            .noticed_by("- restarts: 1 # after the step `crash`")
    });
    edit.into_iter().collect()
}
