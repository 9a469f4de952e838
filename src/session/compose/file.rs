//! The Compose files that the tool is given: the user's own, moved out of the way of everybody else. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::certificates;
use super::ports::lifted;
use super::stack::{Source, Stack};
use crate::engine::networks::range_of;
use crate::engine::probe::FOLDER;
use crate::session::ceiling;

/// The name that the probe's volume has in the file.
const PROBE: &str = "seaworthy_probe";

/// What is put into the file.
#[derive(Debug, Clone, Default)]
pub struct Added {
    /// The images of the services.
    pub images: BTreeMap<String, String>,
    /// The labels of the run.
    pub labels: BTreeMap<String, String>,
    /// Whether containers have our ceilings.
    pub ceilings: bool,
    /// Whether the tool is the first of them.
    pub is_first: bool,
    /// The probe's volume on the engine.
    pub probe: String,
    /// The project's name, by which its ranges of IPv6 addresses are its own.
    pub project: String,
    /// Ports of services that requests go to.
    pub reached: BTreeMap<String, Vec<u16>>,
}

impl Stack {
    /// The file that is brought up.
    pub fn file(&self, added: &Added) -> Json {
        let (mut services, mut file) = (Map::new(), self.rest.clone());
        let volumes = file.entry("volumes").or_insert_with(|| json!({}));
        let mut own = Map::new();
        for part in &self.parts {
            let mut body = part.body.clone();
            let image = added.images.get(&part.name);
            body.insert("image".to_owned(), json!(image));
            let mut ports = lifted(&part.published);
            for number in self.more(&part.name, added) {
                ports.push(format!("127.0.0.1::{number}/tcp").into());
            }
            if !ports.is_empty() {
                body.insert("ports".to_owned(), Json::Array(ports));
            }
            let mut labels = added.labels.clone();
            if added.ceilings {
                ceiling::of_service(&mut body, &mut labels, added.is_first);
            }
            label(&mut body, &labels);
            let mounts = body.entry("volumes").or_insert_with(|| json!([]));
            if let Some(mounts) = mounts.as_array_mut() {
                certificates::add(part, mounts, &mut own);
                mounts.push(format!("{PROBE}:{FOLDER}:ro,nocopy").into());
            }
            services.insert(part.name.clone(), Json::Object(body));
        }
        if let Some(volumes) = volumes.as_object_mut() {
            volumes.extend(own);
        }
        self.ranges(added, &mut file);
        for key in ["networks", "volumes"] {
            let all = file.get_mut(key).and_then(Json::as_object_mut);
            for (_, settings) in all.into_iter().flatten() {
                if let Some(settings) = settings.as_object_mut() {
                    label(settings, &added.labels);
                }
            }
        }
        if let Some(volumes) = file.get_mut("volumes").and_then(Json::as_object_mut) {
            let probe = json!({ "external": true, "name": added.probe });
            volumes.insert(PROBE.to_owned(), probe);
        }
        file.insert("services".to_owned(), Json::Object(services));
        Json::Object(file)
    }

    /// Gives networks a range of IPv6 addresses in place of the one that the file says, which others may have.
    fn ranges(&self, added: &Added, file: &mut Map<String, Json>) {
        let networks = file.get_mut("networks").and_then(Json::as_object_mut);
        for (name, network) in networks.into_iter().flatten() {
            if self.ipv6.contains(name) && network.get("ipam").is_none() {
                let range = range_of(&format!("{}_{name}", added.project));
                network["ipam"] = json!({ "config": [{ "subnet": range }] });
            }
        }
    }

    /// The ports of a service that are published for requests alone.
    pub fn more(&self, service: &str, added: &Added) -> Vec<u16> {
        let reached = added.reached.get(service).map_or(&[][..], Vec::as_slice);
        let Some(part) = self.parts.iter().find(|part| part.name == service) else {
            return Vec::new();
        };
        let open = |name: &String| {
            self.networks
                .iter()
                .any(|(n, internal)| n == name && !internal)
        };
        if !part.networks.iter().any(open) {
            return Vec::new();
        }
        let new = |number: &&u16| !part.published.contains_key(&format!("{number}/tcp"));
        reached.iter().filter(new).copied().collect()
    }

    /// The file whose images the tool builds, which have these names; nothing where there are none.
    pub fn builds(&self, added: &Added, names: &[String]) -> Option<Json> {
        let mut services = Map::new();
        for part in &self.parts {
            let Source::Build(build) = &part.source else {
                continue;
            };
            let mut build = match build {
                Json::Object(build) => build.clone(),
                context => [("context".to_owned(), context.clone())]
                    .into_iter()
                    .collect(),
            };
            // The user's own names for it stay with the user's own image.
            build.shift_remove("tags");
            label(&mut build, &added.labels);
            let image = added.images.get(&part.name);
            if image.is_none_or(|image| !names.contains(image)) {
                continue;
            }
            let image = json!(image);
            if services
                .values()
                .any(|other: &Json| other["image"] == image)
            {
                continue;
            }
            services.insert(part.name.clone(), json!({ "build": build, "image": image }));
        }
        let secrets = self.rest.get("secrets").cloned();
        let file = match secrets {
            Some(secrets) => json!({ "services": services, "secrets": secrets }),
            None => json!({ "services": services }),
        };
        (!services.is_empty()).then_some(file)
    }
}

/// Lays labels over those that are written, as a map or as a list.
fn label(settings: &mut Map<String, Json>, labels: &BTreeMap<String, String>) {
    let written = settings.entry("labels").or_insert_with(|| json!({}));
    match written {
        Json::Array(list) => {
            list.extend(
                labels
                    .iter()
                    .map(|(name, value)| Json::String(format!("{name}={value}"))),
            );
        }
        Json::Object(map) => {
            map.extend(
                labels
                    .iter()
                    .map(|(name, value)| (name.clone(), json!(value))),
            );
        }
        other => *other = json!(labels),
    }
}
