//! Where a path claim looks, and the other values of its own.

use serde_json::{Value as Json, json};

use crate::text::glob::{Glob, is_pattern, misread};
use crate::text::path::Absolute;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::Node;

/// One path, or a pattern for paths.
#[derive(Debug, Clone)]
pub enum At {
    /// Absolute, without `.`, `..` and doubled slashes.
    Path(String),
    /// Each path that matches.
    Glob(String, Box<Glob>),
}

impl At {
    /// As it is shown.
    pub fn text(&self) -> &str {
        match self {
            Self::Path(text) | Self::Glob(text, _) => text,
        }
    }
}

impl Read for At {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let read = Absolute::read(node, reader);
        if let (Some(_), Some(said)) = (node.items(), reader.diagnostics.last_mut()) {
            said.help("an item is about one path, or a pattern such as `/etc/*.conf`: give each an item of its own");
        }
        let Absolute(path) = read?;
        if let Some(why) = misread(&path) {
            reader.say(node.span, why);
            return None;
        }
        if !is_pattern(&path) {
            return Some(Self::Path(path));
        }
        let glob = Glob::of(&path, node, reader)?;
        Some(Self::Glob(path, Box::new(glob)))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string" })
    }
}

/// The SHA-256 of a file's content, in lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sha256(pub String);

impl Read for Sha256 {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = node.text().map(|t| t.strip_prefix("sha256:").unwrap_or(t));
        let read = text.filter(|t| t.len() == 64 && t.bytes().all(|b| b.is_ascii_hexdigit()));
        read.map(|t| Self(t.to_ascii_lowercase()))
            .or_else(|| reader.wrong(node, "64 hexadecimal digits"))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string", "pattern": "^(sha256:)?[0-9a-fA-F]{64}$" })
    }
}

/// The folders above a path, the root first.
pub fn parents(path: &str) -> impl Iterator<Item = &str> {
    let slashes = path.match_indices('/').map(|(at, _)| at);
    let folders = slashes.map(|at| if at == 0 { "/" } else { &path[..at] });
    folders.filter(move |folder| *folder != path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_begin_at_the_root() {
        let of = |path| parents(path).collect::<Vec<_>>();
        assert_eq!(of("/a/b/c"), ["/", "/a", "/a/b"]);
        assert_eq!(of("/a"), ["/"]);
        assert_eq!(of("/"), [""; 0]);
    }
}
