//! An image from an archive: what it is called is looked at before the engine is given it, and names that other images
//! have stay theirs.

use std::path::Path;

use super::Session;
use super::image::NoImage;
use crate::engine::archive::names::{Named, names};
use crate::engine::archive::stream;
use crate::engine::{Fault, off_thread};
use crate::suite::outside::shown;

impl Session {
    /// Loads it; gives its id and how it came.
    pub(super) async fn archived(&self, path: &Path) -> Result<(String, String), NoImage> {
        let shown = shown(path);
        let wrong =
            |why: String| NoImage::Suite(format!("cannot load the image archive {shown}: {why}"));
        let at = path.to_owned();
        let named = off_thread(move || names(&at)).await.map_err(&wrong)?;
        let named = named.map_err(|error| {
            wrong(format!(
                "{error}\n  help: give an archive that `docker save` wrote"
            ))
        })?;
        may_be_named(&named).map_err(&wrong)?;
        let images = self.engine.images();
        let mut before = Vec::new();
        for name in &named.names {
            let id = images.id_of(name).await?;
            before.extend(id.map(|id| (name.as_str(), id)));
        }
        let tar = stream(path)
            .await
            .map_err(|error| wrong(error.to_string()))?;
        let loaded = images.load(tar).await.map_err(|fault| {
            let doing = format!("load the image archive {shown}");
            let help = "give an archive that `docker save` wrote".to_owned();
            let help = fault.help.or(Some(help));
            Fault {
                doing,
                help,
                ..fault
            }
        });
        let id = match loaded.as_deref() {
            Ok([one]) => images.id_of(one).await?,
            _ => None,
        };
        // Also where it broke off: others mean the images that they have called so.
        let mut back = Vec::new();
        for (name, owner) in before {
            if images.id_of(name).await?.as_ref() != Some(&owner) {
                images.name(&owner, name).await?;
                back.push(format!("`{name}`"));
            }
        }
        let loaded = loaded?;
        // An archive that was changed while it was read.
        let mut strange = None;
        for name in loaded.iter().filter(|name| !named.has(name)) {
            images.remove(name, false).await?;
            strange = Some(name);
        }
        if let Some(name) = strange {
            let message = format!("the engine loaded `{name}`, which it did not hold before");
            return Err(wrong(message));
        }
        let Some(id) = id else {
            let message = format!(
                "the engine loaded {} and does not know it",
                loaded.join(", ")
            );
            return Err(wrong(message));
        };
        let how = match back.as_slice() {
            [] => "loaded".to_owned(),
            back => format!("loaded; {} is still the image that it was", back.join(", ")),
        };
        Ok((id, how))
    }
}

/// Whether an engine may be given what is called so; else why not.
fn may_be_named(named: &Named) -> Result<(), String> {
    if let Some(name) = named.ours() {
        return Err(format!(
            "it calls its image `{name}`, as only those are called that Seaworthy makes and finds again by their names\n  \
             help: give the image another name and save it by that"
        ));
    }
    let all: Vec<&str> = named.names.iter().map(String::as_str).collect();
    match named.images {
        0 => Err("it holds no image".to_owned()),
        1 => Ok(()),
        several => Err(format!(
            "it holds {several} images ({}); save the one that is meant by itself",
            all.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_of_several_images_or_of_our_names_is_not_loaded() {
        let said = |names: &[&str], images: usize| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            may_be_named(&Named { names, images })
        };
        assert_eq!(said(&["app:1"], 1), Ok(()));
        assert_eq!(said(&[], 1), Ok(()));
        let several = said(&["a:1", "b:1"], 2).unwrap_err();
        assert!(
            several.starts_with("it holds 2 images (a:1, b:1)"),
            "{several}"
        );
        for name in [
            "seaworthy/app:0",
            "seaworthy-probe:0",
            "docker.io/library/seaworthy-probe:0",
        ] {
            let ours = said(&[name], 1).unwrap_err();
            assert!(
                ours.contains(name) && ours.contains("save it by that"),
                "{ours}"
            );
        }
        assert!(said(&["seaworthiness:1"], 1).is_ok());
    }
}
