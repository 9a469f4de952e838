//! An image from an archive: what it is called is looked at before the engine is given it, and names that other images
//! have stay theirs.

use std::collections::BTreeMap;
use std::path::Path;

use super::image::NoImage;
use super::{APPEARANCE, Session};
use crate::engine::archive::names::{Named, is_same, names};
use crate::engine::archive::stream;
use crate::engine::clock::Looks;
use crate::engine::images::Images;
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
        // One after the other: what one has taken would be given back to it by the next.
        let mut lent = self.ledger.lent().await;
        self.give_back(&mut lent).await?;
        let before = standing(&images).await?;
        let tar = stream(path)
            .await
            .map_err(|error| wrong(error.to_string()))?;
        let theirs = before.iter().filter(|(name, _)| named.has(name));
        lent.extend(theirs.map(|(name, id)| (name.clone(), id.clone())));
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
        // An archive that was changed while it was read.
        let loads = loaded.as_deref().unwrap_or_default().iter();
        let strange: Vec<&String> = loads.filter(|name| !named.has(name)).collect();
        for name in &strange {
            let theirs = before.iter().filter(|(other, _)| is_same(name, other));
            lent.extend(theirs.map(|(name, id)| (name.clone(), id.clone())));
        }
        // Also where it broke off: others mean the images that they have called so.
        let back = self.give_back(&mut lent).await?;
        drop(lent);
        for name in &strange {
            if !before.keys().any(|other| is_same(name, other)) {
                images.remove(name, false).await?;
            }
        }
        if let Some(name) = strange.last() {
            let message = format!("the engine loaded `{name}`, which it did not hold before");
            return Err(wrong(message));
        }
        let loaded = loaded?;
        let Some(id) = id else {
            let message = format!(
                "the engine loaded {} and does not know it",
                loaded.join(", ")
            );
            return Err(wrong(message));
        };
        let how = match back.as_slice() {
            [] => "loaded".to_owned(),
            back => format!(
                "loaded; `{}` is still the image that it was",
                back.join("`, `")
            ),
        };
        Ok((id, how))
    }

    /// Has these names stand for the images again that they stood for; which of them did not.
    async fn give_back(&self, lent: &mut BTreeMap<String, String>) -> Result<Vec<String>, Fault> {
        let mut back = Vec::new();
        if lent.is_empty() {
            return Ok(back);
        }
        let images = self.engine.images();
        let now = standing(&images).await?;
        for (name, owner) in lent.iter() {
            if now.get(name) != Some(owner) {
                images.name(owner, name).await?;
                back.push(name.clone());
            }
        }
        lent.clear();
        Ok(back)
    }

    /// Gives back what an archive has taken whose loading was interrupted. What could not be given back, and how to do
    /// that by hand.
    pub(super) async fn names_given_back(&self) -> Option<String> {
        let mut lent = self.ledger.lent().await;
        let mut ahead = lent.clone();
        // The engine may be at it still.
        let mut looks = Looks::within(APPEARANCE);
        while !ahead.is_empty() {
            lent.clone_from(&ahead);
            match self.give_back(&mut lent).await {
                Ok(back) => ahead.retain(|name, _| !back.contains(name)),
                Err(fault) => {
                    let each = ahead.iter();
                    let commands = each.map(|(name, id)| format!("`docker tag {id} {name}`"));
                    let commands: Vec<String> = commands.collect();
                    return Some(format!(
                        "names of images may be those of an archive now, whose loading was interrupted: cannot {}: {}\n  \
                         help: once the engine answers, {}",
                        fault.doing,
                        fault.message,
                        commands.join(" and ")
                    ));
                }
            }
            if !looks.again().await {
                break;
            }
        }
        None
    }
}

/// What each name of an image stands for.
async fn standing(images: &Images) -> Result<BTreeMap<String, String>, Fault> {
    let all = images.all().await?.into_iter();
    let named = all.flat_map(|image| {
        let id = image.id;
        image.tags.into_iter().map(move |name| (name, id.clone()))
    });
    Ok(named.collect())
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
