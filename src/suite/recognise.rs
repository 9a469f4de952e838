//! Whether a YAML file is meant as a suite, told from its top-level keys without parsing it, so
//! that a file with a syntax error is recognised too.

use super::outside::FRAGMENT_KEYS;
use crate::text::near::nearest;

/// A suite has `seaworthy:` at its top. One whose author mistyped or forgot it is a suite too: it
/// has cases, and keys that no fragment may have.
pub fn is_suite(text: &str) -> bool {
    let keys: Vec<&str> = text.lines().filter_map(top_key).collect();
    let marked = |key: &&str| nearest(key, ["seaworthy"]).is_some();
    let own = |key: &&str| !FRAGMENT_KEYS.contains(key) && !key.starts_with("x-");
    let flow = text.trim_start().starts_with('{') && text.contains("seaworthy");
    flow || keys.iter().any(marked) || (keys.contains(&"cases") && keys.iter().any(own))
}

/// The key that begins a line without indentation.
fn top_key(line: &str) -> Option<&str> {
    let line = line.trim_start_matches('\u{feff}');
    let (key, _) = line.split_once(':')?;
    let key = key.trim_end().trim_matches(['"', '\'']);
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    (!key.is_empty() && key.chars().all(word)).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_told_from_fragments_and_other_yaml() {
        for suite in [
            "# a suite\nseaworthy: 1\n",
            "---\nname: x\n\"seaworthy\" : 1\n",
            "\u{feff}seaworthy: 1\n",
            "seaworhty: 1\ncases: []\n",
            "image: { ref: x }\ncases:\n  - name: y\n",
            "{ \"seaworthy\": 1 }",
            "seaworthy: 1\nx: [\n",
        ] {
            assert!(is_suite(suite), "{suite}");
        }
        for other in [
            "",
            "G1: it builds\nG2: it runs\n",
            "vars: { A: 1 }\ncases:\n  - name: x\n",
            "services:\n  web: { image: x }\n",
            "  seaworthy: 1\n",
        ] {
            assert!(!is_suite(other), "{other}");
        }
    }
}
