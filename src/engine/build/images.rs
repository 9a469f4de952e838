//! The images around a build, as the engine has them.

use std::collections::BTreeMap;

use super::instructions::Instructions;
use super::request::BuildRequest;
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
pub(super) struct Image {
    pub(super) id: String,
    has_name: bool,
}

/// The image of this name, if the engine has it.
pub(super) async fn image(engine: &Engine, name: &str) -> Result<Option<Image>> {
    match engine.images().inspect_raw(name).await {
        Ok(said) => Ok(said["Id"].as_str().map(|id| Image {
            id: id.to_owned(),
            has_name: said["RepoTags"]
                .as_array()
                .is_some_and(|tags| !tags.is_empty()),
        })),
        Err(fault) if fault.is_not_found() => Ok(None),
        // A name that no image can have is for the builder to complain of.
        Err(fault) if fault.kind == (FaultKind::Refused { status: 400 }) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Removes an image that a new one took the tag from, unless someone else has given it a name.
pub(super) async fn remove_nameless(engine: &Engine, id: &str) {
    if let Ok(Some(Image {
        has_name: false, ..
    })) = image(engine, id).await
    {
        // Something may still run from it; then it stays.
        let _ = engine.images().remove(id, false).await;
    }
}
