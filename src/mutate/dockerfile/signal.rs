//! The program is asked to end by a signal that it does not heed.

use super::{Look, Patch};
use crate::dockerfile::Kind;
use crate::mutate::run::UNHEEDED;

const CLAIM: &str = "- exited: { code: 0, took: { below: 5s } } # after the step `stop`";

pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let stated: Vec<_> = look.stated(Kind::Stopsignal).collect();
    let says = format!("it is asked to end by {UNHEEDED}, which it does not heed");
    if let Some((at, one)) = stated.last() {
        let patch = Patch::new(*at, one.rest.whole(), UNHEEDED, "swallowed");
        return vec![patch.says(says).noticed_by(CLAIM)];
    }
    // Nothing says by which signal: it is said behind what is run.
    let mut runs = look.shipped().filter(|(_, one)| {
        let is_last = one.stage.is_some_and(|stage| look.last.contains(&stage));
        is_last && matches!(one.kind, Kind::Entrypoint | Kind::Cmd)
    });
    let added = runs.next().map(|(at, one)| {
        let mut behind = one.span;
        behind.start = behind.end;
        let line = format!("\nSTOPSIGNAL {UNHEEDED}");
        Patch::new(at, behind, line, "ended by a signal that it does not heed")
            .says(says)
            .noticed_by(CLAIM)
    });
    added.into_iter().collect()
}
