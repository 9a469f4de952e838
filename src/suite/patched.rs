//! What a case lays over the suite's `run` and `services`, for the schema.

use serde_json::{Value as Json, json};

use super::run::Run;
use super::service::Service;
use crate::text::read::{Read, Reader};
use crate::text::schema::{Schemas, describe};
use crate::text::tree::Node;

/// The schema of a case's `run`: as the suite's, but anything may be `null`.
#[derive(Debug, Clone, Copy)]
pub struct RunPatch;

impl Read for RunPatch {
    fn read(_: &Node, _: &mut Reader) -> Option<Self> {
        Some(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Run::schema(schemas);
        patched("RunPatch", "Run", schemas)
    }
}

/// The schema of one of a case's `services`: as the suite's, but anything may be `null`, and so may it
/// itself.
#[derive(Debug, Clone, Copy)]
pub struct ServicePatch;

impl Read for ServicePatch {
    fn read(_: &Node, _: &mut Reader) -> Option<Self> {
        Some(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Service::schema(schemas);
        let patch = patched("ServicePatch", "Service", schemas);
        json!({ "anyOf": [{ "type": "null" }, patch] })
    }
}

fn patched(name: &'static str, of: &str, schemas: &mut Schemas) -> Json {
    schemas.define(name, |schemas| {
        let mut patch = schemas.definitions().get(of).cloned().unwrap_or_default();
        if let Some(properties) = patch["properties"].as_object_mut() {
            for value in properties.values_mut() {
                let about = value["description"].as_str().unwrap_or_default().to_owned();
                *value = describe(
                    json!({ "anyOf": [{ "type": "null" }, value.take()] }),
                    &about,
                );
            }
        }
        patch
    })
}
