//! Maps of names to texts that Compose also writes as lists of `NAME=value`.

use serde_json::{Value as Json, json};

use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::{Entry, Node, Scalar, Value};

/// Names and their texts; a name whose text is `null` is taken away.
#[derive(Debug, Clone, Default)]
pub struct Pairs(pub Vec<(Spanned<String>, Option<String>)>);

impl Pairs {
    /// The names that have a text.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter_map(|(name, value)| value.as_deref().map(|v| (name.value.as_str(), v)))
    }

    /// The names that are taken away.
    pub fn removed(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name.value.as_str())
    }
}

/// The entries of a map or of a list of `NAME=value`; says what is neither.
pub fn entries(node: &Node, reader: &mut Reader) -> Option<Vec<Entry>> {
    let items = match &node.value {
        Value::Map(entries) => return Some(entries.clone()),
        Value::List(items) => items,
        _ => return reader.wrong(node, "a map of names, or a list of `NAME=value`"),
    };
    let mut entries: Vec<Entry> = Vec::new();
    for item in items {
        let Some((name, text)) = item.text().map(|t| t.split_once('=').unwrap_or((t, ""))) else {
            return reader.wrong(item, "`NAME=value`");
        };
        if let Some(first) = entries.iter().find(|e| e.key.value == name) {
            let said = reader.say(item.span, format!("`{name}` stands here twice"));
            said.related(first.key.span, "first here");
        }
        let scalar = Scalar {
            text: text.to_owned(),
            plain: false,
        };
        entries.push(Entry {
            key: Spanned {
                span: item.span,
                value: name.to_owned(),
            },
            value: Node {
                span: item.span,
                value: Value::Scalar(scalar),
            },
        });
    }
    Some(entries)
}

impl Read for Pairs {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let mut pairs = Vec::new();
        for entry in entries(node, reader)? {
            let value = match &entry.value.value {
                Value::Null => None,
                _ => Some(String::read(&entry.value, reader)?),
            };
            pairs.push((entry.key, value));
        }
        Some(Self(pairs))
    }
    fn absent() -> Option<Self> {
        Some(Self::default())
    }
    fn schema(_: &mut Schemas) -> Json {
        let text = json!({ "type": ["string", "number", "boolean", "null"] });
        json!({ "anyOf": [
            { "type": "object", "additionalProperties": text },
            { "type": "array", "items": { "type": "string" } },
        ] })
    }
}
