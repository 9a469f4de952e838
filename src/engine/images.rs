//! Images: looked at, brought in, named, removed.

mod bring;
mod export;
mod progress;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::ask::Ask;
use super::containers::null_is_empty;
use super::path::Path;
use super::{Engine, Result};
use crate::fact::image::ImageFacts;
pub use export::LayerPaths;
pub use progress::Progress;

/// What podman puts before the names of images that are of no registry.
const LOCAL: &str = "localhost/";

/// A name as it was given, without what podman puts before it.
pub fn given(name: &str) -> &str {
    name.strip_prefix(LOCAL).unwrap_or(name)
}

/// The images of one engine.
#[derive(Clone, Debug)]
pub struct Images {
    engine: Engine,
}

/// An image in a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Listed {
    /// Its id.
    #[serde(rename = "Id")]
    pub id: String,
    /// Its names with tags.
    #[serde(rename = "RepoTags", default, deserialize_with = "names")]
    pub tags: Vec<String>,
    /// Its labels.
    #[serde(rename = "Labels", default, deserialize_with = "null_is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// The folders of layers in what an engine says of an image that it keeps as folders to be laid over one another.
fn layer_folders(inspected: &Value) -> Vec<String> {
    let data = &inspected["GraphDriver"]["Data"];
    let lower = data["LowerDir"].as_str().unwrap_or_default();
    let upper = data["UpperDir"].as_str();
    let folders = upper.into_iter().chain(lower.split(':'));
    let mut folders: Vec<String> = folders
        .filter(|folder| folder.starts_with('/'))
        .map(str::to_owned)
        .collect();
    folders.reverse();
    let layers = inspected["RootFS"]["Layers"].as_array();
    match layers.is_some_and(|layers| layers.len() == folders.len()) {
        true => folders,
        false => Vec::new(),
    }
}

/// Older engines say that an image has no name by a name that is none.
fn names<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Vec<String>, D::Error> {
    let mut names: Vec<String> = null_is_empty(from)?;
    names.retain(|name| name != "<none>:<none>");
    Ok(names)
}

impl Images {
    pub(super) fn new(engine: Engine) -> Self {
        Self { engine }
    }

    /// What the engine says of it, in the engine's words.
    pub async fn inspect_raw(&self, image: &str) -> Result<Value> {
        let path = Path::new("/images").image(image).then("/json");
        let ask = Ask::get(format!("inspect image {image}"), path);
        self.engine.api().json(ask).await
    }

    /// What the engine says of it, its history included.
    pub async fn inspect(&self, image: &str) -> Result<ImageFacts> {
        let mut inspected = self.inspect_raw(image).await?;
        if self.engine.is_podman() {
            let check = self.podman_healthcheck(image).await?;
            if let Some(config) = inspected.get_mut("Config").and_then(Value::as_object_mut) {
                config.insert("Healthcheck".to_owned(), check);
            }
        }
        let path = Path::new("/images").image(image).then("/history");
        let ask = Ask::get(format!("read the history of image {image}"), path);
        let history: Value = self.engine.api().json(ask).await?;
        Ok(ImageFacts::read(&inspected, Some(&history)))
    }

    /// Folders on the engine's machine that hold the files of each layer, the lowest first; none where the engine
    /// keeps layers in another way.
    pub async fn layer_folders(&self, image: &str) -> Result<Vec<String>> {
        Ok(layer_folders(&self.inspect_raw(image).await?))
    }

    /// The declared health check, which podman tells in its own words only.
    async fn podman_healthcheck(&self, image: &str) -> Result<Value> {
        let path = Path::new("/libpod/images").image(image).then("/json");
        let ask = Ask::get(format!("read the health check of image {image}"), path);
        let told: Value = self.engine.api().json(ask).await?;
        Ok(told.get("Healthcheck").cloned().unwrap_or_default())
    }

    /// The id behind a name, if the engine has such an image.
    pub async fn id_of(&self, image: &str) -> Result<Option<String>> {
        match self.inspect_raw(image).await {
            Ok(inspected) => Ok(Some(ImageFacts::read(&inspected, None).id)),
            Err(fault) if fault.is_not_found() => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Whether the engine has it.
    pub async fn exists(&self, image: &str) -> Result<bool> {
        Ok(self.id_of(image).await?.is_some())
    }

    /// Gives it one more name.
    pub async fn tag(&self, image: &str, repository: &str, tag: &str) -> Result<()> {
        let path = Path::new("/images")
            .image(image)
            .then("/tag")
            .query("repo", repository)
            .query("tag", tag);
        let ask = Ask::post(format!("name image {image} {repository}:{tag}"), path);
        self.engine.api().done(ask).await.map(drop)
    }

    /// Removes a name, and the image with its last one; `force` also where an ended container
    /// uses it. `false` where there was none.
    pub async fn remove(&self, image: &str, force: bool) -> Result<bool> {
        let path = Path::new("/images").image(image).flag("force", force);
        let ask = Ask::delete(format!("remove image {image}"), path);
        match self.engine.api().done(ask).await {
            Ok(_) => Ok(true),
            Err(fault) if fault.is_not_found() => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// All of which a name matches this pattern, as in `docker images PATTERN`, with what an engine puts before it.
    pub async fn named(&self, pattern: &str) -> Result<Vec<Listed>> {
        let filters = serde_json::json!({ "reference": [pattern, format!("{LOCAL}{pattern}")] });
        let path = Path::new("/images/json").query("filters", &filters.to_string());
        let ask = Ask::get(format!("list images named {pattern}"), path);
        self.engine.api().json(ask).await
    }

    /// All that have a name.
    pub async fn all(&self) -> Result<Vec<Listed>> {
        let ask = Ask::get("list images", Path::new("/images/json"));
        self.engine.api().json(ask).await
    }

    /// All that carry this label (`name` or `name=value`).
    pub async fn list(&self, label: &str) -> Result<Vec<Listed>> {
        let path = Path::new("/images/json").labelled(label);
        let ask = Ask::get(format!("list images labelled {label}"), path);
        self.engine.api().json(ask).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_a_name_has_none() {
        let listed = r#"{"Id":"a","RepoTags":["<none>:<none>"],"Labels":null}"#;
        let listed: Listed = serde_json::from_str(listed).unwrap();
        assert_eq!(listed.tags, [""; 0]);
        let listed: Listed = serde_json::from_str(r#"{"Id":"a","RepoTags":["a:b"]}"#).unwrap();
        assert_eq!(listed.tags, ["a:b"]);
    }

    #[test]
    fn folders_of_layers_are_told_where_each_layer_has_one() {
        let told = |lower: &str, upper: &str, layers: usize| {
            layer_folders(&serde_json::json!({
                "GraphDriver": { "Data": { "LowerDir": lower, "UpperDir": upper, "WorkDir": "/d/w" }, "Name": "overlay2" },
                "RootFS": { "Layers": vec!["sha256:0"; layers] },
            }))
        };
        assert_eq!(
            told("/d/2/diff:/d/1/diff", "/d/3/diff", 3),
            ["/d/1/diff", "/d/2/diff", "/d/3/diff"]
        );
        assert_eq!(told("", "/d/1/diff", 1), ["/d/1/diff"]);
        assert_eq!(told("/d/2/diff:/d/1/diff", "/d/3/diff", 4), [""; 0]);
        assert_eq!(told("l/2:l/1", "/d/3/diff", 3), [""; 0]);
        // Of engines that keep them otherwise.
        let other = serde_json::json!({
            "GraphDriver": { "Data": null, "Name": "vfs" }, "RootFS": { "Layers": ["sha256:0"] },
        });
        assert_eq!(layer_folders(&other), [""; 0]);
        assert_eq!(layer_folders(&serde_json::json!({})), [""; 0]);
    }
}
