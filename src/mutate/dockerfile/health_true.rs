//! Health is good whatever happens.

use super::{Look, Patch};
use crate::dockerfile::Kind;
use crate::mutate::run::good_check;

pub(super) fn patches(look: &Look<'_>) -> Vec<Patch> {
    let checks = look.stated(Kind::Healthcheck).filter(|(_, one)| !one.is_none());
    let commands = checks.map(|(at, one)| (at, one.command()));
    commands
        .filter(|(_, command)| !command.as_str().is_empty())
        .map(|(at, command)| {
            let words = good_check();
            let program = serde_json::to_string(words.get(1..).unwrap_or_default());
            Patch::new(at, command.whole(), program.unwrap_or_default(), "always true")
                .says("its health is good whatever happens")
                .noticed_by("- health: unhealthy # once a step has stopped what the check looks at")
        })
        .collect()
}
