//! A text read as one JSON document, without a name that stands twice in one object: readers differ in
//! which of the values they take, so nothing that is said of either would be true for all of them.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::halves::paired;
use super::quote;

pub(super) fn parse(text: &str) -> Result<Json, serde_json::Error> {
    let text = paired(text);
    let document = serde_json::from_str(&text)?;
    serde_json::from_str::<Unique>(&text)?;
    Ok(document)
}

/// The byte at which a text is no JSON.
pub(super) fn place(text: &str, error: &serde_json::Error) -> usize {
    let before = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1));
    let line: usize = before.map(str::len).sum();
    (line + error.column().saturating_sub(1)).min(text.len())
}

/// Any value whose objects hold each name once.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Names)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Unique;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if let Some(name) = names.replace(name) {
                let what = format!(
                    "the name {} stands twice in one object, and readers differ in which they take",
                    quote(&name)
                );
                return Err(A::Error::custom(what));
            }
            map.next_value::<Unique>()?;
        }
        Ok(Unique)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        while items.next_element::<Unique>()?.is_some() {}
        Ok(Unique)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unique, E> {
        Ok(Unique)
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_stands_twice_is_told_with_its_place() {
        for (text, place) in [
            (r#"{ "a": 1, "a": 2 }"#, "line 1 column 13"),
            (r#"[0, { "o": { "a": 1, "a": 1 } }]"#, "line 1 column 24"),
            (r#"{ "a": 1, "\u0061": 2 }"#, "line 1 column 18"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            let wanted = "the name \"a\" stands twice in one object";
            assert!(
                error.starts_with(wanted) && error.contains(place),
                "{error}"
            );
        }
    }

    #[test]
    fn half_of_a_pair_is_read_as_other_tools_do() {
        let text = r#"{ "cut": "a\ud83d", "whole": "\ud83d\ude00" }"#;
        let document = parse(text).unwrap();
        let texts = [&document["cut"], &document["whole"]];
        assert_eq!(texts, ["a\u{fffd}", "😀"]);
    }

    #[test]
    fn the_same_name_in_several_objects_is_none() {
        let text = r#"{ "a": { "a": [{ "a": -1 }, { "a": 1e3 }, null, true, 1.5, "x"] } }"#;
        assert_eq!(parse(text).unwrap()["a"]["a"][1]["a"], 1e3);
    }
}
