//! What reading a suite needs of the world, and how a file of it becomes a tree.

use std::path::{Path, PathBuf};

pub use crate::text::outside::Outside;
use crate::text::read::Reader;
use crate::text::source::{Sources, Span};
use crate::text::tree::Node;
use crate::text::yaml;

/// Keys that a fragment may have.
pub const FRAGMENT_KEYS: [&str; 6] = [
    "seaworthy",
    "include",
    "vars",
    "secrets",
    "requirements",
    "cases",
];

/// The tree of a file; `from` is the place that names it.
pub fn tree(
    sources: &mut Sources,
    outside: &dyn Outside,
    reader: &mut Reader,
    path: &Path,
    from: Option<Span>,
) -> Option<Node> {
    let name = shown(path);
    match outside.read(path) {
        Ok(text) => {
            let file = sources.add(name, text);
            let text = sources.get(file).map_or("", |source| source.text.as_str());
            let (root, said) = yaml::parse(file, text);
            reader.diagnostics.extend(said);
            root
        }
        Err(why) => {
            let span = from.unwrap_or_else(|| Span {
                file: sources.add(&name, ""),
                start: 0,
                end: 0,
            });
            reader.say(span, format!("cannot read {name}: {why}"));
            None
        }
    }
}

/// The path as one would write it, without ways there and back.
pub fn shown(path: &Path) -> String {
    use std::path::Component;
    let mut plain = PathBuf::new();
    for part in path.components() {
        let last = plain.components().next_back();
        match (part, last) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                plain.pop();
            }
            (part, _) => plain.push(part),
        }
    }
    if plain.as_os_str().is_empty() {
        plain.push(".");
    }
    plain.display().to_string()
}
