//! The image is the stage that it takes its files from, with everything that was needed to make them.

use super::{Look, Patch, taken_from};
use crate::dockerfile::Kind;

pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let mut all = Vec::new();
    for &last in &look.last {
        let Some(stage) = look.file.stages.get(last) else {
            continue;
        };
        // One that builds on another is that already.
        if look.file.stage_named(&stage.image.value, last).is_some() {
            continue;
        }
        let copies = look.file.of_stage(last).filter(|(_, one)| one.kind == Kind::Copy);
        let from = copies.flat_map(|(_, one)| taken_from(look.file, last, one)).next();
        let name = from.and_then(|from| look.file.stages.get(from)?.name.as_ref());
        if let Some(name) = name {
            let name = name.value.as_str();
            let patch = Patch::new(stage.from, stage.image.span, name, "collapsed")
                .says(format!("it builds on the stage `{name}` and holds all that is there"))
                .noticed_by(
                    "- image: { size: { below: 100MB } } # or better that what builds it is not there",
                );
            all.push(patch);
        }
    }
    all
}
