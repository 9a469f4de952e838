//! What an image's layers hold, from the archive that the engine makes of it, as it comes.

mod archive;

use std::mem::take;
use std::time::Duration;

use super::super::ask::Ask;
use super::super::path::Path;
use super::super::{Fault, FaultKind, Result, tarball};
use super::Images;
use crate::engine::scan::{Bounds, Scan};
use crate::fact::search::{Beneath, Search, Under};
pub use archive::LayerPaths;

/// How long an engine may take over an archive before it answers.
const ARCHIVE: Duration = Duration::from_mins(5);

/// How much of the layers' files is read and kept: of a file as much as is searched of those that a container
/// sees.
const BOUNDS: Bounds = Bounds {
    file: 256 << 20,
    held: 1 << 20,
    all: 16 << 20,
};

impl Images {
    /// The paths in each layer, the lowest first. Nothing else of the archive is kept.
    pub async fn layers(&self, image: &str) -> Result<Vec<LayerPaths>> {
        self.exported(image, None).await
    }

    /// The same, and what is found in the layers of what is searched for.
    pub async fn searched(
        &self,
        image: &str,
        search: &Search,
    ) -> Result<(Vec<LayerPaths>, Beneath)> {
        let scan = Scan::new(search, BOUNDS);
        let scan = scan.map_err(|error| {
            let doing = format!("search the layers of image {image}");
            Fault::new(FaultKind::Broken, doing, error.to_string())
        })?;
        let mut layers = self.exported(image, Some(scan)).await?;
        let found = found(&mut layers);
        Ok((layers, found))
    }

    async fn exported(&self, image: &str, scan: Option<Scan>) -> Result<Vec<LayerPaths>> {
        let path = Path::new("/images").image(image).then("/get");
        let ask = Ask::get(format!("look through the layers of image {image}"), path);
        tarball::read(self.engine.api(), ask.within(ARCHIVE), |archive| {
            archive::layers(archive, scan)
        })
        .await
    }
}

/// Takes what was found in the layers, the lowest first.
fn found(layers: &mut [LayerPaths]) -> Beneath {
    let mut told = Beneath {
        layers: layers.len() as u64,
        ..Beneath::default()
    };
    for (number, layer) in (1..).zip(layers) {
        let searched = take(&mut layer.searched);
        told.files += searched.count;
        told.cut |= searched.cut;
        if !searched.is_empty() {
            let made_by = layer.made_by.clone();
            told.found.push(Under {
                number,
                made_by,
                searched,
            });
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::search::Searched;

    #[test]
    fn what_is_found_is_told_by_layer_and_what_was_looked_at_of_all() {
        let layer = |partly: &[&str], cut: bool| LayerPaths {
            searched: Searched {
                partly: partly.iter().map(|path| (*path).to_owned()).collect(),
                count: 2,
                cut,
                ..Searched::default()
            },
            ..LayerPaths::default()
        };
        let mut layers = [layer(&[], false), layer(&["/a"], true), layer(&[], false)];
        let told = found(&mut layers);
        assert_eq!((told.layers, told.files, told.cut), (3, 6, true));
        let [under] = told.found.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!((under.number, under.searched.partly.len()), (2, 1));
        assert!(layers[1].searched.partly.is_empty());
    }
}
