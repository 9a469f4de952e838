//! Health is not checked, or is good whatever happens.

use serde_json::json;

use super::{Edit, Look};
use crate::mutate::run::good_check;

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let Some(check) = look.body.get("healthcheck") else {
        return Vec::new();
    };
    let is_off = check["disable"] == true || check["test"].get(0).is_some_and(|word| word == "NONE");
    if is_off || check["test"].is_null() {
        return Vec::new();
    }
    let mut off = look
        .edit(&["healthcheck"], "off")
        .part("test")
        .lays(look.laid(&["healthcheck"], Some(json!({ "disable": true }))))
        .says("its health is not checked")
        .noticed_by("- health: healthy");
    off.is_unwaited = true;
    let good = look
        .edit(&["healthcheck"], "always true")
        .part("test")
        .lays(look.laid(&["healthcheck", "test"], Some(json!(good_check()))))
        .says("its health is good whatever happens")
        .noticed_by("- health: unhealthy # once a step has stopped what the check looks at");
    vec![off, good]
}
