//! Where the user's files say something: the tool tells what it made of them, and not where that stands.

use std::path::Path;

use super::wrong::wrong;
use crate::engine::sources::read;
use crate::suite::compose::{Compose, texts};
use crate::suite::outside::shown;
use crate::text::source::{Sources, Span};
use crate::text::tree::{Node, Value};
use crate::text::yaml;

/// The most of a file that is looked at.
const LIMIT: u64 = 1 << 20;

/// Files as trees, a file that is laid over others behind them.
#[derive(Debug, Clone, Default)]
pub struct Roots(Vec<Node>);

impl Roots {
    /// Takes a file in.
    pub fn add(&mut self, sources: &mut Sources, name: &str, text: &str) {
        let file = sources.add(name, text);
        self.0.extend(yaml::parse(file, text).0);
    }

    /// Where these keys stand, or as many of them as are written anywhere; of an item of a list, that which holds the
    /// last of them. A file that is laid over others is asked before them.
    pub fn span(&self, keys: &[&str]) -> Option<Span> {
        self.deepest(keys).map(|(_, span)| span)
    }

    /// Likewise, with how many of the keys there are.
    pub(super) fn deepest(&self, keys: &[&str]) -> Option<(usize, Span)> {
        let found = self.0.iter().rev().map(|root| found(root, keys));
        found.flatten().reduce(|a, b| if b.0 > a.0 { b } else { a })
    }

    /// The text that stands at these keys; a file that is laid over others is asked before them.
    pub(super) fn text(&self, keys: &[&str]) -> Option<&str> {
        self.0.iter().rev().find_map(|root| text(root, keys))
    }

    /// The files, one after the other.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> + Clone {
        self.0.iter()
    }
}

/// The user's files, as far as they can be read.
#[derive(Debug, Clone, Default)]
pub struct Written {
    sources: Sources,
    roots: Roots,
    /// How the first is called, for what stands in none.
    first: String,
}

impl Written {
    /// Reads them; what cannot be read has no places.
    pub fn read(compose: &Compose, folder: &Path) -> Self {
        let mut written = Self::default();
        for file in &compose.files {
            let path = folder.join(&file.value);
            let blob = read(&path, LIMIT).ok().flatten();
            let text = blob.map(|blob| String::from_utf8_lossy(&blob.bytes).into_owned());
            written.add(&shown(&path), &text.unwrap_or_default());
        }
        written
    }

    /// Takes a file in.
    pub fn add(&mut self, name: &str, text: &str) {
        if self.first.is_empty() {
            name.clone_into(&mut self.first);
        }
        self.roots.add(&mut self.sources, name, text);
    }

    /// The same trees, their places being those in these sources.
    pub fn roots_in(&self, sources: &mut Sources) -> Roots {
        let mut roots = Roots::default();
        for (name, text) in self.sources.texts() {
            roots.add(sources, name, text);
        }
        roots
    }

    /// The text that stands at these keys, as it is written; a file that is laid over others is asked before them.
    pub fn text(&self, keys: &[&str]) -> Option<&str> {
        self.roots.text(keys)
    }

    /// What a tool that says these words refuses of them: where that stands, and what is to be done.
    pub(super) fn wrong(&self, words: &str) -> Option<(Sources, Span, Option<String>)> {
        let found = wrong(words, &self.roots)?;
        Some((self.sources.clone(), found.span, found.help))
    }

    /// The file and line that first use this variable.
    pub fn uses(&self, variable: &str) -> Option<String> {
        self.sources.texts().find_map(|(file, text)| {
            let mut lines = text.lines();
            let at = lines.position(|line| {
                !line.trim_start().starts_with('#') && texts::uses(line, variable)
            })?;
            Some(format!("{file}:{}", at + 1))
        })
    }

    /// The file and line at which these keys stand, as [`Roots::span`] finds them.
    pub fn place(&self, keys: &[&str]) -> String {
        match self.roots.span(keys) {
            None => self.first.clone(),
            Some(span) => {
                let place = self.sources.place(span);
                format!("{}:{}", place.file, place.line)
            }
        }
    }
}

/// What stands there.
fn text<'a>(root: &'a Node, keys: &[&str]) -> Option<&'a str> {
    let node = keys.iter().try_fold(root, |node, key| node.get(key))?;
    node.text()
}

/// How many of the keys there are, and where the last of them stands.
fn found(root: &Node, keys: &[&str]) -> Option<(usize, Span)> {
    let (mut node, mut best) = (root, None);
    for (depth, key) in keys.iter().enumerate() {
        match &node.value {
            Value::Map(entries) => {
                let Some(entry) = entries.iter().find(|entry| entry.key.value == *key) else {
                    break;
                };
                best = Some((depth + 1, entry.key.span));
                node = &entry.value;
            }
            Value::List(items) => {
                let Some(item) = items.iter().find(|item| holds(item, key)) else {
                    break;
                };
                best = Some((depth + 1, item.span));
                node = item;
            }
            _ => break,
        }
    }
    best
}

/// Whether an item is about this: one of the parts of a text, or a value of a map.
fn holds(item: &Node, key: &str) -> bool {
    match &item.value {
        Value::Scalar(scalar) => {
            let mut parts = scalar.text.split(':');
            scalar.text == key || parts.any(|part| part.trim_end_matches('/') == key)
        }
        Value::Map(entries) => entries.iter().any(|entry| holds(&entry.value, key)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_as_much_as_is_written() {
        let mut written = Written::default();
        written.add(
            "a.yaml",
            "services:\n  web:\n    volumes:\n      - ./x:/x\n      - { type: bind, source: ./y, target: /y }\nnetworks:\n  back: {}\n",
        );
        written.add(
            "b.yaml",
            "services:\n  web:\n    volumes:\n      - ${Z}:/z/:ro\n",
        );
        for (keys, place) in [
            (&["services", "web", "volumes", "/x"][..], "a.yaml:4"),
            (&["services", "web", "volumes", "/y"], "a.yaml:5"),
            (&["services", "web", "volumes", "/z"], "b.yaml:4"),
            (&["services", "web", "volumes", "/elsewhere"], "b.yaml:3"),
            (&["networks", "back", "ipam"], "a.yaml:7"),
            (&["secrets", "key"], "a.yaml"),
        ] {
            assert_eq!(written.place(keys), place, "{keys:?}");
        }
    }
}
