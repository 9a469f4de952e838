//! A suite's text with something laid over a part of it.

use seaworthy::text::tree::{Node, Value};

/// What `above` makes of `below`: maps are merged, all else is replaced.
#[derive(Debug, Clone)]
pub(crate) enum Laid<'a> {
    /// As it is.
    One(&'a Node),
    /// A map, key by key.
    Map(Vec<(&'a str, Laid<'a>)>),
    /// A list.
    List(Vec<Laid<'a>>),
}

impl<'a> Laid<'a> {
    /// The whole tree, its maps and lists open for changes.
    pub(crate) fn open(node: &'a Node) -> Self {
        match &node.value {
            Value::Map(entries) => {
                let open = entries
                    .iter()
                    .map(|e| (e.key.value.as_str(), Self::open(&e.value)));
                Self::Map(open.collect())
            }
            Value::List(items) => Self::List(items.iter().map(Self::open).collect()),
            Value::Null | Value::Scalar(_) => Self::One(node),
        }
    }

    /// What stands at a key, an empty map where there is nothing.
    pub(crate) fn at(&mut self, key: &'a str) -> &mut Self {
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(Vec::new());
        }
        let Self::Map(entries) = self else {
            unreachable!("it is a map now")
        };
        let place = entries.iter().position(|(own, _)| *own == key);
        let place = place.unwrap_or_else(|| {
            entries.push((key, Self::Map(Vec::new())));
            entries.len() - 1
        });
        &mut entries[place].1
    }

    /// Lays a tree over this one.
    pub(crate) fn lay(&mut self, above: &'a Node) {
        match above.entries() {
            Some(entries) => {
                for entry in entries {
                    self.at(&entry.key.value).lay(&entry.value);
                }
            }
            None => *self = Self::open(above),
        }
    }

    /// YAML in one line. A word stays as it was written, so that `0755` stays that.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::One(node) => match &node.value {
                Value::Scalar(scalar) => {
                    let is_simple = |c: char| c.is_ascii_alphanumeric() || "_./+-".contains(c);
                    match scalar.plain && scalar.text.chars().all(is_simple) {
                        true => scalar.text.clone(),
                        false => serde_json::Value::from(scalar.text.as_str()).to_string(),
                    }
                }
                _ => "null".to_owned(),
            },
            Self::Map(entries) => {
                let key = |key: &str| serde_json::Value::from(key).to_string();
                let entry =
                    |(name, value): &(&str, Self)| format!("{}: {}", key(name), value.text());
                format!(
                    "{{ {} }}",
                    entries.iter().map(entry).collect::<Vec<_>>().join(", ")
                )
            }
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::text).collect();
                format!("[{}]", items.join(", "))
            }
        }
    }
}
