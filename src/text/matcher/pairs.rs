//! Maps of names to texts, such as variables and labels.

use serde_json::{Value as Json, json};

use super::names::Names;
use super::texts::TextMatch;
use super::{Miss, quote};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::{Entry, Node, Value};

/// What is expected of a map of names to texts.
#[derive(Debug, Clone)]
pub enum PairsMatch {
    /// Of the names alone.
    Names(Spanned<Names<String>>),
    /// Of the text of each of these names; `None` where the name must not be there.
    Each(Vec<(Spanned<String>, Option<TextMatch>)>),
}

impl Read for PairsMatch {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match &node.value {
            Value::List(_) => Spanned::read(node, reader).map(Self::Names),
            Value::Map(entries) if entries.iter().any(is_names_rule) => {
                Spanned::read(node, reader).map(Self::Names)
            }
            Value::Map(entries) if !entries.is_empty() => {
                let read: Vec<Option<_>> = entries.iter().map(|e| pair(e, reader)).collect();
                read.into_iter().collect::<Option<_>>().map(Self::Each)
            }
            _ => reader.wrong(
                node,
                "a map of name to text, a list of names, or `{ only: […] }` or `{ without: […] }`",
            ),
        }
    }

    fn schema(schemas: &mut Schemas) -> Json {
        let names = Names::<String>::schema(schemas);
        let text = TextMatch::schema(schemas);
        let each = json!({ "type": "object", "minProperties": 1, "additionalProperties": { "anyOf": [text, { "type": "null" }] } });
        json!({ "anyOf": [names, each] })
    }
}

/// A name may be called `only` too, but no text is a list.
fn is_names_rule(entry: &Entry) -> bool {
    matches!(entry.key.value.as_str(), "only" | "without") && entry.value.items().is_some()
}

fn pair(entry: &Entry, reader: &mut Reader) -> Option<(Spanned<String>, Option<TextMatch>)> {
    let key = entry.key.clone();
    if entry.value.is_null() {
        return Some((key, None));
    }
    TextMatch::read(&entry.value, reader).map(|text| (key, Some(text)))
}

/// One pair that is not as expected, or one that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Where the expectation stands.
    pub span: Span,
    /// The name it is about; empty where it is about all names.
    pub name: String,
    /// Why it does not hold.
    pub miss: Option<Miss>,
    /// What was seen, in a few words.
    pub seen: String,
}

impl PairsMatch {
    /// Why a text of that name is one that `not` rules out, whatever stands beside it.
    pub fn excluded(&self, name: &str, text: &str) -> Option<Miss> {
        let Self::Each(pairs) = self else { return None };
        let (_, rule) = pairs.iter().find(|(known, _)| known.value == name)?;
        rule.as_ref()?.excluded(text)
    }

    /// Every expectation, and what came of it. Of two pairs of one name the first counts, as it
    /// does for a program that asks for it.
    pub fn judge(&self, actual: &[(&str, &str)]) -> Vec<Judged> {
        match self {
            Self::Names(names) => {
                let all: Vec<String> = actual.iter().map(|(n, _)| (*n).to_owned()).collect();
                vec![Judged {
                    span: names.span,
                    name: String::new(),
                    miss: names.value.miss(&all),
                    seen: format!("{} names", all.len()),
                }]
            }
            Self::Each(pairs) => pairs
                .iter()
                .map(|(name, expected)| {
                    let text = actual.iter().find(|(n, _)| *n == name.value);
                    let text = text.map(|(_, text)| *text);
                    Judged {
                        span: name.span,
                        name: name.value.clone(),
                        miss: miss(expected.as_ref(), text),
                        seen: text.map_or_else(|| "not set".to_owned(), quote),
                    }
                })
                .collect(),
        }
    }
}

fn miss(expected: Option<&TextMatch>, actual: Option<&str>) -> Option<Miss> {
    match (expected, actual) {
        (None, None) => None,
        (None, Some(text)) => Some(Miss::new("not set", quote(text))),
        (Some(expected), None) => Some(Miss::new(expected.expected(), "not set")),
        (Some(expected), Some(text)) => expected.miss(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn judge(rule: &str) -> Vec<(String, Option<Miss>)> {
        let node = yaml::parse(FileId(0), rule).0.unwrap();
        let rule = PairsMatch::read(&node, &mut Reader::default()).unwrap();
        let actual = [("A", "1"), ("only", "x"), ("A", "2")];
        rule.judge(&actual)
            .into_iter()
            .map(|j| (j.name, j.miss))
            .collect()
    }

    #[test]
    fn each_text_is_compared_and_null_is_absence() {
        let hold = "{ A: 1, B: null, only: { not: y } }";
        assert!(judge(hold).iter().all(|(_, miss)| miss.is_none()));
        let misses = judge("{ A: null, B: { contains: b }, only: y }");
        let said: Vec<(String, String)> = misses
            .into_iter()
            .map(|(name, miss)| (name, miss.unwrap()))
            .map(|(name, miss)| (name, format!("{} / {}", miss.expected, miss.actual)))
            .collect();
        let expected = [
            ("A", "not set / \"1\""),
            ("B", "containing \"b\" / not set"),
            ("only", "\"y\" / \"x\""),
        ];
        assert_eq!(said, expected.map(|(n, s)| (n.to_owned(), s.to_owned())));
    }

    #[test]
    fn names_alone_can_be_meant() {
        assert_eq!(judge("[A, only]")[0].1, None);
        assert!(judge("[B]")[0].1.is_some());
        assert!(judge("{ without: [A] }")[0].1.is_some());
        assert!(judge("{ only: [A] }")[0].1.is_some());
    }

    #[test]
    fn what_is_neither_is_refused() {
        for wrong in ["{}", "text", "[]", "{ A: [1] }", "{ A: {} }"] {
            let node = yaml::parse(FileId(0), wrong).0.unwrap();
            let mut reader = Reader::default();
            assert!(PairsMatch::read(&node, &mut reader).is_none(), "{wrong}");
            assert_eq!(reader.diagnostics.len(), 1, "{wrong}");
        }
    }
}
