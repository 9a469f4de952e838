//! The image runs as root.

use super::removed::claim;
use super::{Look, Patch};
use crate::dockerfile::Kind;

/// Where another `USER` stands before the last one, to take that away does not make it root.
pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let users: Vec<_> = look.stated(Kind::User).collect();
    let Some(((at, one), before)) = users.split_last() else {
        return Vec::new();
    };
    let is_root = matches!(one.rest.as_str().trim().split(':').next(), Some("root" | "0"));
    if before.is_empty() || is_root {
        return Vec::new();
    }
    vec![
        Patch::new(*at, one.rest.whole(), "root", "root")
            .says(format!("the image runs as root, not as `{}`", one.rest.as_str().trim()))
            .noticed_by(claim(one)),
    ]
}
