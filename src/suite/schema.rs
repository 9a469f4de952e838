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
