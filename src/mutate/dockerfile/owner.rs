//! What is copied belongs to root.

use super::removed::landed;
use super::{Look, Patch};
use crate::mutate::quoted;

pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let mut all = Vec::new();
    for (at, one) in look.needed() {
        let Some((flag, owner)) = one.flag("chown").and_then(|f| Some((f, f.value.as_ref()?)))
        else {
            continue;
        };
        let to = one.copied().map(|(_, to)| to.text).unwrap_or_default();
        let name = owner.split(':').next().unwrap_or_default();
        let patch = Patch::new(at, flag.span, "", "owner dropped")
            .says(format!("what is copied to `{to}` belongs to root, not to `{name}`"))
            .noticed_by(format!(
                "- path: {{ at: {}, owner: {} }}",
                landed(one),
                quoted(name)
            ));
        all.push(patch);
    }
    all
}
