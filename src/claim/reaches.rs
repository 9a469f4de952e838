//! `reaches`: what the container reaches from inside its own networks.

mod target;

use serde_json::Value as Json;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::fact::reach::{Aim, Came, Reach};
use crate::text::matcher::{Miss, listed};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;

pub(super) use target::{Target, Targets};

/// What the container reaches.
#[derive(Debug, Clone)]
pub struct Reaches(Targets);

impl Read for Reaches {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        Targets::read(node, reader).map(Self)
    }
    fn schema(schemas: &mut Schemas) -> Json {
        Targets::schema(schemas)
    }
}

impl Judge for Reaches {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        self.0.questions(false)
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        self.0.judge(false, seen, findings, one)
    }
}

fn one(target: &Spanned<Target>, reach: &Reach, findings: &mut Findings) -> Result<(), Blocked> {
    match target.value.0 {
        Aim::Outside => outside(target, reach, findings),
        Aim::Host { .. } => host(target, reach, findings),
    }
}

fn host(target: &Spanned<Target>, reach: &Reach, findings: &mut Findings) -> Result<(), Blocked> {
    let aim = &target.value.0;
    let untried = || Blocked::Unseen(format!("nothing was tried to reach {aim}"));
    let tried = reach.tries.first().ok_or_else(untried)?;
    if tried.came.reaches(aim) {
        findings.saw(format!("{aim} is reached"));
        return Ok(());
    }
    let miss = Some(Miss::new(format!("to reach {aim}"), tried.came.to_string()));
    match tried.came {
        Came::Refused => findings.check_with(target.span, "reaches", miss, REFUSED),
        Came::Unknown(_) => findings.check_with(target.span, "reaches", miss, UNKNOWN),
        _ => findings.check(target.span, "reaches", miss),
    }
    Ok(())
}

const REFUSED: &str =
    "the host is reached, and nothing there takes connections of others on that port";
const UNKNOWN: &str =
    "the engine gives the name of a running container to those alone who are on a network with it";

fn outside(
    target: &Spanned<Target>,
    reach: &Reach,
    findings: &mut Findings,
) -> Result<(), Blocked> {
    let expected = "to reach the outside";
    if reach.networks.routes.is_empty() {
        let miss = Miss::new(expected, "it has no default route");
        findings.check(target.span, "reaches", Some(miss));
        return Ok(());
    }
    controlled(reach)?;
    let silent = reach.tries.iter().filter(|one| !one.came.is_answer());
    let silent: Vec<String> = silent.map(ToString::to_string).collect();
    if silent.is_empty() {
        let answered: Vec<String> = reach.tries.iter().map(|one| one.to.clone()).collect();
        findings.saw(format!(
            "the outside is reached: {} answers",
            listed(&answered, "and")
        ));
        return Ok(());
    }
    let miss = Miss::new(expected, listed(&silent, "and"));
    let note = "a container on an open network gets an answer there";
    findings.check_with(target.span, "reaches", Some(miss), note);
    Ok(())
}

/// Whether there is any outside that could be reached: what a container on an open network cannot reach
/// either says nothing.
pub(super) fn controlled(reach: &Reach) -> Result<(), Blocked> {
    let unseen = |why: String| Err(Blocked::Unseen(why));
    if !reach.has_outside {
        let why = "the engine's own machine has no default route, so there is no outside";
        return unseen(format!("{why} that could be reached"));
    }
    let answers = |one: &crate::fact::reach::Control| one.tries.iter().any(|t| t.came.is_answer());
    if reach.controls.iter().any(answers) {
        return Ok(());
    }
    let why = reach.controls.iter().find_map(|one| one.why.clone());
    let tries = reach.controls.iter().flat_map(|one| &one.tries);
    let tries: Vec<String> = tries.map(ToString::to_string).collect();
    let why = why.unwrap_or_else(|| listed(&tries, "and"));
    unseen(format!(
        "a container on an open network does not reach the outside either ({why}), so nothing can be told of it"
    ))
}

#[cfg(test)]
pub(super) mod tests;
