//! When a container counts as ready.

use serde_json::{Value as Json, json};

use super::item::{Item, Items};
use crate::claim::Scope;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Span;
use crate::text::tree::{Node, Value};
use crate::words;

words! {
    /// A bare word of `ready`.
    pub enum ReadyWord {
        /// Its health check passes.
        Healthy = "healthy",
        /// Its main process runs. Of an engine on another machine it is that engine's word, by which the program may
        /// still be about to begin.
        Running = "running",
        /// At once: nothing is waited for.
        None = "none",
    }
}

/// `ready`: a bare word, or claims that must hold.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Where it is written.
    pub span: Span,
    /// What it says.
    pub when: When,
}

/// What has to be so.
#[derive(Debug, Clone)]
pub enum When {
    /// A bare word.
    Word(ReadyWord),
    /// Claims.
    Items(Vec<Item>),
}

impl Ready {
    /// The claims that must hold, where it is claims.
    pub fn items(&self) -> &[Item] {
        match &self.when {
            When::Items(items) => items,
            When::Word(_) => &[],
        }
    }
}

impl Read for Ready {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let when = match &node.value {
            Value::Map(_) => When::Items(vec![Item::read(node, reader)?]),
            Value::List(items) if items.is_empty() => {
                let said = reader.say(node.span, "this `ready` holds no claim");
                said.help("`none` waits for nothing; leave it out for what is so without it");
                return None;
            }
            Value::List(_) => When::Items(Items::read(node, reader)?.0),
            _ => When::Word(ReadyWord::read(node, reader)?),
        };
        if let When::Items(items) = &when {
            for named in items
                .iter()
                .filter_map(|i| i.modifiers.service.as_ref()?.0.first())
            {
                let said = reader.say(named.span, "`ready` is about the container it stands with");
                said.help("take `service` away; `depends_on` waits for others");
            }
            let of_sources = |item: &&Item| item.claim.scope() == Scope::Sources;
            for item in items.iter().filter(of_sources) {
                let name = item.claim.name();
                let message = format!("`{name}` cannot be waited for: sources do not change");
                let said = reader.say(item.span, message);
                said.help("put it under `expect`");
            }
        }
        Some(Self {
            span: node.span,
            when,
        })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let (one, many) = (Item::schema(schemas), Items::schema(schemas));
        json!({ "anyOf": [{ "enum": ReadyWord::WORDS }, one, many] })
    }
}
