//! A case's `run` over the suite's.

use std::collections::HashSet;

use super::pairs::{self, Form};
use crate::text::read::Reader;
use crate::text::tree::{Entry, Node, Value};

/// Settings that are maps of names: these merge name by name, everything else is replaced whole.
const MERGED: [&str; 6] = [
    "environment",
    "labels",
    "sysctls",
    "ulimits",
    "extra_hosts",
    NETWORKS,
];

/// These may be a list of names too.
const NETWORKS: &str = "networks";

/// `over` laid over `base`; `null` takes away.
pub fn merge(base: Option<&Node>, over: Option<&Node>, reader: &mut Reader) -> Option<Node> {
    let (base, over) = match (base, over) {
        (None, None) => return None,
        (Some(one), None) | (None, Some(one)) => (None, one),
        (Some(base), Some(over)) => (Some(base), over),
    };
    let Some(over_entries) = over.entries() else {
        return Some(over.clone());
    };
    let mut merged: Vec<Entry> = base.and_then(Node::entries).unwrap_or(&[]).to_vec();
    for entry in over_entries {
        let name = entry.key.value.as_str();
        let at = merged.iter().position(|e| e.key.value == name);
        match at {
            _ if entry.value.is_null() => {
                at.map(|at| merged.remove(at));
            }
            // A list of names says who they are, and has nothing to say of each that could be merged.
            Some(at) if name == NETWORKS && entry.value.items().is_some() => {
                merged[at] = entry.clone();
            }
            Some(at) if MERGED.contains(&name) => {
                let form = form(name);
                let value = by_name(&merged[at].value, &entry.value, form, reader)?;
                merged[at] = Entry {
                    key: entry.key.clone(),
                    value,
                };
            }
            Some(at) => merged[at] = entry.clone(),
            None => merged.push(entry.clone()),
        }
    }
    Some(Node {
        span: over.span,
        value: Value::Map(merged),
    })
}

fn form(setting: &str) -> Form {
    match setting {
        "extra_hosts" => Form::Host,
        NETWORKS => Form::Name,
        _ => Form::Equals,
    }
}

fn by_name(base: &Node, over: &Node, form: Form, reader: &mut Reader) -> Option<Node> {
    let mut merged = pairs::entries(base, form, reader)?;
    let over_entries = pairs::entries(over, form, reader)?;
    let names: HashSet<&str> = over_entries.iter().map(|e| e.key.value.as_str()).collect();
    merged.retain(|e| !names.contains(e.key.value.as_str()));
    merged.extend(over_entries);
    Some(Node {
        span: over.span,
        value: Value::Map(merged),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    #[test]
    fn maps_of_names_merge_and_everything_else_is_replaced() {
        let node = |text| yaml::parse(FileId(0), text).0.unwrap();
        let base = node("{ environment: [A=1, B=2], tmpfs: [/tmp], user: app, ready: healthy }");
        let over = node("{ environment: { B: null, C: 3 }, tmpfs: [/run], ready: null }");
        let merged = merge(Some(&base), Some(&over), &mut Reader::default()).unwrap();
        let expected = serde_json::json!({
            "environment": { "A": "1", "B": null, "C": 3 }, "tmpfs": ["/run"], "user": "app",
        });
        assert_eq!(merged.json(), expected);
        let base = node("{ networks: [a, b], extra_hosts: ['x:1.1.1.1'] }");
        let over = node("{ networks: { c: { aliases: [d] } }, extra_hosts: { y: 2.2.2.2 } }");
        let merged = merge(Some(&base), Some(&over), &mut Reader::default()).unwrap();
        let expected = serde_json::json!({
            "networks": { "a": null, "b": null, "c": { "aliases": ["d"] } },
            "extra_hosts": { "x": "1.1.1.1", "y": "2.2.2.2" },
        });
        assert_eq!(merged.json(), expected);
    }

    #[test]
    fn a_list_of_networks_is_whole_and_a_map_of_them_is_not() {
        let node = |text: &str| yaml::parse(FileId(0), text).0.unwrap();
        let merged = |base: &str, over: &str| {
            merge(Some(&node(base)), Some(&node(over)), &mut Reader::default())
                .unwrap()
                .json()
        };
        let base = "{ networks: { a: { aliases: [x] }, b: {} } }";
        assert_eq!(
            merged(base, "{ networks: [b] }"),
            serde_json::json!({ "networks": ["b"] })
        );
        assert_eq!(
            merged(base, "{ networks: { b: { aliases: [y] } } }"),
            serde_json::json!({ "networks": { "a": { "aliases": ["x"] }, "b": { "aliases": ["y"] } } })
        );
        assert_eq!(
            merged("{ networks: [a, b] }", "{ networks: [b] }"),
            serde_json::json!({ "networks": ["b"] })
        );
        assert_eq!(merged(base, "{ networks: null }"), serde_json::json!({}));
    }
}
