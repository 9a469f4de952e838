//! A published port is closed.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{Edit, Look};
use crate::session::compose::ports::declared;

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let targets: BTreeSet<String> = look.list("ports").iter().filter_map(target).collect();
    targets
        .into_iter()
        .map(|port| {
            let number = port.split('/').next().unwrap_or_default();
            look.edit(&["ports"], format!("{port} closed"))
                .part(number)
                .lays(look.without("ports", |own| target(own).as_ref() == Some(&port)))
                .says(format!("the port {port} is not published"))
                .noticed_by(format!("- ports: {{ published: [{port}] }}"))
        })
        .collect()
}

/// What a port leads to, such as `80/tcp`.
fn target(port: &Json) -> Option<String> {
    declared(&json!([port])).ok()?.into_keys().next()
}
