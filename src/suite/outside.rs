//! What reading a suite needs of the world, and how a file of it becomes a tree.

use std::path::{Path, PathBuf};

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

/// What reading a suite needs of the world.
pub trait Outside {
    /// The text of a file, or why it cannot be read.
    fn read(&self, path: &Path) -> Result<String, String>;
    /// Whether a file or folder is there; `Some(true)` for a folder.
    fn is_folder(&self, path: &Path) -> Option<bool>;
    /// A variable of the environment.
    fn env(&self, name: &str) -> Option<String>;
    /// A variable of the environment that holds a secret. Where nothing is run, any text will do.
    fn secret(&self, name: &str) -> Option<String> {
        self.env(name)
    }
    /// So many random letters and digits.
    fn random(&self, count: u32) -> String;
}

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
