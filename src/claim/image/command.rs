//! Commands as an image keeps them: words, or text for a shell.

use serde_json::{Value as Json, json};

use crate::text::matcher::texts::TextMatch;
use crate::text::matcher::{Miss, quote};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::{Node, Value};

/// What a command is expected to be.
#[derive(Debug, Clone)]
pub enum Form {
    /// These words, as the exec form has them.
    Words(Vec<String>),
    /// This text for a shell, as the shell form has it.
    Shell(String),
    /// Words joined by spaces, or the text of a shell form, are as these rules say.
    Rules(TextMatch),
}

impl Read for Form {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::List(_) => Vec::read(node, reader).map(Self::Words),
            Value::Scalar(scalar) => Some(Self::Shell(scalar.text.clone())),
            Value::Map(entries) if !entries.is_empty() => {
                TextMatch::read(node, reader).map(Self::Rules)
            }
            _ => reader.wrong(
                node,
                "a list of words, the text of a shell form, or rules such as `{ contains: … }`",
            ),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let text = json!({ "type": ["string", "number", "boolean"] });
        let rules = TextMatch::schema(schemas);
        json!({ "anyOf": [rules, { "type": "array", "items": text }] })
    }
}

/// The shell of shell forms where the image names none.
const SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// The text of a shell form, which the engine keeps behind the words of its shell.
fn shell_text<'a>(words: &'a [String], shell: &[String]) -> Option<&'a str> {
    let (text, before) = words.split_last()?;
    let meant = before == SHELL || (!shell.is_empty() && before == shell);
    meant.then_some(text.as_str())
}

/// Words as a Dockerfile writes them.
pub fn show(words: &[String]) -> String {
    match words {
        [] => "none".to_owned(),
        _ => json!(words).to_string(),
    }
}

impl Form {
    /// Why an entry point or command is not as expected; `shell` is the image's own, if any.
    pub fn miss(&self, actual: &[String], shell: &[String]) -> Option<Miss> {
        match self {
            Self::Words(words) => (words != actual).then(|| Miss::new(show(words), show(actual))),
            Self::Shell(text) => (shell_text(actual, shell) != Some(text.as_str()))
                .then(|| Miss::new(format!("the shell form {}", quote(text)), show(actual))),
            Self::Rules(rules) => match shell_text(actual, shell) {
                Some(text) => rules.miss(text),
                None => rules.miss(&actual.join(" ")),
            },
        }
    }

    /// Why the test of a health check is not as expected. Its first word says who runs it, and
    /// may be left out of a list.
    pub fn test_miss(&self, actual: &[String]) -> Option<Miss> {
        let rest = |kind: &str| match actual.split_first() {
            Some((first, rest)) if first == kind => Some(rest),
            _ => None,
        };
        let (holds, expected) = match self {
            Self::Words(words) => (
                words == actual || rest("CMD") == Some(words.as_slice()),
                show(words),
            ),
            Self::Shell(text) => (
                rest("CMD-SHELL") == Some(std::slice::from_ref(text)),
                format!("the shell form {}", quote(text)),
            ),
            Self::Rules(rules) => {
                let words = rest("CMD").or_else(|| rest("CMD-SHELL")).unwrap_or(actual);
                return rules.miss(&words.join(" "));
            }
        };
        (!holds).then(|| Miss::new(expected, show(actual)))
    }
}

/// What is wrong with a health check's shell text that begins with a JSON array: the engine takes
/// an array for one only where nothing follows it.
pub fn array_for_a_shell(test: &[String]) -> Option<String> {
    let [kind, text] = test else { return None };
    if kind != "CMD-SHELL" {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Vec<String>>();
    let words = values.next()?.ok()?;
    let rest = text[values.byte_offset()..].trim();
    if rest.is_empty() {
        return None;
    }
    let word = text.split_whitespace().next()?.replace('"', "");
    let program = words.first().map_or("anything", String::as_str);
    Some(format!(
        "this check is no array to the engine, since {} follows it: all of it is text for a shell, \
         which takes {} for the name of a command and never runs {program}",
        quote(rest),
        quote(&word),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    #[test]
    fn a_shell_form_is_known_by_its_shell() {
        let text = Form::Shell("a b".to_owned());
        assert_eq!(text.miss(&words(&["/bin/sh", "-c", "a b"]), &[]), None);
        let bash = words(&["/bin/bash", "-ec"]);
        let own = words(&["/bin/bash", "-ec", "a b"]);
        assert_eq!(text.miss(&own, &bash), None);
        assert!(text.miss(&own, &[]).is_some());
        assert!(text.miss(&words(&["a", "b"]), &[]).is_some());
        assert!(text.miss(&[], &[]).is_some());
        let list = Form::Words(words(&["a", "b"]));
        assert_eq!(list.miss(&words(&["a", "b"]), &[]), None);
        assert_eq!(list.miss(&[], &[]), Some(Miss::new(r#"["a","b"]"#, "none")));
    }

    #[test]
    fn rules_are_about_the_words_in_a_row() {
        use crate::text::read::Reader;
        use crate::text::source::FileId;
        use crate::text::yaml;
        let form = |text: &str| {
            let node = yaml::parse(FileId(0), text).0.unwrap();
            Form::read(&node, &mut Reader::default()).unwrap()
        };
        let rule = form("{ starts_with: app, contains: '--port 80' }");
        assert_eq!(rule.miss(&words(&["app", "--port", "80"]), &[]), None);
        assert_eq!(
            rule.miss(&words(&["/bin/sh", "-c", "app --port 80"]), &[]),
            None
        );
        let miss = rule.miss(&words(&["app"]), &[]).unwrap();
        assert_eq!(
            (miss.expected.as_str(), miss.actual.as_str()),
            ("containing \"--port 80\"", "\"app\"")
        );
        for test in [["CMD", "app --port 80"], ["CMD-SHELL", "app --port 80"]] {
            assert_eq!(rule.test_miss(&words(&test)), None, "{test:?}");
        }
        assert!(rule.test_miss(&words(&["CMD", "x"])).is_some());
    }

    #[test]
    fn a_test_is_compared_with_or_without_its_first_word() {
        let exec = words(&["CMD", "app", "health"]);
        assert_eq!(Form::Words(exec.clone()).test_miss(&exec), None);
        assert_eq!(
            Form::Words(words(&["app", "health"])).test_miss(&exec),
            None
        );
        let shell = words(&["CMD-SHELL", "app || exit 1"]);
        let text = Form::Shell("app || exit 1".to_owned());
        assert_eq!(Form::Words(shell.clone()).test_miss(&shell), None);
        assert_eq!(text.test_miss(&shell), None);
        assert!(text.test_miss(&words(&["CMD", "app || exit 1"])).is_some());
        assert!(
            Form::Words(words(&["app || exit 1"]))
                .test_miss(&shell)
                .is_some()
        );
        assert!(Form::Words(words(&["app"])).test_miss(&exec).is_some());
    }

    #[test]
    fn an_array_with_text_behind_it_is_found() {
        let said = |text: &str| array_for_a_shell(&words(&["CMD-SHELL", text]));
        let found = said(r#"["aisopod", "health"] || exit 1"#).unwrap();
        assert!(found.contains(r#"since "|| exit 1" follows"#), "{found}");
        assert!(
            found.contains(r#"takes "[aisopod," for the name"#),
            "{found}"
        );
        assert!(found.ends_with("never runs aisopod"), "{found}");
        assert!(said(r#"["a"]&& b"#).is_some());
        for fine in [
            "a || exit 1",
            r#"["a", "b"]"#,
            "[ -f /x ] || exit 1",
            "",
            "[1] x",
        ] {
            assert_eq!(said(fine), None, "{fine}");
        }
        assert_eq!(array_for_a_shell(&words(&["CMD", r#"["a"] x"#])), None);
    }
}
