//! What a key takes, in words, told from its schema.

use serde_json::Value as Json;

/// A map of more keys than this is not spelled out.
const SPELLED: usize = 8;

/// The definitions that a schema refers to.
#[derive(Debug, Clone, Copy)]
pub struct Definitions<'a>(pub &'a Json);

impl<'a> Definitions<'a> {
    /// What a schema says once its references are followed.
    pub fn resolve(self, schema: &'a Json) -> &'a Json {
        let inner = match schema["allOf"].as_array().map(Vec::as_slice) {
            Some([one]) => one,
            _ => schema,
        };
        match name_of(inner) {
            Some(name) => self.resolve(&self.0[name]),
            None => inner,
        }
    }

    /// What the schema takes, in words.
    pub fn kind(self, schema: &'a Json) -> String {
        let schema = self.resolve(schema);
        if let Some(title) = schema["title"].as_str() {
            return title.to_owned();
        }
        if let Some(any) = schema["anyOf"].as_array() {
            let mut kinds: Vec<String> = Vec::new();
            for one in any.iter().filter(|one| !is_variable(one)) {
                let kind = self.kind(one);
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            return kinds.join(", or ");
        }
        if let Some(words) = schema["enum"].as_array() {
            let words: Vec<&str> = words.iter().filter_map(Json::as_str).collect();
            return words.join(" | ");
        }
        match first_type(schema) {
            "array" => format!("a list of {}", plural(&self.kind(&schema["items"]))),
            "object" => self.map(schema),
            "integer" => "a whole number".to_owned(),
            "number" => "a number".to_owned(),
            "boolean" => "true or false".to_owned(),
            "null" => "null".to_owned(),
            "string" => "text".to_owned(),
            _ => "anything".to_owned(),
        }
    }

    fn map(self, schema: &'a Json) -> String {
        if let Some(keys) = schema["properties"].as_object() {
            let names: Vec<&str> = keys.keys().map(String::as_str).collect();
            return match names.len() {
                0 => "nothing".to_owned(),
                1..=SPELLED => format!("{{ {} }}", names.join(", ")),
                _ => "a map".to_owned(),
            };
        }
        match &schema["additionalProperties"] {
            values @ Json::Object(_) => format!("a map of names to {}", self.kind(values)),
            _ => "a map".to_owned(),
        }
    }

    /// The keys of the map that the schema takes, where it takes one of the language's own.
    pub fn keys(self, schema: &'a Json) -> Option<&'a Json> {
        let schema = self.resolve(schema);
        if schema["properties"].is_object() {
            return Some(schema);
        }
        if let Some(any) = schema["anyOf"].as_array() {
            return any.iter().find_map(|one| self.keys(one));
        }
        [&schema["items"], &schema["additionalProperties"]]
            .into_iter()
            .filter(|inner| inner.is_object())
            .find_map(|inner| self.keys(inner))
    }
}

/// "a port such as 80" as "ports such as 80".
fn plural(kind: &str) -> String {
    let Some(one) = kind.strip_prefix("a ") else {
        return kind.to_owned();
    };
    match one.split_once(" such as ") {
        Some((thing, example)) => format!("{thing}s such as {example}"),
        None => format!("{one}s"),
    }
}

/// The definition that a schema is a reference to.
pub fn name_of(schema: &Json) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/definitions/")
}

/// The variant that stands for `${NAME}` in the place of a typed value.
fn is_variable(schema: &Json) -> bool {
    schema["pattern"] == "\\$\\{"
}

fn first_type(schema: &Json) -> &str {
    let kind = &schema["type"];
    kind.as_str()
        .or_else(|| kind[0].as_str())
        .unwrap_or("anything")
}
