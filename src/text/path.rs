//! Paths in a container.

use serde_json::{Value as Json, json};

use super::read::{Read, Reader};
use super::schema::Schemas;
use super::source::Span;
use super::tree::Node;

/// Where each container that is looked at has the probe.
pub const OURS: &str = "/.seaworthy";

/// A path of the container's own, written without `..`; another is refused by name, since what the image holds
/// there lies below the probe's mount and nothing true can be said of it.
pub fn theirs(path: &str, span: Span, reader: &mut Reader) -> Option<()> {
    if path.split('/').any(|part| part == "..") {
        let said = reader.say(span, format!("`{path}` goes up by `..`"));
        said.help("write the path that it leads to");
        return None;
    }
    let mut parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    if !path.starts_with('/') || parts.next() != OURS.strip_prefix('/') {
        return Some(());
    }
    let message = format!("`{OURS}` is where seaworthy mounts its probe");
    let help = "what an image itself holds there cannot be seen or used: take another path";
    reader.say(span, message).help(help);
    None
}

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
        theirs(&text, node.span, reader)?;
        Some(Self(format!("/{}", parts.join("/"))))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string", "pattern": "^/" })
    }
}
