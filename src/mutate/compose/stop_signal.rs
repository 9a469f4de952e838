//! It is asked to end by a signal that programs do not heed.

use serde_json::json;

use super::{Edit, Look};
use crate::mutate::run::UNHEEDED;

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let signal = look.text(&["stop_signal"]).filter(|signal| signal != UNHEEDED);
    let edit = signal.map(|signal| {
        look.edit(&["stop_signal"], "swallowed")
            .lays(look.laid(&["stop_signal"], Some(json!(UNHEEDED))))
            .says(format!("it is asked to end by {UNHEEDED}, which it does not heed, not by {signal}"))
            .noticed_by("- exited: { code: 0, took: { below: 5s } } # after the step `stop`")
    });
    edit.into_iter().collect()
}
