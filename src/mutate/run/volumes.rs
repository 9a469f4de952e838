//! A volume or a bind mount is gone.

use super::Edit;
use crate::mutate::quoted;
use crate::suite::run::Run;

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let mounts = run.volumes.iter();
    mounts
        .map(|mount| {
            let drop = |run: &mut Run, part: &str| run.volumes.retain(|own| own.target != part);
            Edit::of("volumes", &format!("{} gone", mount.target), drop)
                .part(&mount.target, Some(mount.span))
                .says(format!("nothing is mounted at `{}`", mount.target))
                .noticed_by(format!("- mounts: [{{ at: {} }}]", quoted(&mount.target)))
        })
        .collect()
}
