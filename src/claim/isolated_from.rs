//! `isolated_from`: what the container cannot reach, although it is there.

use serde_json::Value as Json;

use super::reaches::{Target, Targets, controlled};
use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::fact::reach::{Aim, Came, Control, Reach};
use crate::text::matcher::{Miss, listed};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;

/// What the container cannot reach.
#[derive(Debug, Clone)]
pub struct IsolatedFrom(Targets);

impl Read for IsolatedFrom {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Targets::read(node, reader).map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Targets::schema(schemas)
    }
}

impl Judge for IsolatedFrom {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        self.0.questions(true)
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        self.0.judge(true, seen, findings, one)
    }
}

fn one(target: &Spanned<Target>, reach: &Reach, findings: &mut Findings) -> Result<(), Blocked> {
    let aim = &target.value.0;
    let expected = format!("not to reach {}", in_words(aim));
    let routes = reach.networks.ways_out();
    if *aim == Aim::Outside && !routes.is_empty() {
        let actual = format!("it has a default route {}", listed(&routes, "and"));
        findings.check(
            target.span,
            "isolated_from",
            Some(Miss::new(expected, actual)),
        );
        return Ok(());
    }
    if let Some(reached) = reach.tries.iter().find(|one| one.reaches(aim)) {
        let miss = Some(Miss::new(expected, reached.to_string()));
        match unknown(reach) {
            true => findings.check_with(target.span, "isolated_from", miss, BY_ADDRESS),
            false => findings.check(target.span, "isolated_from", miss),
        }
        return Ok(());
    }
    match aim {
        Aim::Outside => controlled(reach)?,
        Aim::Host { .. } => believed(aim, reach)?,
    }
    let mut how: Vec<String> = reach.tries.iter().map(ToString::to_string).collect();
    let shut = reach.controls.iter().filter(|control| control.shut);
    how.extend(shut.map(|control| {
        format!(
            "{} has no network but its own loopback, so that nobody reaches it",
            control.of
        )
    }));
    findings.saw(match (aim, how.is_empty()) {
        (Aim::Outside, true) => "isolated from the outside".to_owned(),
        (Aim::Outside, false) => format!("isolated from the outside ({})", listed(&how, "and")),
        (_, true) => format!("isolated from {aim}"),
        (_, false) => format!("isolated from {aim} ({})", listed(&how, "and")),
    });
    Ok(())
}

const BY_ADDRESS: &str =
    "its name is not known there, but a name is not needed: it is reached by its address";

fn unknown(reach: &Reach) -> bool {
    let first = reach.tries.first().map(|one| &one.came);
    matches!(first, Some(Came::Unknown(_)))
}

fn in_words(aim: &Aim) -> String {
    match aim {
        Aim::Outside => "the outside".to_owned(),
        host @ Aim::Host { .. } => host.to_string(),
    }
}

/// Whether everything was seen to answer from where it may: that what is not there is not reached says
/// nothing.
fn believed(aim: &Aim, reach: &Reach) -> Result<(), Blocked> {
    let answers =
        |control: &Control| control.shut || control.tries.iter().any(|one| one.reaches(aim));
    let Some(failed) = reach.controls.iter().find(|control| !answers(control)) else {
        return match reach.controls.is_empty() {
            true => Err(Blocked::Unseen(format!(
                "nothing shows that {aim} could be reached at all, so isolation says nothing"
            ))),
            false => Ok(()),
        };
    };
    let Control {
        of,
        from,
        tries,
        why,
        ..
    } = failed;
    let how: Vec<String> = tries.iter().map(ToString::to_string).collect();
    let why = why.clone().unwrap_or_else(|| listed(&how, "and"));
    Err(Blocked::Unseen(format!(
        "{of} does not answer from {from} either, so isolation says nothing ({why})"
    )))
}

#[cfg(test)]
mod tests;
