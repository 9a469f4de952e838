//! Capabilities are not dropped, one that was given is missing, one more is given.

use super::Edit;
use crate::fact::security::right;
use crate::suite::grant::Power;
use crate::suite::rights::Capability;
use crate::suite::run::Run;
use crate::text::source::Spanned;

/// One that engines give every container, so that it is no power over this machine, and nothing that a program would
/// notice by itself.
const MORE: &str = "NET_RAW";

pub(super) fn edits(run: &Run) -> Vec<Edit> {
    let mut edits = Vec::new();
    if !run.cap_drop.is_empty() {
        let lift = |run: &mut Run, _: &str| run.cap_drop.clear();
        let edit = Edit::of("cap_drop", "lifted", lift)
            .says("no capability is dropped")
            .noticed_by(claim(run));
        edits.push(edit);
    }
    let is_given = |capability: &Spanned<Capability>| [MORE, "ALL"].contains(&&*right(&capability.value.0));
    let dropped = names(&run.cap_drop);
    let is_dropped = dropped.iter().any(|name| name == MORE || name == "ALL");
    if is_dropped && dropped != [MORE] && !run.cap_add.iter().any(is_given) {
        let add = |run: &mut Run, _: &str| {
            let span = run.cap_drop.first().or(run.cap_add.first()).map(|one| one.span);
            let more = span.map(|span| Spanned { span, value: Capability(MORE.to_owned()) });
            run.cap_add.extend(more);
        };
        let edit = Edit::of("cap_drop", &format!("{MORE} given"), add)
            .says(format!("it has the capability {MORE}"))
            .noticed_by(claim(run));
        edits.push(edit);
    }
    // It would have one of the usual ones all the same.
    let is_taken = |capability: &&Spanned<Capability>| {
        !dropped.is_empty() || Power::capability(&capability.value.0).is_some()
    };
    edits.extend(run.cap_add.iter().filter(is_taken).map(|capability| {
        let take = |run: &mut Run, part: &str| run.cap_add.retain(|own| own.value.0 != part);
        let capability = &capability.value;
        Edit::of("cap_add", &format!("{capability} taken"), take)
            .part(&capability.0, None)
            .says(format!("it does not have the capability {capability}"))
            .noticed_by(claim(run))
    }));
    edits
}

fn names(capabilities: &[Spanned<Capability>]) -> Vec<String> {
    capabilities.iter().map(|one| right(&one.value.0)).collect()
}

fn claim(run: &Run) -> String {
    let drops_all = names(&run.cap_drop).iter().any(|name| name == "ALL");
    let given = names(&run.cap_add);
    match (drops_all, given.is_empty()) {
        (true, true) => "- capabilities: { bounding: none }".to_owned(),
        (true, false) => format!("- capabilities: {{ bounding: [{}] }}", given.join(", ")),
        (false, _) => "- capabilities: { bounding: [CHOWN] } # with all that it is to have".to_owned(),
    }
}
