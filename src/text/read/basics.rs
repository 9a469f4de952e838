//! How the basic types are read: scalars, lists, maps of names, and what may be left out.

use serde_json::{Value as Json, json};

use super::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::{Node, Value};

impl<T: Read> Read for Option<T> {
    fn keys() -> &'static [&'static str] {
        T::keys()
    }
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        T::read(node, reader).map(Some)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        T::schema(schemas)
    }
}

impl<T: Read> Read for Spanned<T> {
    fn keys() -> &'static [&'static str] {
        T::keys()
    }
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        T::read(node, reader).map(|value| Self {
            span: node.span,
            value,
        })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        T::schema(schemas)
    }
}

impl<T: Read> Read for Box<T> {
    fn keys() -> &'static [&'static str] {
        T::keys()
    }
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        T::read(node, reader).map(Self::new)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        T::schema(schemas)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(items) = node.items() else {
            reader.wrong::<()>(node, "a list");
            if let (Some(text), Some(said)) = (node.text(), reader.diagnostics.last_mut()) {
                said.help(format!("put it in brackets: `[{text}]`"));
            }
            return None;
        };
        let read: Vec<Option<T>> = items.iter().map(|item| T::read(item, reader)).collect();
        read.into_iter().collect()
    }
    fn absent() -> Option<Self> {
        Some(Self::new())
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({ "type": "array", "items": T::schema(schemas) })
    }
}

/// One value, or a list of them.
#[derive(Debug, Clone)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T: Read> Read for OneOrMany<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::List(items) if items.is_empty() => reader.wrong(node, "at least one entry"),
            Value::List(_) => Vec::read(node, reader).map(Self),
            _ => T::read(node, reader).map(|one| Self(vec![one])),
        }
    }
    fn absent() -> Option<Self> {
        Some(Self(Vec::new()))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let one = T::schema(schemas);
        json!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }
}

/// A list of at least one, or nothing.
#[derive(Debug, Clone)]
pub struct Several<T>(pub Vec<T>);

impl<T: Read> Read for Several<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.items() {
            Some([]) => reader.wrong(node, "at least one entry"),
            _ => Vec::read(node, reader).map(Self),
        }
    }
    fn absent() -> Option<Self> {
        Some(Self(Vec::new()))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let mut schema = Vec::<T>::schema(schemas);
        schema["minItems"] = json!(1);
        schema
    }
}

/// A map of names of the author's own to values, in written order.
#[derive(Debug, Clone)]
pub struct Named<T>(pub Vec<(Spanned<String>, T)>);

impl<T> Named<T> {
    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0
            .iter()
            .find(|(key, _)| key.value == name)
            .map(|(_, value)| value)
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Read> Read for Named<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(entries) = node.entries() else {
            return reader.wrong(node, "a map of names");
        };
        let read: Vec<Option<_>> = entries
            .iter()
            .map(|e| T::read(&e.value, reader).map(|value| (e.key.clone(), value)))
            .collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }
    fn absent() -> Option<Self> {
        Some(Self::default())
    }
    fn schema(schemas: &mut Schemas) -> Json {
        json!({ "type": "object", "additionalProperties": T::schema(schemas) })
    }
}

impl Read for String {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.text() {
            Some(text) => Some(text.to_owned()),
            None => reader.wrong(node, "text"),
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": ["string", "number", "boolean"] })
    }
}

impl Read for bool {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::Scalar(s) if s.plain && s.text == "true" => Some(true),
            Value::Scalar(s) if s.plain && s.text == "false" => Some(false),
            _ => {
                reader.wrong::<()>(node, "true or false");
                let plain = match node.text().map(str::to_lowercase).as_deref() {
                    Some("yes" | "on" | "true") => "true",
                    Some("no" | "off" | "false") => "false",
                    _ => return None,
                };
                if let Some(said) = reader.diagnostics.last_mut() {
                    said.help(format!("write it as `{plain}`, without quotes"));
                }
                None
            }
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        Schemas::scalar(&json!({ "type": "boolean" }))
    }
}

/// Reads numbers, which are written plainly.
macro_rules! numbers {
    ($($type:ty: $about:literal, $kind:literal;)*) => {$(
        impl Read for $type {
            fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
                let number = node.text().and_then(|text| text.parse().ok());
                number.or_else(|| reader.wrong(node, $about))
            }
            fn schema(_: &mut Schemas) -> Json {
                Schemas::scalar(&json!({ "type": $kind }))
            }
        }
    )*};
}

numbers! {
    u16: "a whole number from 0 to 65535", "integer";
    u32: "a whole number, not negative", "integer";
    u64: "a whole number, not negative", "integer";
    i64: "a whole number", "integer";
}

impl Read for f64 {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let number = node.text().and_then(|text| text.parse::<f64>().ok());
        number
            .filter(|n| n.is_finite())
            .or_else(|| reader.wrong(node, "a number"))
    }
    fn schema(_: &mut Schemas) -> Json {
        Schemas::scalar(&json!({ "type": "number" }))
    }
}

/// A text that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled(pub String);

impl Read for Filled {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = String::read(node, reader)?;
        match text.trim().is_empty() {
            true => reader.wrong(node, "a text that is not empty"),
            false => Some(Self(text)),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let mut schema = String::schema(schemas);
        schema["minLength"] = json!(1);
        schema
    }
}

/// A switch that is off when it is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flag(pub bool);

impl Read for Flag {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        bool::read(node, reader).map(Self)
    }
    fn absent() -> Option<Self> {
        Some(Self(false))
    }
    fn schema(schemas: &mut Schemas) -> Json {
        bool::schema(schemas)
    }
}

/// Any value, as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Any(pub Json);

impl Read for Any {
    fn read(node: &Node, _: &mut Reader) -> Option<Self> {
        Some(Self(node.json()))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!(true)
    }
}
