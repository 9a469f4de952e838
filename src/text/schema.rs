//! The JSON Schema of the language, gathered from the types that read it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

/// One key of a record.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What it is for; becomes the hover text.
    pub about: &'static str,
    /// What it takes.
    pub schema: Json,
    /// Whether it must be there.
    pub required: bool,
}

/// The definitions made so far.
#[derive(Debug, Default)]
pub struct Schemas {
    definitions: BTreeMap<String, Json>,
}

impl Schemas {
    /// All definitions by name.
    pub fn definitions(&self) -> &BTreeMap<String, Json> {
        &self.definitions
    }

    /// Defines `name` once and refers to it. A definition may refer to itself.
    pub fn define(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Json) -> Json {
        if !self.definitions.contains_key(name) {
            self.definitions.insert(name.to_owned(), Json::Null);
            let made = make(self);
            self.definitions.insert(name.to_owned(), made);
        }
        json!({ "$ref": format!("#/definitions/{name}") })
    }

    /// Defines a record: an object of these keys and no others.
    pub fn record(
        &mut self,
        name: &str,
        about: &str,
        short: Option<&str>,
        keys: impl FnOnce(&mut Self) -> Vec<Key>,
    ) -> Json {
        self.define(name, |schemas| {
            let keys = keys(schemas);
            let brief = short
                .and_then(|s| keys.iter().find(|k| k.name == s))
                .map(|k| k.schema.clone());
            let object = Self::object(keys);
            let mut made = match brief {
                Some(brief) => json!({ "anyOf": [brief, object] }),
                None => object,
            };
            made["description"] = tidy(about).into();
            made
        })
    }

    /// An object of these keys and no others.
    pub fn object(keys: Vec<Key>) -> Json {
        let required: Vec<&str> = keys.iter().filter(|k| k.required).map(|k| k.name).collect();
        let mut object = json!({ "type": "object", "additionalProperties": false });
        if !required.is_empty() {
            object["required"] = json!(required);
        }
        let properties: Map<String, Json> = keys
            .into_iter()
            .map(|k| (k.name.to_owned(), describe(k.schema, k.about)))
            .collect();
        object["properties"] = Json::Object(properties);
        object
    }

    /// A typed scalar, in whose place a variable may stand.
    pub fn scalar(schema: &Json) -> Json {
        json!({ "anyOf": [schema, { "type": "string", "pattern": "\\$\\{" }] })
    }
}

/// The schema with a description, which may not stand beside a reference.
pub fn describe(schema: Json, about: &str) -> Json {
    let about = tidy(about);
    if about.is_empty() {
        return schema;
    }
    let mut schema = match schema {
        Json::Object(object) if object.contains_key("$ref") => json!({ "allOf": [object] }),
        Json::Object(object) => Json::Object(object),
        _ => json!({}),
    };
    schema["description"] = about.into();
    schema
}

/// A doc comment as running text.
pub fn tidy(about: &str) -> String {
    about
        .split('\n')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
        .trim()
        .replace("  ", "\n\n")
}
