//! The program runs as root.

use super::Edit;
use crate::suite::rights::RunUser;
use crate::suite::run::Run;

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let is_root = |name: &str| matches!(name, "root" | "0");
    let user = run.user.iter();
    let named = user.map(|user| user.0.split(':').next().unwrap_or_default());
    named
        .filter(|name| !is_root(name))
        .map(|name| {
            let root = |run: &mut Run, _: &str| run.user = Some(RunUser("0:0".to_owned()));
            Edit::of("user", "root", root)
                .says(format!("it runs as root, not as `{name}`"))
                .noticed_by(format!("- whoami: {name}"))
        })
        .collect()
}
