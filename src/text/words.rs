//! Command lines, split as Compose splits them.

use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::{Node, Value};

/// A program and its arguments: a list, or a text that is split at spaces as a shell would, with
/// quotes and backslashes, and nothing expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine(pub Vec<String>);

impl Read for CommandLine {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Value::List(_) = &node.value {
            return Vec::read(node, reader).map(Self);
        }
        let text = String::read(node, reader)?;
        match split(&text) {
            Some(words) => Some(Self(words)),
            None => {
                reader.say(
                    node.span,
                    "a quotation mark in this command is never closed",
                );
                None
            }
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": ["string", "number", "boolean"] } }] })
    }
}

/// The words of a command; `None` where a quotation mark is never closed.
pub fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if c == open => quote = None,
            (None, '\\') => word.get_or_insert_default().push(chars.next()?),
            (Some('"'), '\\') => match chars.next()? {
                next @ ('"' | '\\') => word.get_or_insert_default().push(next),
                next => word.get_or_insert_default().extend(['\\', next]),
            },
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_split_as_a_shell_splits_them() {
        let cases: [(&str, &[&str]); 5] = [
            ("a  b\tc", &["a", "b", "c"]),
            (
                "sh -c 'echo \"$HOME\" x'",
                &["sh", "-c", "echo \"$HOME\" x"],
            ),
            (r#"a "b \" c" d\ e"#, &["a", "b \" c", "d e"]),
            ("a '' b", &["a", "", "b"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text).unwrap(), expected, "{text}");
        }
        assert_eq!(split("a 'b"), None);
        assert_eq!(split("a \\"), None);
    }
}
