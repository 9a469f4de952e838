//! From what was seen to a draft.

use super::ask::Readiness;
use super::requests::{self, Call};
use super::scalar::text;
use super::seen::Seen;
use super::subject::Compose;
use super::{Case, Draft, Part, Subject, image, life, running};
use crate::fact::ending::Ending;

/// What was seen of what a suite is about.
#[derive(Debug, Default)]
pub struct Known {
    /// The image, where it was looked at.
    pub image: Seen,
    /// What runs: each service's name, and what was seen of it.
    pub services: Vec<(String, Seen)>,
    /// Requests that were tried.
    pub calls: Vec<Call>,
    /// What came of them.
    pub answers: Seen,
    /// How it stopped.
    pub stop: Option<Ending>,
    /// How it ended by itself, and what it wrote.
    pub end: Option<(Ending, Seen)>,
}

/// What a suite says first.
const HEAD: &str = "\
# A first suite, written by `seaworthy init`. It says what was seen, and each claim has held twice;
# whether it is what you want of a release is for you to say. Take out what does not matter, make
# bounds as tight as you need them, and add what only you know: the requirements that cases verify,
# what must be refused, what outlives a restart. `seaworthy explain` lists every claim and step.
";

/// The draft of a suite of this name.
pub fn write(subject: &Subject, name: &str, ready: &Readiness, known: &Known) -> Draft {
    let mut cases: Vec<Case> = image::case(subject, &known.image).into_iter().collect();
    let served = requests::claims(&known.calls, &known.answers);
    match subject {
        Subject::Compose(compose) => cases.extend(services(compose, known)),
        _ => cases.extend(app(known)),
    }
    if !served.is_empty() {
        cases.push(Case {
            name: "answers".to_owned(),
            parts: served.clone(),
            ..Case::default()
        });
    }
    cases.extend(
        known
            .end
            .as_ref()
            .map(|(ending, seen)| life::ends(ending, seen)),
    );
    if known.end.is_none() {
        let is_one = !matches!(subject, Subject::Compose(_));
        let first = known
            .services
            .first()
            .filter(|_| is_one && served.is_empty());
        let listens = first.and_then(|(_, seen)| running::ports(seen));
        let again: Vec<Part> = served.iter().cloned().chain(listens).collect();
        if !again.is_empty() {
            cases.push(life::returns(&again));
        }
        cases.extend(known.stop.as_ref().map(life::stops));
    }
    Draft {
        top: top(subject, name, ready, known),
        cases,
    }
}

fn top(subject: &Subject, name: &str, ready: &Readiness, known: &Known) -> String {
    let mut run = subject.run().to_vec();
    // What ends by itself is waited for by its case.
    if known.end.is_none() {
        run.extend(ready.line());
    }
    let lines = subject.lines(&run).join("\n");
    let what = text(&format!("What was seen of {}", subject.words()));
    format!(
        "{HEAD}seaworthy: 1\nname: {}\ndescription: {what}\n\n{lines}\n\n",
        text(name)
    )
}

/// The case about the one container.
fn app(known: &Known) -> Option<Case> {
    let (_, seen) = known.services.first()?;
    Some(Case {
        name: "runs as it was seen to".to_owned(),
        parts: running::parts(seen, false),
        ..Case::default()
    })
}

/// A case for each service of a Compose file.
fn services(compose: &Compose, known: &Known) -> Vec<Case> {
    let of = |(name, seen): &(String, Seen)| {
        let mut head = Vec::new();
        if *name != compose.app {
            head.push(format!("service: {}", text(name)));
        }
        let parts = match seen.ended() {
            Some(ending) => {
                vec![Part::claim(format!("exited: {}", ending.code)).beside("within: 30s")]
            }
            None => running::parts(seen, true),
        };
        Case {
            name: format!("{name} runs as it was seen to"),
            head,
            parts,
            ..Case::default()
        }
    };
    known.services.iter().map(of).collect()
}

#[cfg(test)]
mod tests;
