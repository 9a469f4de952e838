//! The JSON Schema of facts, to the level of their kinds.

use std::borrow::Cow;
use std::fmt::{self, Display};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde_json::{Value, json};

use super::Facts;
use crate::fact::answer::Fact;
use crate::fact::question::Question;

/// The names of an enum's variants, which serde tells to whoever names none of them.
#[derive(Debug, Default)]
struct Names(Vec<&'static str>);

impl Names {
    fn of<T: for<'de> Deserialize<'de>>() -> Vec<&'static str> {
        match T::deserialize(StrDeserializer::<Self>::new("?")) {
            Ok(_) => Vec::new(),
            Err(names) => names.0,
        }
    }
}

impl Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Names {}

impl serde::de::Error for Names {
    fn custom<T: Display>(_: T) -> Self {
        Self::default()
    }
    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected.to_vec())
    }
}

/// An object with one key, one of these.
fn one_of(names: &[&str]) -> Value {
    json!({ "type": "object", "propertyNames": { "enum": names }, "minProperties": 1, "maxProperties": 1 })
}

impl JsonSchema for Facts {
    fn schema_name() -> Cow<'static, str> {
        "Facts".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let (asked, seen) = (Names::of::<Question>(), Names::of::<Fact>());
        json_schema!({
            "description": "Facts by their keys, each once.",
            "type": "object",
            "additionalProperties": { "anyOf": [
                {
                    "description": "A question, and what came of it. Secrets are their names.",
                    "type": "object",
                    "required": ["question", "answer"],
                    "additionalProperties": false,
                    "properties": {
                        "question": { "anyOf": [{ "enum": asked }, one_of(&asked)] },
                        "answer": { "anyOf": [
                            {
                                "description": "What was seen.",
                                "type": "object",
                                "required": ["seen"],
                                "additionalProperties": false,
                                "properties": { "seen": one_of(&seen) },
                            },
                            {
                                "description": "The container had ended.",
                                "type": "object",
                                "required": ["ended"],
                                "additionalProperties": false,
                                "properties": { "ended": { "type": "object" } },
                            },
                            {
                                "description": "It could not be seen, or is not kept, and this is why.",
                                "type": "object",
                                "required": ["unseen"],
                                "additionalProperties": false,
                                "properties": { "unseen": { "type": "string" } },
                            },
                        ] },
                    },
                },
                {
                    "description": "What came of requests under load.",
                    "type": "object",
                    "required": ["clients", "counts", "times"],
                },
            ] },
        })
    }
}

#[test]
fn all_kinds_are_named() {
    assert!(Names::of::<Question>().contains(&"may_write"));
    assert!(Names::of::<Fact>().contains(&"exec_user"));
}
