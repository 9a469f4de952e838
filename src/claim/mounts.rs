//! `mounts`: what is mounted where in the container, as the kernel has it.

mod judge;

use serde_json::{Value as Json, json};

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::mount::plain;
use crate::fact::question::Question;
use crate::text::matcher::names::Names;
use crate::text::matcher::texts::TextMatch;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;
use crate::{record, words};

words! {
    /// What is mounted.
    pub enum Type {
        /// A file or folder of the host.
        Bind = "bind",
        /// A volume of the engine.
        Volume = "volume",
        /// Memory.
        Tmpfs = "tmpfs",
    }
}

record! {
    /// A mount.
    pub struct Mounted (short at) {
        /// Where it is, an absolute path.
        at: Spanned<Place>,
        /// What it is.
        r#type: Option<Spanned<Type>>,
        /// Whether nothing can be written there, as the kernel has it.
        read_only: Option<Spanned<bool>>,
        /// The volume's name as `run` writes it, or the whole path on the host.
        source: Option<Spanned<TextMatch>>,
    }
}

/// An absolute path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl Read for Place {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.text() {
            Some(path) if path.starts_with('/') => Some(Self(plain(path).to_owned())),
            _ => reader.wrong(node, "an absolute path, such as /data"),
        }
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "string", "pattern": "^/" })
    }
}

/// What is mounted where.
#[derive(Debug, Clone)]
pub struct Mounts {
    names: Names<Mounted>,
    span: Span,
}

impl Read for Mounts {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let span = node.span;
        Names::read(node, reader).map(|names| Self { names, span })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Names::<Mounted>::schema(schemas)
    }
}

impl Mounts {
    /// The places that are named, so that each can be told without links.
    fn places(&self) -> Vec<String> {
        let Names {
            holds,
            only,
            without,
        } = &self.names;
        let all = holds.iter().chain(only.iter().flatten()).chain(without);
        all.map(|mount| mount.at.value.0.clone()).collect()
    }
}

impl Judge for Mounts {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        vec![Question::Mounts { at: self.places() }, Question::Container]
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let mounts = seen.mounts(&self.places())?;
        let scene = judge::Scene::new(mounts, seen.container()?);
        for wanted in self
            .names
            .holds
            .iter()
            .chain(self.names.only.iter().flatten())
        {
            scene.compare(wanted, findings);
        }
        if let Some(only) = &self.names.only {
            scene.check_others(self.span, only, findings);
        }
        for unwanted in &self.names.without {
            scene.check_absent(unwanted, findings);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
