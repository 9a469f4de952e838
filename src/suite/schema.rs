//! The JSON Schema of suite files, for editors.

use serde_json::{Map, Value as Json, json};

use super::document::Document;
use crate::text::read::Read;
use crate::text::schema::Schemas;

/// The whole schema.
pub fn schema() -> Json {
    let mut schemas = Schemas::default();
    Document::schema(&mut schemas);
    let mut definitions: Map<String, Json> = schemas
        .definitions()
        .iter()
        .map(|(name, made)| (name.clone(), made.clone()))
        .collect();
    let mut top = definitions.remove("Document").unwrap_or_default();
    top["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    top["title"] = "A Seaworthy suite".into();
    top["patternProperties"] = json!({ "^x-": true });
    top["definitions"] = Json::Object(definitions);
    top
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{action, claim};

    /// Every part of the schema with the path that leads to it.
    fn parts<'a>(at: &str, part: &'a Json, all: &mut Vec<(String, &'a Json)>) {
        all.push((at.to_owned(), part));
        let below: Vec<(String, &Json)> = match part {
            Json::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
            Json::Array(list) => {
                let numbered = list.iter().enumerate();
                numbered.map(|(n, v)| (n.to_string(), v)).collect()
            }
            _ => Vec::new(),
        };
        for (name, below) in below {
            parts(&format!("{at}/{name}"), below, all);
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let schema = schema();
        let mut all = Vec::new();
        parts("#", &schema, &mut all);
        for (at, part) in &all {
            if let Some(to) = part["$ref"].as_str() {
                assert!(
                    all.iter()
                        .any(|(path, part)| path == to && part.is_object()),
                    "{at}: {to}"
                );
            }
        }
    }

    #[test]
    fn every_key_has_a_hover_text() {
        let schema = schema();
        let mut all = Vec::new();
        parts("#", &schema, &mut all);
        for (at, part) in all.iter().filter(|(at, _)| at.ends_with("/properties")) {
            for (key, value) in part.as_object().unwrap() {
                let about = value["description"].as_str().unwrap_or("");
                assert!(
                    about.len() > 5,
                    "{at}/{key} has no description: a doc comment is missing"
                );
            }
        }
    }

    #[test]
    fn every_claim_and_step_is_a_key_of_an_item() {
        let schema = schema();
        let item = schema["definitions"]["Item"]["properties"]
            .as_object()
            .unwrap();
        let step = schema["definitions"]["Step"]["anyOf"][1]["properties"]
            .as_object()
            .unwrap();
        for name in claim::NAMES {
            assert!(item.contains_key(*name), "{name}");
        }
        for name in action::NAMES.iter().chain(&["expect"]) {
            assert!(step.contains_key(*name), "{name}");
        }
    }
}
