//! Named volumes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::Result;
use super::api::Api;
use super::ask::Ask;
use super::containers::null_is_empty;
use super::path::Path;

/// The volumes of one engine.
#[derive(Clone, Debug)]
pub struct Volumes {
    api: Api,
}

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Volume {
    /// Its name.
    #[serde(rename = "Name")]
    pub name: String,
    /// What keeps it: `local`.
    #[serde(rename = "Driver", default)]
    pub driver: String,
    /// Its labels.
    #[serde(rename = "Labels", default, deserialize_with = "null_is_empty")]
    pub labels: BTreeMap<String, String>,
}

impl Volumes {
    pub(super) fn new(api: Api) -> Self {
        Self { api }
    }

    /// Makes a volume, or gives the one of that name that is there: its labels tell which.
    pub async fn create(&self, name: &str, labels: &BTreeMap<String, String>) -> Result<Volume> {
        let ask = Ask::post(format!("create volume {name}"), "/volumes/create")
            .json(&json!({ "Name": name, "Labels": labels }));
        self.api.json(ask).await
    }

    /// What the engine says of it.
    pub async fn inspect(&self, name: &str) -> Result<Volume> {
        let path = Path::new("/volumes").part(name);
        self.api
            .json(Ask::get(format!("inspect volume {name}"), path))
            .await
    }

    /// Removes it; `false` where there was none. One that a container uses is a `Conflict`.
    pub async fn remove(&self, name: &str) -> Result<bool> {
        let path = Path::new("/volumes").part(name);
        let ask = Ask::delete(format!("remove volume {name}"), path);
        match self.api.done(ask).await {
            Ok(_) => Ok(true),
            Err(fault) if fault.is_not_found() => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// All that carry this label (`name` or `name=value`).
    pub async fn list(&self, label: &str) -> Result<Vec<Volume>> {
        let path = Path::new("/volumes").labelled(label);
        self.listed(format!("list volumes labelled {label}"), path)
            .await
    }

    /// All whose names begin so.
    pub async fn called(&self, start: &str) -> Result<Vec<Volume>> {
        let filters = json!({ "name": [start] }).to_string();
        let path = Path::new("/volumes").query("filters", &filters);
        let what = format!("list volumes called {start}…");
        // Engines look for the text anywhere in the name.
        let mut found = self.listed(what, path).await?;
        found.retain(|volume| volume.name.starts_with(start));
        Ok(found)
    }

    async fn listed(&self, what: String, path: Path) -> Result<Vec<Volume>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "Volumes", default, deserialize_with = "null_is_empty")]
            volumes: Vec<Volume>,
        }
        self.api
            .json::<Answer>(Ask::get(what, path))
            .await
            .map(|answer| answer.volumes)
    }
}
