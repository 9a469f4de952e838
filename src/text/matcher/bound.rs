//! Numbers, sizes and times: equal to a scalar, or within bounds.

use std::cmp::Ordering;
use std::fmt::Display;

use serde_json::{Value as Json, json};

use super::{Miss, elsewhere};
use crate::text::measured::Measured;
use crate::text::read::{Fields, Read, Reader, Several};
use crate::text::schema::{Key, Schemas};
use crate::text::tree::Node;

/// What is expected of something that can be compared.
#[derive(Debug, Clone)]
pub struct Bound<T> {
    equals: Option<T>,
    below: Option<T>,
    above: Option<T>,
    at_most: Option<T>,
    at_least: Option<T>,
    one_of: Vec<T>,
    not: Option<T>,
}

const KEYS: [&str; 6] = ["below", "above", "at_most", "at_least", "not", "one_of"];
/// Those that take one value.
const SINGLE: [&str; 5] = ["below", "above", "at_most", "at_least", "not"];
const ABOUT: [&str; 5] = [
    "Less than this.",
    "More than this.",
    "This or less.",
    "This or more.",
    "Anything but this.",
];

impl<T: PartialOrd + Display> Bound<T> {
    /// Equal to `value`.
    pub fn exactly(value: T) -> Self {
        Self {
            equals: Some(value),
            below: None,
            above: None,
            at_most: None,
            at_least: None,
            one_of: Vec::new(),
            not: None,
        }
    }

    /// The one value that is expected, where there is one.
    pub fn equal_to(&self) -> Option<&T> {
        self.equals.as_ref()
    }

    /// The only value that is ruled out, where one is.
    pub fn other_than(&self) -> Option<&T> {
        self.not.as_ref()
    }

    /// Whether the value is as expected.
    pub fn holds(&self, actual: &T) -> bool {
        let test = |bound: &Option<T>, ok: fn(&T, &T) -> bool| {
            bound.as_ref().is_none_or(|b| ok(actual, b))
        };
        test(&self.equals, |a, b| a == b)
            && test(&self.below, |a, b| a < b)
            && test(&self.above, |a, b| a > b)
            && test(&self.at_most, |a, b| a <= b)
            && test(&self.at_least, |a, b| a >= b)
            && test(&self.not, |a, b| a != b)
            && (self.one_of.is_empty() || self.one_of.contains(actual))
    }

    /// Why the value is not as expected.
    pub fn miss(&self, actual: &T) -> Option<Miss> {
        (!self.holds(actual)).then(|| Miss::new(self.expected(), actual.to_string()))
    }

    /// What is expected, in words.
    pub fn expected(&self) -> String {
        let bounds = [
            ("", &self.equals),
            ("below ", &self.below),
            ("above ", &self.above),
            ("at most ", &self.at_most),
            ("at least ", &self.at_least),
            ("not ", &self.not),
        ];
        let mut said: Vec<String> = bounds
            .iter()
            .filter_map(|(word, b)| b.as_ref().map(|b| format!("{word}{b}")))
            .collect();
        if !self.one_of.is_empty() {
            let all: Vec<String> = self.one_of.iter().map(ToString::to_string).collect();
            said.push(super::listed(&all, "or"));
        }
        super::listed(&said, "and")
    }
}

impl<T: Measured> Bound<T> {
    /// Why nothing at all is as this says, and what may be meant; `node` is where it says so.
    fn never(&self, node: &Node) -> Option<(String, String)> {
        let written = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default();
        if let (Some(below), Some(least)) = (&self.below, T::least())
            && *below <= least
        {
            let help = format!("`at_most: {}` takes the bound itself", written("below"));
            return Some((format!("nothing is below {below}"), help));
        }
        let lower = [("at_least", &self.at_least), ("above", &self.above)];
        let upper = [("below", &self.below), ("at_most", &self.at_most)];
        for (from, low) in lower {
            for (to, high) in upper {
                let (Some(low), Some(high)) = (low, high) else {
                    continue;
                };
                let open = (from == "above", to == "below");
                let is_empty = match low.partial_cmp(high) {
                    Some(Ordering::Greater) => true,
                    Some(Ordering::Equal) => open.0 || open.1,
                    Some(Ordering::Less) => open.0 && open.1 && low.borders(high),
                    None => false,
                };
                if is_empty {
                    let words = |key: &str| key.replace('_', " ");
                    let message =
                        format!("nothing is {} {low} and {} {high}", words(from), words(to));
                    let help = match low > high {
                        true => format!(
                            "the other way round it is `{{ {from}: {}, {to}: {} }}`",
                            written(to),
                            written(from)
                        ),
                        false => "`at_least` and `at_most` take the bound itself too".to_owned(),
                    };
                    return Some((message, help));
                }
            }
        }
        let others = Self {
            one_of: Vec::new(),
            ..self.clone()
        };
        if !self.one_of.is_empty() && !self.one_of.iter().any(|one| others.holds(one)) {
            let message = "none of `one_of` is as the keys beside it say".to_owned();
            return Some((message, "leave one of the two out".to_owned()));
        }
        let single = self
            .at_least
            .as_ref()
            .filter(|low| self.at_most.as_ref() == Some(*low));
        single
            .filter(|single| self.not.as_ref() == Some(*single))
            .map(|single| {
                let message = format!("this leaves {single} alone, and `not` rules that out");
                (message, "leave `not` out, or widen the bounds".to_owned())
            })
    }
}

/// What to write in place of a key that bounds do not have.
fn instead(key: &str) -> Option<String> {
    match super::ours(key).unwrap_or(key) {
        "equals" => {
            Some("a value by itself is the one that is expected: leave the braces out".to_owned())
        }
        _ => elsewhere(key, &KEYS),
    }
}

/// Says so where a number is hardly meant as it stands.
fn is_meant<T: Measured>(node: &Node, reader: &mut Reader) -> bool {
    let single = std::slice::from_ref(node);
    let values: Vec<&Node> = match (node.entries(), node.items()) {
        (Some(entries), _) => entries.iter().map(|entry| &entry.value).collect(),
        (None, items) => items.unwrap_or(single).iter().collect(),
    };
    let mut is_meant = true;
    for value in values {
        if value.items().is_some() {
            is_meant &= self::is_meant::<T>(value, reader);
        } else if let Some((written, help)) = value
            .text()
            .and_then(|text| Some((text, T::hardly_meant(text)?)))
        {
            let said = reader.say(
                value.span,
                format!("this is {written} bytes, which is hardly meant"),
            );
            said.help(help);
            is_meant = false;
        }
    }
    is_meant
}

impl<T: Measured> Read for Bound<T> {
    fn keys() -> &'static [&'static str] {
        &KEYS
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        const ONE: &str = "a value, or bounds such as `{ below: … }`";
        if let Some(items) = node.items() {
            reader.wrong::<()>(node, ONE);
            let texts: Vec<&str> = items.iter().filter_map(Node::text).collect();
            if let Some(said) = reader.diagnostics.last_mut().filter(|_| !texts.is_empty()) {
                said.help(format!(
                    "where several will do: `{{ one_of: [{}] }}`",
                    texts.join(", ")
                ));
            }
            return None;
        }
        let Some(entries) = node.entries() else {
            let value = T::read(node, reader)?;
            return is_meant::<T>(node, reader).then(|| Self::exactly(value));
        };
        if entries.is_empty() {
            return reader.wrong(node, ONE);
        }
        let said = reader.diagnostics.len();
        let fields = Fields::open(node, &KEYS, reader)?;
        fields.instead(said, instead, reader);
        let [below, above, at_most, at_least, not] =
            SINGLE.map(|key| fields.take::<Option<T>>(key, reader));
        let one_of = fields.take::<Several<T>>("one_of", reader);
        let read = Self {
            equals: None,
            below: below?,
            above: above?,
            at_most: at_most?,
            at_least: at_least?,
            one_of: one_of?.0,
            not: not?,
        };
        if let Some((why, help)) = read.never(node) {
            reader.say(node.span, why).help(help);
            return None;
        }
        is_meant::<T>(node, reader).then_some(read)
    }

    fn schema(schemas: &mut Schemas) -> Json {
        let one = T::schema(schemas);
        let key = |(name, about)| Key {
            name,
            about,
            schema: one.clone(),
            required: false,
        };
        let mut keys: Vec<Key> = SINGLE.into_iter().zip(ABOUT).map(key).collect();
        keys.push(Key {
            name: "one_of",
            about: "Equal to one of these.",
            schema: Several::<T>::schema(schemas),
            required: false,
        });
        json!({ "anyOf": [one, Schemas::object(keys)] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read::said;
    use crate::text::source::FileId;
    use crate::text::units::{Bulk, Bytes, Memory, Time};
    use crate::text::yaml;

    fn bound(text: &str) -> Bound<Bytes> {
        let node = yaml::parse(FileId(0), text).0.unwrap();
        Bound::read(&node, &mut Reader::default()).unwrap()
    }

    #[test]
    fn all_bounds_must_hold_and_are_named() {
        let both = bound("{ at_least: 1MB, below: 2MB }");
        assert!(
            both.holds(&Bytes(1_000_000))
                && !both.holds(&Bytes(2_000_000))
                && !both.holds(&Bytes(1))
        );
        let miss = both.miss(&Bytes(3_000_000)).unwrap();
        assert_eq!(
            (miss.expected.as_str(), miss.actual.as_str()),
            ("below 2 MB and at least 1 MB", "3 MB")
        );
        assert!(bound("5").holds(&Bytes(5)) && !bound("5").holds(&Bytes(6)));
        assert!(!bound("{ not: 5 }").holds(&Bytes(5)));
        assert!(bound("{ above: 5, at_most: 6 }").holds(&Bytes(6)));
    }

    #[test]
    fn one_of_several_will_do() {
        let some = bound("{ one_of: [5, 7B], not: 7 }");
        assert!(some.holds(&Bytes(5)) && !some.holds(&Bytes(6)) && !some.holds(&Bytes(7)));
        let miss = bound("{ one_of: [5, 7, 9] }").miss(&Bytes(6)).unwrap();
        assert_eq!(miss.expected, "5 B, 7 B or 9 B");
        let help = said::<Bound<u16>>("[200, 204]").unwrap();
        assert!(help.ends_with("`{ one_of: [200, 204] }`"), "{help}");
        assert!(
            said::<Bound<u16>>("{ one_of: [] }")
                .unwrap()
                .contains("at least one")
        );
    }

    #[test]
    fn bounds_that_nothing_keeps_are_refused() {
        for (rule, why) in [
            (
                "{ at_least: 5, below: 3 }",
                "at least 5 and below 3 | the other way round it is `{ at_least: 3, below: 5 }`",
            ),
            (
                "{ above: 5, at_most: 5 }",
                "above 5 and at most 5 | `at_least` and",
            ),
            (
                "{ above: 5, below: 6 }",
                "above 5 and below 6 | `at_least` and",
            ),
            (
                "{ below: 0 }",
                "nothing is below 0 | `at_most: 0` takes the bound itself",
            ),
            ("{ at_least: 4, at_most: 4, not: 4 }", "leaves 4 alone"),
            ("{ one_of: [1, 2], above: 2 }", "none of `one_of`"),
        ] {
            let said = said::<Bound<u32>>(rule).unwrap();
            assert!(said.contains(why), "{rule}: {said}");
        }
        let time = said::<Bound<Time>>("{ at_least: 1m30s, below: 1s }").unwrap();
        assert!(time.contains("at least 1 min 30 s and below 1 s"), "{time}");
        assert!(time.contains("`{ at_least: 1s, below: 1m30s }`"), "{time}");
        for fine in [
            "{ above: 5, below: 7 }",
            "{ at_least: 5, at_most: 5 }",
            "{ at_most: 0 }",
            "{ below: 1 }",
        ] {
            assert_eq!(said::<Bound<u32>>(fine), None, "{fine}");
        }
        assert_eq!(said::<Bound<i64>>("{ below: 0 }"), None);
        assert_eq!(said::<Bound<Time>>("{ above: 1s, below: 2s }"), None);
    }

    #[test]
    fn a_size_of_few_bytes_is_hardly_meant_where_all_are_large() {
        for (rule, help) in [
            (
                "{ below: 150 }",
                "this is 150 bytes, which is hardly meant | give it a unit: `150MB`, or `150B`",
            ),
            ("512", "`512MB`"),
            ("{ one_of: [1.5, 2GB] }", "`1.5MB`"),
        ] {
            for said in [said::<Bound<Bulk>>(rule), said::<Bound<Memory>>(rule)] {
                assert!(
                    said.as_ref().is_some_and(|said| said.contains(help)),
                    "{said:?}"
                );
            }
        }
        for fine in [
            "{ above: 0 }",
            "{ below: 150B }",
            "300000000",
            "{ at_most: 1000000 }",
        ] {
            assert_eq!(said::<Bound<Bulk>>(fine), None, "{fine}");
        }
        assert_eq!(said::<Bound<Bytes>>("{ below: 150 }"), None);
    }

    #[test]
    fn words_of_other_tools_are_told_in_ours() {
        for (rule, help) in [
            ("{ min: 3 }", "did you mean `at_least`?"),
            ("{ gt: 3 }", "did you mean `above`?"),
            ("{ bellow: 3 }", "did you mean `below`?"),
            ("{ equals: 3 }", "by itself"),
            ("{ eq: 3 }", "by itself"),
        ] {
            let node = yaml::parse(FileId(0), rule).0.unwrap();
            let mut reader = Reader::default();
            Bound::<u32>::read(&node, &mut reader);
            let said = reader.diagnostics[0].help.concat();
            assert!(said.contains(help), "{rule}: {said}");
        }
    }
}
