//! One more network is joined.

use serde_json::{Map, Value as Json, json};

use super::{Edit, Look, laid, text};

/// The network that is joined; the file describes none that is called so.
const MORE: &str = "seaworthy_more";

pub(super) fn edits(look: Look<'_>) -> Vec<Edit> {
    let names: Vec<String> = of(look.body).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let settings = look.body.get("networks").and_then(Json::as_object);
    let join = names.iter().map(|name| {
        let own = settings.and_then(|all| all.get(name)).cloned();
        (name.clone(), own.unwrap_or_default())
    });
    let mut all: Map<String, Json> = join.collect();
    all.insert(MORE.to_owned(), Json::Null);
    let edit = look
        .edit(&["networks"], "one more")
        .lays(laid(&["networks", MORE], Some(json!({}))))
        .lays(look.laid(&["networks"], Some(Json::Object(all))))
        .says("it is on one more network, from which the outside can be reached")
        .noticed_by(format!("- networks: {{ only: [{}] }}", names.join(", ")));
    vec![edit]
}

/// The networks that a service says it is on.
pub(super) fn of(body: &Map<String, Json>) -> impl Iterator<Item = String> {
    let written = match (body.get("network_mode"), body.get("networks")) {
        (None | Some(Json::Null), Some(Json::Object(map))) => map.keys().cloned().collect(),
        (None | Some(Json::Null), Some(Json::Array(list))) => list.iter().filter_map(text).collect(),
        _ => Vec::new(),
    };
    written.into_iter()
}
