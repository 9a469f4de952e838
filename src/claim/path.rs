//! `path`: what stands at a path in the image or the container.

mod access;
mod at;
mod content;
mod judge;
mod matches;
mod write;

use serde_json::Value as Json;

use crate::fact::accounts::Accounts;
use crate::fact::path::{Kind, Stat};
use crate::record;
use crate::text::matcher::bound::Bound;
use crate::text::matcher::json::JsonMatch;
use crate::text::matcher::texts::TextMatch;
use crate::text::read::{OneOrMany, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;
use crate::text::units::{Bytes, Mode};
pub use at::{At, Sha256};

record! {
    /// What stands at a path in the image or the container.
    pub struct PathFields (short at) {
        /// An absolute path, or a pattern (`*`, `?`, `[a-z]`, `**` across folders). Each path that
        /// matches is judged, and none is a failure.
        at: Spanned<At>,
        /// Whether there is anything (true without it).
        exists: Option<Spanned<bool>>,
        /// What it is.
        r#type: Option<Spanned<Kind>>,
        /// Its permission bits, with setuid, setgid and sticky.
        mode: Option<Spanned<Mode>>,
        /// The user it belongs to, by name or number.
        owner: Option<Spanned<String>>,
        /// The group it belongs to, by name or number.
        group: Option<Spanned<String>>,
        /// The number of the user it belongs to.
        uid: Option<Spanned<u32>>,
        /// The number of the group it belongs to.
        gid: Option<Spanned<u32>>,
        /// The bytes it holds; `MB` is a million.
        size: Option<Spanned<Bound<Bytes>>>,
        /// What it holds, as text.
        content: Option<Spanned<TextMatch>>,
        /// What it holds, as JSON.
        json: Option<JsonMatch>,
        /// Where a symbolic link leads, as it is written in the link.
        target: Option<Spanned<TextMatch>>,
        /// The SHA-256 of what it holds.
        sha256: Option<Spanned<Sha256>>,
        /// Users, by name or number, who may write to it.
        writable_by: Option<Spanned<OneOrMany<String>>>,
        /// Users, by name or number, who may not write to it.
        not_writable_by: Option<Spanned<OneOrMany<String>>>,
    }
}

/// What is expected at a path.
#[derive(Debug, Clone)]
pub struct Path(PathFields);

impl Read for Path {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = PathFields::read(node, reader)?;
        Self::of(fields, node, reader)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        PathFields::schema(schemas)
    }
}

impl Path {
    /// The claim of these fields, unless some cannot be judged together.
    pub(super) fn of(fields: PathFields, node: &Node, reader: &mut Reader) -> Option<Self> {
        fields.agree(node, reader).then_some(Self(fields))
    }
}

impl PathFields {
    /// Whether the fields can be judged together; says which cannot.
    fn agree(&self, node: &Node, reader: &mut Reader) -> bool {
        let before = reader.diagnostics.len();
        for entry in node.entries().unwrap_or(&[]) {
            let key = entry.key.value.as_str();
            if self.is_absent() && !matches!(key, "at" | "exists") {
                let message = format!("`{key}` cannot be judged of what does not exist");
                reader.say(entry.key.span, message);
            }
            let glob = matches!(self.at.value, At::Glob(..));
            if glob && matches!(key, "content" | "json" | "sha256") {
                let message = format!("`{key}` cannot be judged beside a pattern");
                let said = reader.say(entry.key.span, message);
                said.help("write one claim for each path");
            }
        }
        reader.diagnostics.len() == before
    }

    /// Whether nothing is to be there.
    fn is_absent(&self) -> bool {
        self.exists.as_ref().is_some_and(|e| !e.value)
    }

    /// Whether a symbolic link itself is meant, not what it leads to.
    fn is_of_link(&self) -> bool {
        let kind = self.r#type.as_ref().map(|k| k.value);
        self.target.is_some() || kind == Some(Kind::Link)
    }

    /// Where it says what the text is.
    fn wants_content(&self) -> Option<Span> {
        let content = self.content.as_ref().map(|c| c.span);
        content.or(self.json.as_ref().map(JsonMatch::span))
    }

    /// Whether accounts must be known.
    fn wants_access(&self) -> bool {
        self.writable_by.is_some() || self.not_writable_by.is_some()
    }
}

/// `0755 drwxr-xr-x root (0):root (0)`
fn shown(stat: &Stat, accounts: &Accounts) -> String {
    let (mode, letters) = (Mode(stat.mode), letters(stat));
    let (user, group) = (accounts.show_user(stat.uid), accounts.show_group(stat.gid));
    format!("{mode} {letters} {user}:{group}")
}

/// Permission bits as `ls -l` shows them.
fn letters(stat: &Stat) -> String {
    let kind = match stat.kind {
        Kind::File => '-',
        Kind::Directory => 'd',
        Kind::Link => 'l',
        Kind::Fifo => 'p',
        Kind::Socket => 's',
        Kind::Char => 'c',
        Kind::Block => 'b',
    };
    let mut out = String::from(kind);
    for (shift, special, both, alone) in [
        (6, 0o4000, 's', 'S'),
        (3, 0o2000, 's', 'S'),
        (0, 0o1000, 't', 'T'),
    ] {
        let bits = stat.mode >> shift;
        out.push(if bits & 4 == 0 { '-' } else { 'r' });
        out.push(if bits & 2 == 0 { '-' } else { 'w' });
        out.push(match (stat.mode & special == 0, bits & 1 == 0) {
            (true, true) => '-',
            (true, false) => 'x',
            (false, false) => both,
            (false, true) => alone,
        });
    }
    out
}

#[cfg(test)]
mod tests;
