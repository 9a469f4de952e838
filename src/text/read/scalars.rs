//! Texts, switches and numbers.

use serde_json::{Value as Json, json};

use super::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::{Node, Value};

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
