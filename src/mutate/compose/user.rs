//! The program runs as root.

use serde_json::json;

use super::{Edit, Look};

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let user = look.text(&["user"]);
    let name = user.as_ref().and_then(|user| user.split(':').next());
    let name = name.filter(|name| !matches!(*name, "" | "root" | "0"));
    let edit = name.map(|name| {
        look.edit(&["user"], "root")
            .lays(look.laid(&["user"], Some(json!("0:0"))))
            .says(format!("it runs as root, not as `{name}`"))
            .noticed_by(format!("- whoami: {name}"))
    });
    edit.into_iter().collect()
}
