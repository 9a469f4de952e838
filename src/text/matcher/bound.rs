//! Numbers, sizes and times: equal to a scalar, or within bounds.

use std::fmt::Display;

use serde_json::{Value as Json, json};

use super::Miss;
use crate::text::read::{Fields, Read, Reader};
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
    not: Option<T>,
}

const KEYS: [&str; 5] = ["below", "above", "at_most", "at_least", "not"];
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
        let said: Vec<String> = bounds
            .iter()
            .filter_map(|(word, b)| b.as_ref().map(|b| format!("{word}{b}")))
            .collect();
        super::listed(&said, "and")
    }
}

impl<T: Read> Read for Bound<T> {
    fn keys() -> &'static [&'static str] {
        &KEYS
    }

    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let Some(entries) = node.entries() else {
            let equals = Some(T::read(node, reader)?);
            return Some(Self {
                equals,
                below: None,
                above: None,
                at_most: None,
                at_least: None,
                not: None,
            });
        };
        if entries.is_empty() {
            return reader.wrong(node, "a value, or bounds such as `{ below: … }`");
        }
        let fields = Fields::open(node, &KEYS, reader)?;
        let [below, above, at_most, at_least, not] =
            KEYS.map(|key| fields.take::<Option<T>>(key, reader));
        Some(Self {
            equals: None,
            below: below?,
            above: above?,
            at_most: at_most?,
            at_least: at_least?,
            not: not?,
        })
    }

    fn schema(schemas: &mut Schemas) -> Json {
        let one = T::schema(schemas);
        let key = |(name, about)| Key {
            name,
            about,
            schema: one.clone(),
            required: false,
        };
        let keys = KEYS.into_iter().zip(ABOUT).map(key).collect();
        json!({ "anyOf": [one, Schemas::object(keys)] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;
    use crate::text::units::Bytes;
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
}
