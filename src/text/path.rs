//! Paths in a container.

use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::tree::Node;

/// An absolute path without `.`, `..` and doubled slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absolute(pub String);

impl Read for Absolute {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = String::read(node, reader)?;
        if !text.starts_with('/') {
            return reader.wrong(node, "an absolute path, such as /app");
        }
        let parts = text.split('/').filter(|p| !matches!(*p, "" | "."));
        let parts: Vec<&str> = parts.collect();
        if parts.contains(&"..") {
            return reader.wrong(node, "a path without `..`");
        }
        Some(Self(format!("/{}", parts.join("/"))))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string", "pattern": "^/" })
    }
}
