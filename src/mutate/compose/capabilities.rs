//! Capabilities are not dropped, one that was given is missing, one more is given.

use serde_json::{Value as Json, json};

use super::{Edit, Look, text};
use crate::fact::security::right;
use crate::suite::grant::Power;

/// One that engines give every container, so that it is no power over this machine, and nothing that a program would
/// notice by itself.
const MORE: &str = "NET_RAW";

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let (dropped, given) = (names(look, "cap_drop"), names(look, "cap_add"));
    let mut edits = Vec::new();
    let claim = claim(&dropped, &given);
    if !dropped.is_empty() {
        let edit = look
            .edit(&["cap_drop"], "lifted")
            .lays(look.laid(&["cap_drop"], None))
            .says("no capability is dropped")
            .noticed_by(claim.clone());
        edits.push(edit);
    }
    let has = given.iter().any(|name| name == MORE || name == "ALL");
    let is_dropped = dropped.iter().any(|name| name == MORE || name == "ALL");
    if !has && is_dropped && dropped != [MORE] {
        let mut more = look.list("cap_add");
        more.push(json!(MORE));
        let edit = look
            .edit(&["cap_drop"], format!("{MORE} given"))
            .lays(look.laid(&["cap_add"], Some(Json::Array(more))))
            .says(format!("it has the capability {MORE}"))
            .noticed_by(claim.clone());
        edits.push(edit);
    }
    for item in look.list("cap_add") {
        let Some(written) = text(&item) else {
            continue;
        };
        let name = right(&written);
        // It would have it all the same.
        if dropped.is_empty() && Power::capability(&name).is_none() {
            continue;
        }
        let edit = look
            .edit(&["cap_add"], format!("{name} taken"))
            .part(&written)
            .lays(look.without("cap_add", |own| *own == item))
            .says(format!("it does not have the capability {name}"))
            .noticed_by(claim.clone());
        edits.push(edit);
    }
    edits
}

fn names(look: Look<'_>, key: &str) -> Vec<String> {
    look.list(key).iter().filter_map(text).map(|name| right(&name)).collect()
}

fn claim(dropped: &[String], given: &[String]) -> String {
    match (dropped.iter().any(|name| name == "ALL"), given.is_empty()) {
        (true, true) => "- capabilities: { bounding: none }".to_owned(),
        (true, false) => format!("- capabilities: {{ bounding: [{}] }}", given.join(", ")),
        (false, _) => "- capabilities: { bounding: [CHOWN] } # with all that it is to have".to_owned(),
    }
}
