//! The images around a build, as the engine has them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::instructions::Instructions;
use super::request::BuildRequest;
use crate::engine::ask::Ask;
use crate::engine::path::Path;
use crate::engine::{Engine, FaultKind, Result};

/// What is known of the images that a build starts from.
pub(super) struct Bases {
    /// Each image with the id it has on the engine, if it is there.
    pub(super) ids: BTreeMap<String, Option<String>>,
    /// Whether these are all.
    pub(super) complete: bool,
}

impl Bases {
    /// Whether a base image that moved would show in the ids.
    pub(super) fn is_known(&self) -> bool {
        self.complete && self.ids.values().all(Option::is_some)
    }
}

/// Looks at the images that a Dockerfile names.
pub(super) async fn base_images(
    engine: &Engine,
    instructions: &Instructions,
    request: &BuildRequest,
) -> Result<Bases> {
    let named = instructions.images(&request.given_args());
    let complete = named.is_some();
    let mut ids = BTreeMap::new();
    for name in named.unwrap_or_default() {
        let id = image(engine, &name).await?.map(|image| image.id);
        ids.insert(name, id);
    }
    Ok(Bases { ids, complete })
}

/// As much of an image as matters here.
#[derive(Debug, Deserialize)]
pub(super) struct Image {
    #[serde(rename = "Id")]
    pub(super) id: String,
    #[serde(rename = "RepoTags", default)]
    tags: Option<Vec<String>>,
}

/// The image of this name, if the engine has it.
pub(super) async fn image(engine: &Engine, name: &str) -> Result<Option<Image>> {
    let path = Path::new("/images").image(name).then("/json");
    match engine
        .api()
        .json(Ask::get(format!("look at the image {name}"), path))
        .await
    {
        Ok(image) => Ok(Some(image)),
        // A name that no image can have is for the builder to complain of.
        Err(fault)
            if fault.is_not_found() || fault.kind == (FaultKind::Refused { status: 400 }) =>
        {
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

/// Removes an image that a new one took the tag from, unless someone else has given it a name.
pub(super) async fn remove_nameless(engine: &Engine, id: &str) {
    let Ok(Some(Image { tags, .. })) = image(engine, id).await else {
        return;
    };
    if tags.is_none_or(|tags| tags.is_empty()) {
        let path = Path::new("/images").image(id);
        // Something may still run from it; then it stays.
        let _ = engine
            .api()
            .done(Ask::delete(format!("remove the image {id}"), path))
            .await;
    }
}
