//! Lists of names: contained, exact, or absent.

use std::fmt::Display;

use serde_json::{Value as Json, json};

use super::{Miss, listed};
use crate::text::read::{Fields, Read, Reader};
use crate::text::schema::{Key, Schemas};
use crate::text::tree::{Node, Value};

/// What is expected of a list of names.
#[derive(Debug, Clone)]
pub struct Names<T> {
    /// These are among them.
    pub holds: Vec<T>,
    /// These are all of them.
    pub only: Option<Vec<T>>,
    /// None of these is among them.
    pub without: Vec<T>,
}

impl<T: Read> Read for Names<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::List(items) if items.is_empty() => reader.wrong(
                node,
                "at least one name; `{ only: [] }` says that there are none",
            ),
            Value::List(_) => Vec::read(node, reader).map(|holds| Self {
                holds,
                only: None,
                without: Vec::new(),
            }),
            Value::Map(entries) if !entries.is_empty() => {
                let fields = Fields::open(node, &["only", "without"], reader)?;
                let only = fields.take::<Option<Vec<T>>>("only", reader);
                let without = fields.take::<Vec<T>>("without", reader);
                Some(Self {
                    holds: Vec::new(),
                    only: only?,
                    without: without?,
                })
            }
            _ => reader.wrong(node, "a list, or `{ only: […] }` or `{ without: […] }`"),
        }
    }

    fn schema(schemas: &mut Schemas) -> Json {
        let list = json!({ "type": "array", "items": T::schema(schemas) });
        let key = |name, about| Key {
            name,
            about,
            schema: list.clone(),
            required: false,
        };
        let object = Schemas::object(vec![
            key("only", "Exactly these, in any order."),
            key("without", "None of these."),
        ]);
        json!({ "anyOf": [list, object] })
    }
}

impl<T: Display + PartialEq> Names<T> {
    /// The same of the names as they are shown.
    pub fn shown(&self) -> Names<String> {
        let shown = |names: &[T]| names.iter().map(ToString::to_string).collect();
        Names {
            holds: shown(&self.holds),
            only: self.only.as_deref().map(shown),
            without: shown(&self.without),
        }
    }

    /// Why the names are not as expected.
    pub fn miss(&self, actual: &[T]) -> Option<Miss> {
        let words = |names: Vec<&T>| {
            names
                .into_iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        let lacking = |wanted: &[T]| -> Vec<String> {
            words(wanted.iter().filter(|n| !actual.contains(n)).collect())
        };
        let all = listed(&words(actual.iter().collect()), "and");
        let missing = lacking(&self.holds);
        if !missing.is_empty() {
            return Some(Miss::new(
                format!("{} among them", listed(&missing, "and")),
                all,
            ));
        }
        if let Some(only) = &self.only {
            let missing = lacking(only);
            let extra = words(actual.iter().filter(|n| !only.contains(n)).collect());
            let wanted = listed(&words(only.iter().collect()), "and");
            let mut miss = Miss::new(format!("exactly {wanted}"), all);
            match (missing.is_empty(), extra.is_empty()) {
                (true, true) => return self.present(actual),
                (false, true) => miss
                    .actual
                    .push_str(&format!(" (missing: {})", listed(&missing, "and"))),
                (true, false) => miss
                    .actual
                    .push_str(&format!(" (too many: {})", listed(&extra, "and"))),
                (false, false) => miss.actual.push_str(&format!(
                    " (missing: {}; too many: {})",
                    listed(&missing, "and"),
                    listed(&extra, "and")
                )),
            }
            return Some(miss);
        }
        self.present(actual)
    }

    fn present(&self, actual: &[T]) -> Option<Miss> {
        let present: Vec<String> = self
            .without
            .iter()
            .filter(|n| actual.contains(n))
            .map(ToString::to_string)
            .collect();
        (!present.is_empty()).then(|| {
            Miss::new(
                format!("no {}", listed(&present, "or")),
                format!("has {}", listed(&present, "and")),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn miss(rule: &str, actual: &[&str]) -> Option<Miss> {
        let node = yaml::parse(FileId(0), rule).0.unwrap();
        let names: Names<String> = Names::read(&node, &mut Reader::default()).unwrap();
        names.miss(&actual.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn contained_exact_and_absent() {
        assert_eq!(miss("[a]", &["b", "a"]), None);
        assert_eq!(
            miss("[a, c]", &["b", "a"]),
            Some(Miss::new("c among them", "b and a"))
        );
        assert_eq!(miss("{ only: [a, b] }", &["b", "a"]), None);
        assert_eq!(
            miss("{ only: [a, c] }", &["b", "a"]),
            Some(Miss::new(
                "exactly a and c",
                "b and a (missing: c; too many: b)"
            ))
        );
        assert_eq!(
            miss("{ only: [] }", &["b"]),
            Some(Miss::new("exactly nothing", "b (too many: b)"))
        );
        assert_eq!(miss("{ without: [c] }", &["b"]), None);
        assert_eq!(
            miss("{ without: [b] }", &["b"]),
            Some(Miss::new("no b", "has b"))
        );
    }

    #[test]
    fn what_contradicts_itself_holds_of_nothing() {
        let rule = "{ only: [a, b], without: [b] }";
        assert_eq!(miss(rule, &["a", "b"]), Some(Miss::new("no b", "has b")));
        assert_eq!(
            miss(rule, &["a"]),
            Some(Miss::new("exactly a and b", "a (missing: b)"))
        );
        assert_eq!(miss("{ only: [a], without: [b] }", &["a"]), None);
    }
}
