//! JSON in which no name stands twice: of two values readers take the first, the last, or something of both.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

/// The reader; whether a large letter is the same as a small one for it.
#[derive(Clone, Copy)]
struct Single {
    folds: bool,
}

/// What a text holds. With `folds` names that differ only in large and small letters are the same.
pub(super) fn read(text: &[u8], folds: bool) -> serde_json::Result<Json> {
    let mut from = serde_json::Deserializer::from_slice(text);
    let value = Single { folds }.deserialize(&mut from)?;
    from.end()?;
    Ok(value)
}

/// A name as those take it who tell no large letter from a small one.
pub(super) fn folded(name: &str) -> String {
    name.to_uppercase().to_lowercase()
}

impl<'de> DeserializeSeed<'de> for Single {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Single {
    type Value = Json;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = from.next_element_seed(self)? {
            all.push(one);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let (mut all, mut seen) = (Map::new(), BTreeSet::new());
        while let Some(name) = from.next_key::<String>()? {
            let own = if self.folds {
                folded(&name)
            } else {
                name.clone()
            };
            if !seen.insert(own) {
                return Err(A::Error::custom(format!("`{name}` stands in it twice")));
            }
            all.insert(name, from.next_value_seed(self)?);
        }
        Ok(all.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_stands_twice_is_refused_wherever_it_stands() {
        let plain = r#"{"a":[1,-2,0.5,"x",null,true,{"b":{}}],"c":{"a":1}}"#;
        let whole: Json = serde_json::from_str(plain).unwrap();
        assert_eq!(read(plain.as_bytes(), true).unwrap(), whole);
        for (text, folds) in [
            (r#"{"a":1,"a":1}"#, false),
            (r#"[{"x":{"b":1,"c":2,"b":3}}]"#, false),
            (r#"{"a":1,"\u0061":1}"#, false),
            (r#"{"Tags":1,"tags":1}"#, true),
            ("{\"Tags\":1,\"Tag\u{17f}\":1}", true),
        ] {
            let why = read(text.as_bytes(), folds).unwrap_err().to_string();
            assert!(why.contains("stands in it twice"), "{text}: {why}");
        }
        assert!(read(br#"{"Tags":1,"tags":1}"#, false).is_ok());
        assert!(read(b"{} {}", false).is_err());
        let deep = "[".repeat(100_000);
        assert!(read(deep.as_bytes(), false).is_err());
    }
}
