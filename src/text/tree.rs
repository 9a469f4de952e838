//! The YAML tree: every node with its span, scalars untyped until something asks for a type.

use super::source::{Span, Spanned};

/// One node and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where.
    pub span: Span,
    /// What.
    pub value: Value,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// Text; its type is decided by who reads it.
    Scalar(Scalar),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in written order, keys unique.
    Map(Vec<Entry>),
}

/// The text of a scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Unescaped.
    pub text: String,
    /// Written without quotes, so that it may be a number or a truth value.
    pub plain: bool,
}

/// One key of a mapping and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: Spanned<String>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The entries, where it is a map.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items, where it is a list.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text, where it is a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// The value of `key`, where it is a map that has one.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?
            .iter()
            .find(|e| e.key.value == key)
            .map(|e| &e.value)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// What a reader would call it, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Scalar(scalar) if !scalar.plain => "text",
            Value::Scalar(scalar) => match scalar.json() {
                serde_json::Value::Number(_) => "a number",
                serde_json::Value::Bool(_) => "a truth value",
                _ => "text",
            },
            Value::List(items) if items.is_empty() => "an empty list",
            Value::List(_) => "a list",
            Value::Map(entries) if entries.is_empty() => "an empty map",
            Value::Map(_) => "a map",
        }
    }

    /// The node as JSON, scalars typed by YAML's core schema.
    pub fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Scalar(scalar) => scalar.json(),
            Value::List(items) => items.iter().map(Node::json).collect(),
            Value::Map(entries) => serde_json::Value::Object(
                entries
                    .iter()
                    .map(|e| (e.key.value.clone(), e.value.json()))
                    .collect(),
            ),
        }
    }
}

impl Scalar {
    /// Typed by YAML's core schema: only plain scalars are anything but text.
    pub fn json(&self) -> serde_json::Value {
        if !self.plain {
            return self.text.clone().into();
        }
        match self.text.as_str() {
            "true" | "True" | "TRUE" => return true.into(),
            "false" | "False" | "FALSE" => return false.into(),
            _ => {}
        }
        if let Ok(whole) = self.text.parse::<i64>() {
            return whole.into();
        }
        if let Ok(whole) = self.text.parse::<u64>() {
            return whole.into();
        }
        if let Some(hex) = self
            .text
            .strip_prefix("0x")
            .and_then(|h| i64::from_str_radix(h, 16).ok())
        {
            return hex.into();
        }
        let numeric = self
            .text
            .starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
            && self
                .text
                .ends_with(|c: char| c.is_ascii_digit() || c == '.');
        match self.text.parse::<f64>() {
            Ok(number) if numeric && number.is_finite() => number.into(),
            _ => self.text.clone().into(),
        }
    }
}
