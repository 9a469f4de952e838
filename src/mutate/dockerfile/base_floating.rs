//! A base image is named without a version.

use super::{Look, Patch};
use crate::dockerfile::Kind;

/// Only claims of the Dockerfile can tell: what `latest` is today nobody knows, and it may not be there.
pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let bases = look.needed().filter(|(_, one)| one.kind == Kind::From);
    bases
        .filter_map(|(at, one)| {
            let stage = one.stage?;
            let image = &look.file.stages.get(stage)?.image;
            let is_stage = look.file.stage_named(&image.value, stage).is_some();
            let name = nameless(&image.value)?;
            if is_stage || image.value == "scratch" {
                return None;
            }
            let mut patch = Patch::new(at, image.span, name, "floating")
                .says(format!("it builds on whatever `{name}` is that day, not on `{}`", image.value))
                .noticed_by("- dockerfile: { bases: pinned }");
            patch.is_source = true;
            Some(patch)
        })
        .collect()
}

/// An image's name without tag and digest, where it has one of these.
fn nameless(image: &str) -> Option<&str> {
    let bare = image.split('@').next()?;
    let folder = bare.rfind('/').map_or(0, |at| at + 1);
    let tag = bare.get(folder..)?.find(':').map(|at| folder + at);
    let name = bare.get(..tag.unwrap_or(bare.len()))?;
    (name.len() < image.len() && !name.contains('$')).then_some(name)
}
