//! A case's `run` over the suite's.

use super::pairs;
use crate::text::read::Reader;
use crate::text::tree::{Entry, Node, Value};

/// Settings that are maps of names: these merge name by name, everything else is replaced whole.
const MERGED: [&str; 6] = [
    "environment",
    "labels",
    "sysctls",
    "ulimits",
    "extra_hosts",
    "networks",
];

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
            Some(at) if MERGED.contains(&name) => {
                let value = by_name(&merged[at].value, &entry.value, reader)?;
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

fn by_name(base: &Node, over: &Node, reader: &mut Reader) -> Option<Node> {
    let mut merged = pairs::entries(base, reader)?;
    for entry in pairs::entries(over, reader)? {
        merged.retain(|e| e.key.value != entry.key.value);
        merged.push(entry);
    }
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
    }
}
