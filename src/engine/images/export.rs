//! What an image's layers hold, from the archive that the engine makes of it, as it comes.

mod archive;

use std::time::Duration;

use super::super::ask::Ask;
use super::super::path::Path;
use super::super::{Result, tarball};
use super::Images;
pub use archive::LayerPaths;

/// How long an engine may take over an archive before it answers.
const ARCHIVE: Duration = Duration::from_mins(5);

impl Images {
    /// The paths in each layer, the lowest first. Nothing else of the archive is kept.
    pub async fn layers(&self, image: &str) -> Result<Vec<LayerPaths>> {
        let path = Path::new("/images").image(image).then("/get");
        let ask = Ask::get(format!("look through the layers of image {image}"), path);
        tarball::read(self.engine.api(), ask.within(ARCHIVE), |archive| {
            archive::layers(archive)
        })
        .await
    }
}
