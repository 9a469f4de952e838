//! What may be said of one line.

use serde_json::{Value as Json, json};

use crate::text::matcher::quote;
use crate::text::matcher::texts::{TextMatch, differ};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::Node;

/// A text that a line can hold.
#[derive(Debug, Clone)]
pub struct OneLine(String);

impl OneLine {
    /// Whether the line holds it.
    pub(super) fn holds(&self, line: &str) -> bool {
        line.contains(&self.0)
    }

    /// As it is written.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// As part of a sentence about a line.
    pub(super) fn words(&self) -> String {
        format!("containing {}", quote(&self.0))
    }
}

impl Read for OneLine {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let text = String::read(node, reader)?;
        let said = match text.trim_end_matches('\n') {
            "" => "every line holds an empty text",
            text if text.contains('\n') => "lines are looked at one by one, so none can hold this",
            text => return Some(Self(text.to_owned())),
        };
        reader.say(node.span, said);
        None
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": ["string", "number", "boolean"] })
    }
}

/// A line that must not be there: one that holds a text, or is as rules say.
#[derive(Debug, Clone)]
pub enum Unwanted {
    /// It holds this text.
    Holding(OneLine),
    /// It is as these rules say.
    Like(TextMatch),
}

impl Unwanted {
    /// Whether the line is such a one.
    pub(super) fn holds(&self, line: &str) -> bool {
        match self {
            Self::Holding(text) => text.holds(line),
            Self::Like(rules) => rules.holds(line),
        }
    }

    /// Such a line, shown so that what must not be there is seen, however long it is.
    pub(super) fn shown(&self, line: &str) -> String {
        let place = match self {
            Self::Holding(OneLine(text)) => line.find(text).map(|at| (at, text.len())),
            Self::Like(rules) => rules.place(line),
        };
        match place {
            Some((at, length)) => differ::holding(line, at, length),
            None => quote(line),
        }
    }

    /// As part of a sentence about a line.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Holding(text) => text.words(),
            Self::Like(rules) => rules.expected(),
        }
    }
}

impl Read for Unwanted {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.entries() {
            Some(_) => TextMatch::read(node, reader).map(Self::Like),
            None => OneLine::read(node, reader).map(Self::Holding),
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        TextMatch::schema(schemas)
    }
}
