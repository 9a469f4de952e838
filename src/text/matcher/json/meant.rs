//! What may be meant by a path or a rule that is written wrong.

use serde_json_path::JsonPath;

use super::{NUMBER, TEXT};
use crate::text::matcher::{listed, ours};
use crate::text::near::slipped;
use crate::text::read::Reader;
use crate::text::tree::{Entry, Node};

/// What to write in place of a path that is none.
pub(super) fn path(written: &str) -> String {
    let whole = match written.chars().next() {
        Some('$') => written.to_owned(),
        Some('.' | '[') => format!("${written}"),
        _ => format!("$.{written}"),
    };
    for meant in [bracketed(&whole), whole] {
        if meant != written && JsonPath::parse(&meant).is_ok() {
            let why = match meant.contains("['") && !written.contains('[') {
                true => {
                    ": a name of more than letters, digits and `_` stands in brackets and quotes"
                }
                false => "",
            };
            return format!("write `\"{meant}\"`{why}");
        }
    }
    match written.starts_with('$') {
        true => "paths are those of RFC 9535, such as `$.items[0].name`".to_owned(),
        false => "a path begins with `$`, such as `$.items[0].name`".to_owned(),
    }
}

/// A path whose names that may not stand behind a dot are in brackets.
fn bracketed(path: &str) -> String {
    let mut meant = String::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('.') {
        meant.push_str(before);
        let end = behind.find(['.', '[']).unwrap_or(behind.len());
        let (name, later) = behind.split_at(end);
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
        let digit = name.starts_with(|c: char| c.is_ascii_digit());
        match name {
            "" | "*" => meant.push_str(&format!(".{name}")),
            name if name.chars().all(plain) && !digit => meant.push_str(&format!(".{name}")),
            name if name.contains('\'') => return path.to_owned(),
            name => meant.push_str(&format!("['{name}']")),
        }
        rest = later;
    }
    meant + rest
}

/// Whether a value is one to compare with; says so where it is rather a rule that is written wrong.
pub(super) fn is_value(node: &Node, reader: &mut Reader) -> bool {
    let entries = node.entries().unwrap_or_default();
    let meant: Option<Vec<&str>> = entries.iter().map(rule).collect();
    let Some(meant) = meant.filter(|meant| !meant.is_empty()) else {
        return true;
    };
    let keys: Vec<String> = entries
        .iter()
        .map(|e| format!("{}: …", e.key.value))
        .collect();
    let literal = format!(
        "an object to compare with is written `{{ equals: {{ {} }} }}`",
        keys.join(", ")
    );
    let mut is_known = true;
    for (entry, meant) in entries.iter().zip(meant) {
        let key = entry.key.value.as_str();
        if key != meant {
            is_known = false;
            let said = reader.say(entry.key.span, format!("unknown rule `{key}`"));
            said.help(format!("did you mean `{meant}`?")).help(&literal);
        }
    }
    if is_known {
        let of = |words: &[&str]| -> Vec<String> {
            let keys = entries.iter().map(|entry| entry.key.value.as_str());
            let keys = keys.filter(|key| words.contains(key));
            keys.map(|key| format!("`{key}`")).collect()
        };
        let (numbers, texts) = (of(&NUMBER), of(&TEXT));
        let message = format!(
            "no value is as this says: rules about numbers ({}) and about texts ({}) stand side by side",
            listed(&numbers, "and"),
            listed(&texts, "and")
        );
        reader.say(node.span, message).help(literal);
    }
    false
}

/// The rule that a key is, or is near to.
fn rule(entry: &Entry) -> Option<&'static str> {
    let key = entry.key.value.as_str();
    let all = || NUMBER.into_iter().chain(TEXT);
    let known = all().find(|word| *word == key);
    // Of three letters too many words are near to `not`.
    let near = || slipped(key, all().filter(|word| *word != "not"));
    known.or_else(|| ours(key)).or_else(near)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::text::matcher::json::JsonMatch;
    use crate::text::read::said;

    #[test]
    fn a_rule_that_is_written_wrong_is_no_object_to_compare_with() {
        for (rules, words) in [
            (
                "{ $.n: { equls: 3 } }",
                "unknown rule `equls` | did you mean `equals`? an object",
            ),
            (
                "{ $.n: { min: 3 } }",
                "unknown rule `min` | did you mean `at_least`?",
            ),
            (
                "{ $.n: { min: 3, max: 4 } }",
                "`{ equals: { min: …, max: … } }`",
            ),
            (
                "{ $.n: { at_least: 3, blow: 4 } }",
                "unknown rule `blow` | did you mean `below`?",
            ),
            (
                "{ $.n: { not: { contain: a } } }",
                "unknown rule `contain` | did you mean `contains`?",
            ),
            ("{ $.n: { regex: a } }", "did you mean `matches`?"),
            ("{ $.n: { $gte: 3 } }", "did you mean `at_least`?"),
            (
                "{ $.n: { above: 3, contains: a, matches: b } }",
                "about numbers (`above`) and about texts (`contains` and `matches`)",
            ),
        ] {
            let said = said::<JsonMatch>(rules).unwrap_or_default();
            assert!(said.contains(words), "{rules}: {said}");
        }
    }

    #[test]
    fn other_objects_are_compared_with() {
        for rules in [
            "{ $.n: { x: 3 } }",
            "{ $.n: { min: 3, unit: s } }",
            "{ $.n: { note: a } }",
            "{ $.n: { no: a } }",
            "{ $.n: { status: ok } }",
            "{ $.n: { value: 1, type: a } }",
            "{ $.n: { equals: { min: 3, equls: 4 } } }",
            "{ $.n: {} }",
        ] {
            assert_eq!(said::<JsonMatch>(rules), None, "{rules}");
        }
    }

    #[test]
    fn a_path_that_is_none_is_told_as_it_may_be_meant() {
        for (path, help) in [
            ("$.my-key", "write `\"$['my-key']\"`: a name"),
            ("$.a.my-key[0].x", "`\"$.a['my-key'][0].x\"`"),
            ("$..x-y", "JSONPath"),
            ("$.0", "`\"$['0']\"`"),
            ("status", "write `\"$.status\"`"),
            (".a.b", "`\"$.a.b\"`"),
            ("my-key", "`\"$['my-key']\"`: a name"),
            ("$.a[", "RFC 9535"),
            ("$.it's", "RFC 9535"),
        ] {
            let rules = json!({ path: 1 }).to_string();
            let said = said::<JsonMatch>(&rules).unwrap_or_default();
            assert!(said.contains(help), "{path}: {said}");
        }
    }
}
