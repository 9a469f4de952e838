//! Where a document is not as expected: the nearest place that is there, and the values that differ.

use serde_json::Value as Json;
use serde_json_path::JsonPath;

use super::short;

/// The most keys that are named, and the most values that differ.
const NAMED: usize = 12;

/// What stands at the longest beginning of a path that selects one thing.
pub(super) fn nearest(path: &str, document: &Json) -> String {
    let ends = path.char_indices().rev();
    let ends = ends.filter(|(_, c)| matches!(c, '.' | '[')).take(64);
    for (end, _) in ends {
        let Some(start) = path.get(..end).map(|p| p.trim_end_matches('.')) else {
            continue;
        };
        let Ok(parsed) = JsonPath::parse(start) else {
            continue;
        };
        if let [one] = parsed.query(document).all().as_slice() {
            return format!("; {start} {}", holds(one));
        }
    }
    format!("; the document {}", holds(document))
}

fn holds(value: &Json) -> String {
    match value {
        Json::Object(object) if !object.is_empty() => {
            let keys: Vec<String> = object
                .keys()
                .take(NAMED)
                .map(|k| format!("`{k}`"))
                .collect();
            let more = object.len().saturating_sub(NAMED);
            let more = match more {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("has {}{more}", keys.join(", "))
        }
        Json::Array(items) if !items.is_empty() => format!("is a list of {}", items.len()),
        other => format!("is {}", short(other)),
    }
}

/// The values inside an object or a list that differ, each with its path.
pub(super) fn within(
    path: &str,
    wanted: &Json,
    found: &Json,
    same: &impl Fn(&Json, &Json) -> bool,
) -> Option<String> {
    if !matches!(
        (wanted, found),
        (Json::Object(_), Json::Object(_)) | (Json::Array(_), Json::Array(_))
    ) {
        return None;
    }
    let mut said = Vec::new();
    walk(path, wanted, found, same, &mut said);
    let more = said.len().saturating_sub(NAMED);
    said.truncate(NAMED);
    let mut diff: String = said.concat();
    if more > 0 {
        diff.push_str("… and more that differs\n");
    }
    Some(diff)
}

fn walk(
    path: &str,
    wanted: &Json,
    found: &Json,
    same: &impl Fn(&Json, &Json) -> bool,
    said: &mut Vec<String>,
) {
    // One more than is shown tells that there is more.
    if said.len() > NAMED {
        return;
    }
    let mut differ =
        |path: String, wanted: Option<&Json>, found: Option<&Json>| match (wanted, found) {
            (Some(a), Some(b)) if same(a, b) => {}
            (Some(a), Some(b)) => walk(&path, a, b, same, said),
            (a, b) => said.push(pair(&path, a, b)),
        };
    match (wanted, found) {
        (Json::Object(a), Json::Object(b)) => {
            for (key, wanted) in a {
                differ(format!("{path}.{key}"), Some(wanted), b.get(key));
            }
            for (key, found) in b.iter().filter(|(key, _)| !a.contains_key(*key)) {
                differ(format!("{path}.{key}"), None, Some(found));
            }
        }
        (Json::Array(a), Json::Array(b)) => {
            for at in 0..a.len().max(b.len()) {
                differ(format!("{path}[{at}]"), a.get(at), b.get(at));
            }
        }
        (a, b) => said.push(pair(path, Some(a), Some(b))),
    }
}

fn pair(path: &str, wanted: Option<&Json>, found: Option<&Json>) -> String {
    let word = |value: Option<&Json>| value.map_or_else(|| "not there".to_owned(), short);
    format!("-{path} is {}\n+{path} is {}\n", word(wanted), word(found))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_nearest_place_that_is_there_is_told() {
        let document = json!({ "a": { "b": [1, 2], "c": "x" }, "e": {} });
        for (path, said) in [
            ("$.a.d.f", "; $.a has `b`, `c`"),
            ("$.a.b[7]", "; $.a.b is a list of 2"),
            ("$.a['c'].x", "; $.a['c'] is \"x\""),
            ("$.e.x", "; $.e is {}"),
            ("$.x.y", "; $ has `a`, `e`"),
            ("$..nothing", "; $ has `a`, `e`"),
        ] {
            assert_eq!(nearest(path, &document), said, "{path}");
        }
    }

    #[test]
    fn what_differs_within_is_bounded() {
        let (wanted, found) = (json!(vec![0; 1000]), json!(vec![1; 1000]));
        let diff = within("$", &wanted, &found, &|a, b| a == b).unwrap();
        assert_eq!(diff.lines().count(), 2 * NAMED + 1);
        assert!(diff.ends_with("… and more that differs\n"));
        assert_eq!(within("$", &json!(1), &json!(2), &|a, b| a == b), None);
    }
}
