//! JSON documents: paths to values or rules.

mod differ;
mod document;
pub mod halves;
mod meant;
mod number;

use serde_json::{Value as Json, json};
use serde_json_path::JsonPath;

use number::Exact;

use super::bound::Bound;
use super::texts::TextMatch;
use super::{Miss, listed, quote};
use crate::text::cut::cut;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Span;
use crate::text::tree::{Entry, Node};

/// What is expected of the values of one document, path by path.
#[derive(Debug, Clone)]
pub struct JsonMatch {
    span: Span,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    span: Span,
    path: JsonPath,
    /// The path as the suite writes it.
    written: String,
    expected: Expected,
}

#[derive(Debug, Clone)]
enum Expected {
    Value(Json),
    Number(Bound<Exact>),
    Text(TextMatch),
    Holds(Vec<Json>),
    OneOf(Vec<Json>),
    Not(Box<Expected>),
}

const NUMBER: [&str; 4] = ["below", "above", "at_most", "at_least"];
const TEXT: [&str; 7] = [
    "equals",
    "contains",
    "matches",
    "starts_with",
    "ends_with",
    "one_of",
    "not",
];

impl Read for JsonMatch {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let entries = node.entries().filter(|e| !e.is_empty());
        let Some(entries) = entries else {
            return reader.wrong(
                node,
                "a map of JSONPath to value, such as `{ \"$.status\": ok }`",
            );
        };
        let rules: Vec<Option<Rule>> = entries.iter().map(|e| rule(e, reader)).collect();
        let rules = rules.into_iter().collect::<Option<_>>()?;
        Some(Self {
            span: node.span,
            rules,
        })
    }

    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": "object", "minProperties": 1, "patternProperties": { "^\\$": true }, "additionalProperties": false })
    }
}

fn rule(entry: &Entry, reader: &mut Reader) -> Option<Rule> {
    let path = match JsonPath::parse(&entry.key.value) {
        Ok(path) => path,
        Err(error) => {
            let why = match error.message() {
                "parser error" => String::new(),
                why => format!(": {why}"),
            };
            let message = format!("`{}` is not a JSONPath{why}", entry.key.value);
            let help = meant::path(&entry.key.value);
            reader.say(entry.key.span, message).help(help);
            return None;
        }
    };
    if !number::fits(&entry.value, reader) {
        return None;
    }
    let expected = expected(&entry.value, reader)?;
    Some(Rule {
        span: entry.value.span,
        path,
        written: entry.key.value.clone(),
        expected,
    })
}

fn expected(node: &Node, reader: &mut Reader) -> Option<Expected> {
    let keys: Vec<&str> = node
        .entries()
        .unwrap_or(&[])
        .iter()
        .map(|e| e.key.value.as_str())
        .collect();
    let all = |words: &[&str]| !keys.is_empty() && keys.iter().all(|k| words.contains(k));
    // By themselves these are about values of any kind, together with others about numbers or texts.
    if let [only @ ("equals" | "contains" | "not" | "one_of")] = keys.as_slice()
        && let Some(inner) = node.get(only)
    {
        return match (*only, inner.items()) {
            ("equals", _) => Some(Expected::Value(inner.json())),
            ("not", _) => Some(Expected::Not(Box::new(expected(inner, reader)?))),
            ("contains", None) => Some(Expected::Holds(vec![inner.json()])),
            (_, None | Some([])) => reader.wrong(inner, "a list of values"),
            ("contains", Some(items)) => {
                Some(Expected::Holds(items.iter().map(Node::json).collect()))
            }
            (_, Some(items)) => Some(Expected::OneOf(items.iter().map(Node::json).collect())),
        };
    }
    let bounds = keys.iter().any(|key| NUMBER.contains(key));
    if bounds && all(&["below", "above", "at_most", "at_least", "not", "one_of"]) {
        return Bound::read(node, reader).map(Expected::Number);
    }
    if all(&TEXT) {
        return TextMatch::read(node, reader).map(Expected::Text);
    }
    meant::is_value(node, reader).then(|| Expected::Value(node.json()))
}

impl JsonMatch {
    /// Where the map stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Every path whose value is not as expected, with the place that says so.
    pub fn misses(&self, document: &Json) -> Vec<(Span, Miss)> {
        self.rules
            .iter()
            .filter_map(|rule| rule.miss(document).map(|miss| (rule.span, miss)))
            .collect()
    }

    /// As [`misses`](Self::misses), of a text that may not be JSON at all.
    pub fn misses_in(&self, text: &str) -> Vec<(Span, Miss)> {
        match document::parse(text) {
            Ok(document) => self.misses(&document),
            Err(error) => {
                let why = match text.strip_prefix('\u{feff}') {
                    Some(rest) => format!(
                        "{} behind a byte order mark, with which no JSON begins: leave it out of what is written",
                        quote(rest)
                    ),
                    None => {
                        let at = document::place(text, &error);
                        format!("{} ({error})", super::texts::differ::holding(text, at, 1))
                    }
                };
                self.rules
                    .first()
                    .map(|rule| (rule.span, Miss::new("JSON", why)))
                    .into_iter()
                    .collect()
            }
        }
    }
}

impl Rule {
    fn miss(&self, document: &Json) -> Option<Miss> {
        let selected = self.path.query_located(document).all();
        let expected = format!("{} {}", self.path, self.expected.words());
        if selected.is_empty() {
            let near = differ::nearest(&self.written, document);
            return Some(Miss::new(
                expected,
                format!("{} selects nothing{near}", self.path),
            ));
        }
        let several = selected.len() > 1;
        let bad = selected
            .into_iter()
            .find(|found| !self.expected.holds(found.node()))?;
        let actual = short(bad.node());
        let mut miss = match several {
            true => Miss::new(expected, format!("{actual} at {}", bad.location())),
            false => Miss::new(expected, actual),
        };
        match (&self.expected, bad.node()) {
            (Expected::Value(Json::String(wanted)), Json::String(text)) => {
                miss.diff = differ_texts(wanted, text);
            }
            (Expected::Value(wanted), found) => {
                let path = match several {
                    true => bad.location().to_string(),
                    false => self.written.clone(),
                };
                miss.diff = differ::within(&path, wanted, found, &same);
            }
            (Expected::Text(rule), Json::String(text)) => {
                if let Some(of_text) = rule.miss(text) {
                    (miss.actual, miss.diff) = (of_text.actual, of_text.diff);
                }
            }
            _ => {}
        }
        Some(miss)
    }
}

/// The difference of two texts that are too long to be shown side by side.
fn differ_texts(wanted: &str, text: &str) -> Option<String> {
    super::texts::differ::unequal(wanted, text).diff
}

/// A value in one line, cut where it is long.
fn short(value: &Json) -> String {
    cut(&value.to_string(), 200)
}

impl Expected {
    fn words(&self) -> String {
        match self {
            Self::Value(value) => format!("is {}", short(value)),
            Self::Number(bound) => format!("is {}", bound.expected()),
            Self::Text(rule) => {
                let words = rule.expected();
                let verbs = ["containing", "matching", "starting", "ending"];
                match verbs.iter().any(|verb| words.starts_with(verb)) {
                    true => words,
                    false => format!("is {words}"),
                }
            }
            Self::Holds(values) => {
                let words: Vec<String> = values.iter().map(short).collect();
                format!("containing {}", listed(&words, "and"))
            }
            Self::OneOf(values) => {
                let words: Vec<String> = values.iter().map(short).collect();
                format!("is {}", listed(&words, "or"))
            }
            Self::Not(other) => {
                let words = other.words();
                match words.strip_prefix("is ") {
                    Some(is) => format!("is not {is}"),
                    None => format!("not {words}"),
                }
            }
        }
    }

    fn holds(&self, actual: &Json) -> bool {
        match (self, actual) {
            (Self::Value(expected), _) => same(expected, actual),
            (Self::OneOf(values), _) => values.iter().any(|value| same(value, actual)),
            (Self::Not(other), _) => !other.holds(actual),
            (Self::Number(bound), Json::Number(number)) => {
                Exact::of(number).is_some_and(|number| bound.holds(&number))
            }
            (Self::Text(rule), Json::String(text)) => rule.holds(text),
            (Self::Text(rule), Json::Number(_) | Json::Bool(_)) => rule.holds(&actual.to_string()),
            (Self::Holds(values), Json::Array(items)) => values
                .iter()
                .all(|v| items.iter().any(|item| same(v, item))),
            (Self::Holds(values), Json::String(text)) => values.iter().all(|v| {
                v.as_str()
                    .map_or_else(|| text.contains(&v.to_string()), |v| text.contains(v))
            }),
            (Self::Holds(values), Json::Object(object)) => values
                .iter()
                .all(|v| v.as_str().is_some_and(|v| object.contains_key(v))),
            _ => false,
        }
    }
}

/// Equal, numbers by value: 1 and 1.0 are the same.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => Exact::of(x) == Exact::of(y),
        (Json::Array(x), Json::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y))
        }
        (Json::Object(x), Json::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, x)| y.get(k).is_some_and(|y| same(x, y)))
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn misses(rules: &str, document: &Json) -> Vec<Miss> {
        let node = yaml::parse(FileId(0), rules).0.unwrap();
        let mut reader = Reader::default();
        let rules = JsonMatch::read(&node, &mut reader).unwrap();
        rules
            .misses(document)
            .into_iter()
            .map(|(_, miss)| miss)
            .collect()
    }

    #[test]
    fn values_and_rules_at_paths() {
        let document = json!({ "status": "ok", "n": 3, "s": "1", "none": null, "tags": ["a", "b"], "on": true, "o": { "x": 1 } });
        for good in [
            "{ $.status: ok, $.n: 3, $.on: true }",
            "{ $.n: { above: 2, below: 4 } }",
            "{ $.n: { not: 4 } }",
            "{ $.n: 3.0 }",
            "{ $.status: { matches: '^o' } }",
            "{ $.tags: { contains: a } }",
            "{ $.tags: [a, b] }",
            "{ $.o: { x: 1 } }",
            "{ '$.tags[*]': { one_of: [a, b] } }",
            "{ $.n: { one_of: [1, 3.0] } }",
            "{ $.s: { not: 1 }, $.n: { not: '3' }, $.none: { not: 0 }, $.on: { not: null } }",
            "{ $.tags: { not: a }, $.status: { not: { contains: c } }, $.o: { not: { x: 2 } } }",
            "{ $.tags: { not: { contains: c } } }",
        ] {
            assert_eq!(misses(good, &document), [], "{good}");
        }
        for bad in [
            "{ $.s: { one_of: [1, 2] } }",
            "{ $.none: { not: null } }",
            "{ $.tags: { not: { contains: a } } }",
            "{ $.tags: { not: [a, b] } }",
            "{ $.o: { not: { x: 1.0 } } }",
            "{ $.on: { not: true } }",
            "{ $.status: down }",
            "{ $.n: '3' }",
            "{ $.n: { above: 3 } }",
            "{ $.n: { not: 3 } }",
            "{ $.nowhere: 1 }",
            "{ $.tags: [a] }",
            "{ $.tags: { contains: c } }",
            "{ $.o: { x: 2 } }",
            "{ '$.tags[*]': a }",
            "{ $.status: { not: ok } }",
        ] {
            assert_eq!(misses(bad, &document).len(), 1, "{bad}");
        }
    }

    #[test]
    fn large_whole_numbers_are_not_rounded() {
        let document: Json =
            serde_json::from_str("{ \"n\": 9007199254740993, \"u\": 18446744073709551615 }")
                .unwrap();
        for good in [
            "{ $.n: 9007199254740993, $.u: 18446744073709551615 }",
            "{ $.n: { above: 9007199254740992, below: 9007199254740994 } }",
            "{ $.n: { not: 9007199254740992 } }",
        ] {
            assert_eq!(misses(good, &document), [], "{good}");
        }
        for bad in [
            "{ $.n: 9007199254740992 }",
            "{ $.n: { at_most: 9007199254740992 } }",
            "{ $.u: 18446744073709551614 }",
            "{ $.u: { below: 18446744073709551615 } }",
        ] {
            assert_eq!(misses(bad, &document).len(), 1, "{bad}");
        }
    }

    #[test]
    fn a_whole_number_that_would_be_rounded_is_refused() {
        for rules in [
            "{ $.n: 18446744073709551616 }",
            "{ $.n: -9223372036854775809 }",
            "{ $.n: { below: 18446744073709551616 } }",
            "{ $.n: [1, { a: 99999999999999999999 }] }",
        ] {
            let node = yaml::parse(FileId(0), rules).0.unwrap();
            let mut reader = Reader::default();
            assert!(JsonMatch::read(&node, &mut reader).is_none(), "{rules}");
            let said = &reader.diagnostics[0].message;
            assert!(said.contains("more than 64 bits"), "{rules}: {said}");
        }
        for rules in [
            "{ $.n: 1e400 }",
            "{ $.n: { above: -1e400 } }",
            "{ $.n: { not: 1e400 } }",
        ] {
            let said = crate::text::read::said::<JsonMatch>(rules).unwrap_or_default();
            assert!(said.contains("1e400 is more than"), "{rules}: {said}");
        }
        let document = json!({ "n": "18446744073709551616", "r": 1e300 });
        let good = "{ $.n: '18446744073709551616', $.r: { above: 1e20 } }";
        assert_eq!(misses(good, &document), []);
    }

    #[test]
    fn what_is_no_json_is_shown_where_it_is_none() {
        let node = yaml::parse(FileId(0), "{ $.a: 1 }").0.unwrap();
        let rules = JsonMatch::read(&node, &mut Reader::default()).unwrap();
        let said = |text: &str| rules.misses_in(text).remove(0).1.actual;
        let short = said("{ \"a\": 1e400 }");
        assert!(short.contains("out of range at line 1 column"), "{short}");
        let long = format!(
            "{{ \"x\": \"{}\",\n\"a\": 1e400, \"b\": 2 }}",
            "y".repeat(500)
        );
        let long = said(&long);
        assert!(
            long.starts_with("line 2: …\"") && long.contains("1e400"),
            "{long}"
        );
    }

    #[test]
    fn a_byte_order_mark_is_called_by_its_name() {
        let node = yaml::parse(FileId(0), "{ $.a: 1 }").0.unwrap();
        let rules = JsonMatch::read(&node, &mut Reader::default()).unwrap();
        let said = rules.misses_in("\u{feff}{\"a\": 1}").remove(0).1.actual;
        assert!(said.contains("byte order mark"), "{said}");
        assert_eq!(rules.misses_in("{\"a\": 1}"), []);
    }

    #[test]
    fn a_miss_names_the_path() {
        let miss = misses("{ $.a: 1 }", &json!({ "b": 2 })).remove(0);
        assert_eq!(miss.expected, "$.a is 1");
        assert_eq!(miss.actual, "$.a selects nothing; $ has `b`");
        let said =
            |rule: &str| misses(rule, &json!({ "l": [{ "n": "x" }, { "n": "y" }] })).remove(0);
        let several = said("{ '$.l[*].n': x }");
        assert_eq!(several.actual, "\"y\" at $['l'][1]['n']");
        let within = said("{ $.l: [{ n: x }, { n: z, m: 1 }] }");
        let diff =
            "-$.l[1].n is \"z\"\n+$.l[1].n is \"y\"\n-$.l[1].m is 1\n+$.l[1].m is not there\n";
        assert_eq!(within.diff.unwrap(), diff);
    }
}
