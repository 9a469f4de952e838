//! Maps of names to texts that Compose also writes as lists of `NAME=value`.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::host::{LOOKED_UP, address, is_looked_up};
use super::read::{Read, Reader};
use super::schema::Schemas;
use super::source::{Span, Spanned};
use super::tree::{Entry, Node, Scalar, Value};

/// Names and their texts; a name whose text is `null` is taken away.
#[derive(Debug, Clone, Default)]
pub struct Pairs(pub Vec<(Spanned<String>, Option<String>)>);

impl Pairs {
    /// The names that have a text.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter_map(|(name, value)| value.as_deref().map(|v| (name.value.as_str(), v)))
    }

    /// The names that are taken away.
    pub fn removed(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name.value.as_str())
    }
}

/// How an entry of the list form is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `NAME=value`.
    Equals,
    /// `host:address`, or `host=address`.
    Host,
    /// A name by itself.
    Name,
}

impl Form {
    /// What to expect, for messages.
    fn example(self) -> &'static str {
        match self {
            Self::Equals => "`NAME=value`",
            Self::Host => "`host:address`",
            Self::Name => "a name",
        }
    }

    fn split(self, text: &str) -> Option<(&str, Option<&str>)> {
        let two = match self {
            Self::Equals => text.split_once('='),
            Self::Host => text.split_once(['=', ':']),
            Self::Name => return Some((text, None)),
        };
        two.filter(|(name, _)| !name.is_empty())
            .map(|(name, value)| (name, Some(value)))
    }
}

/// The entries of a map, or of a list in that form; says what is neither.
pub fn entries(node: &Node, form: Form, reader: &mut Reader) -> Option<Vec<Entry>> {
    let items = match &node.value {
        Value::Map(entries) => return Some(entries.clone()),
        Value::List(items) => items,
        _ => {
            let expected = format!("a map of names, or a list of {}", form.example());
            return reader.wrong(node, &expected);
        }
    };
    let mut entries: Vec<Entry> = Vec::new();
    let mut seen: HashMap<&str, Span> = HashMap::new();
    let mut sound = true;
    for item in items {
        let Some((name, text)) = item.text().and_then(|text| form.split(text)) else {
            reader.wrong::<()>(item, form.example());
            if let (Some(name), Some(said)) = (item.text(), reader.diagnostics.last_mut())
                && form == Form::Equals
            {
                said.help(format!(
                    "`{name}=` leaves it empty; a value of this machine comes in with `vars:` and `{name}=${{{name}}}`"
                ));
            }
            sound = false;
            continue;
        };
        if let Some(first) = seen.insert(name, item.span) {
            let said = reader.say(item.span, format!("`{name}` stands here twice"));
            said.related(first, "first here").help("keep one of them");
        }
        let value = match text {
            Some(text) => Value::Scalar(Scalar {
                text: text.to_owned(),
                plain: false,
            }),
            None => Value::Null,
        };
        let key = Spanned {
            span: item.span,
            value: name.to_owned(),
        };
        let value = Node {
            span: item.span,
            value,
        };
        entries.push(Entry { key, value });
    }
    sound.then_some(entries)
}

fn read(node: &Node, form: Form, reader: &mut Reader) -> Option<Pairs> {
    let entries = entries(node, form, reader)?;
    let read = |entry: Entry| match &entry.value.value {
        Value::Null => Some((entry.key, None)),
        _ => String::read(&entry.value, reader).map(|text| (entry.key, Some(text))),
    };
    let pairs: Vec<Option<_>> = entries.into_iter().map(read).collect();
    pairs.into_iter().collect::<Option<_>>().map(Pairs)
}

impl Read for Pairs {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        read(node, Form::Equals, reader)
    }
    fn absent() -> Option<Self> {
        Some(Self::default())
    }
    fn schema(_: &mut Schemas) -> Json {
        let text = json!({ "type": ["string", "number", "boolean", "null"] });
        json!({ "anyOf": [
            { "type": "object", "additionalProperties": text },
            { "type": "array", "items": { "type": "string" } },
        ] })
    }
}

/// Stands for the address at which a container reaches this machine.
const GATEWAY: &str = "host-gateway";

/// Names of hosts and their addresses, which a list writes as `host:address`.
#[derive(Debug, Clone, Default)]
pub struct Hosts(pub Pairs);

impl Hosts {
    /// The names that have an address.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.given()
    }
}

impl Read for Hosts {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let entries = entries(node, Form::Host, reader)?;
        let said = reader.diagnostics.len();
        for Entry { key, value } in &entries {
            if !is_looked_up(&key.value) {
                let message = format!("`{}` cannot be the name of a host", key.value);
                reader.say(key.span, message).help(LOOKED_UP);
            }
            let Some(text) = value.text() else { continue };
            if text != GATEWAY && address(text).is_none() {
                let message = format!("`{text}` is not an IP address");
                let help = "a name is given an address, or `host-gateway` for that of this machine";
                reader.say(value.span, message).help(help);
            }
        }
        if reader.diagnostics.len() > said {
            return None;
        }
        read(node, Form::Host, reader).map(Self)
    }
    fn absent() -> Option<Self> {
        Some(Self::default())
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Pairs::schema(schemas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read::said;
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn given(text: &str, form: Form) -> Option<Vec<(String, String)>> {
        let node = yaml::parse(FileId(0), text).0.unwrap();
        let pairs = read(&node, form, &mut Reader::default())?;
        let owned = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
        Some(pairs.given().map(owned).collect())
    }

    #[test]
    fn hosts_have_addresses() {
        let said = said::<Hosts>;
        for right in [
            "['db:10.0.0.1']",
            "{ db: ::1, x: null }",
            "['me=host-gateway']",
        ] {
            assert_eq!(said(right), None);
        }
        let wrong = said("{ db: nope }").unwrap();
        assert!(wrong.contains("`nope` is not an IP address"), "{wrong}");
        let wrong = said("['a b:10.0.0.1']").unwrap();
        assert!(wrong.contains("`a b` cannot be the name"), "{wrong}");
        assert!(wrong.contains("take letters"), "{wrong}");
    }

    #[test]
    fn lists_are_read_as_compose_reads_them() {
        let pair = |a: &str, b: &str| Some(vec![(a.to_owned(), b.to_owned())]);
        assert_eq!(given("[A=1=2]", Form::Equals), pair("A", "1=2"));
        assert_eq!(given("['A=']", Form::Equals), pair("A", ""));
        assert_eq!(given("['db:10.0.0.1']", Form::Host), pair("db", "10.0.0.1"));
        assert_eq!(given("['db=::1']", Form::Host), pair("db", "::1"));
        assert_eq!(given("['db:::1']", Form::Host), pair("db", "::1"));
        assert_eq!(given("{ db: ::1 }", Form::Host), pair("db", "::1"));
        assert_eq!(given("[A]", Form::Equals), None);
        assert_eq!(given("['=1']", Form::Equals), None);
    }
}
