//! A folder in memory is gone.

use super::Edit;
use crate::mutate::quoted;
use crate::suite::run::Run;

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let folders = run.tmpfs.0.iter();
    folders
        .map(|folder| {
            let drop = |run: &mut Run, part: &str| run.tmpfs.0.retain(|own| own.path != part);
            Edit::of("tmpfs", &format!("{} gone", folder.path), drop)
                .part(&folder.path, Some(folder.span))
                .says(format!("there is no folder in memory at `{}`", folder.path))
                .noticed_by(format!("- mounts: [{{ at: {}, type: tmpfs }}]", quoted(&folder.path)))
        })
        .collect()
}
