//! Every kind of call of small but whole suites, spoiled once and spoiled from then on: the run ends, says that it
//! cannot tell, and leaves nothing.

use std::collections::{BTreeMap, VecDeque};

use super::proxy::{Fault, Plan};
use super::systems::System;
use super::{all, awaited, begun, each, ended};

const FAULTS: [Fault; 4] = [Fault::Refused, Fault::Reset, Fault::CutOff, Fault::Nonsense];

/// What may come of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comes {
    /// It is an error.
    Errored,
    /// It is an error, and what is spoiled was asked for.
    Met,
    /// It passes, or is an error.
    Either,
    /// It passes: all that is claimed is seen.
    Passed,
}

/// A run of which something is spoiled, and what may come of it.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) system: System,
    pub(super) plan: Plan,
    pub(super) comes: Comes,
}

/// What of a run's calls may be spoiled once without an error, and why: each time all that is claimed is seen.
fn may_pass(kind: &str, fault: Fault) -> Option<&'static str> {
    let breaks_off = matches!(fault, Fault::Reset | Fault::CutOff);
    let (method, path) = kind.split_once(' ')?;
    match (method, path) {
        ("GET", _) if breaks_off => Some("a question whose answer broke off is asked once more"),
        ("GET", "/containers/X/json") => Some(
            "one look compares how a container stands between cases, and takes silence for a change",
        ),
        ("DELETE", _) => Some(
            "what was not removed is removed at the end, where the engine is asked what is left",
        ),
        ("POST", "/containers/X/exec" | "/exec/X/start") => {
            Some("where no probe answers another is begun")
        }
        ("POST", "/containers/X/start" | "/containers/X/stop") if fault == Fault::Nonsense => {
            Some("what is said to have been done is looked at, and what was said is not")
        }
        _ => None,
    }
}

/// The same of a system, where services of a Compose file are made by their tool.
fn may_pass_of(system: System, kind: &str, fault: Fault) -> Option<&'static str> {
    let composed = match kind {
        _ if system != System::Composed => None,
        "HEAD /_ping" => Some("the tool finds out otherwise what the engine speaks"),
        "GET /networks/X" => Some("where containers cannot be dialled, a port is published"),
        "GET /volumes" => Some("what is left of a project is looked for again at the end"),
        _ => None,
    };
    composed.or_else(|| may_pass(kind, fault))
}

/// How long a case may take of which an answer is waited for.
const LIMIT: &str = "15s";

/// What is wrong with such a run.
pub(super) fn wrong(trial: Trial) -> Option<String> {
    let at = format!("{trial:?}");
    let Trial {
        system,
        plan,
        comes,
    } = trial;
    let waits = matches!(plan.fault, Fault::Never | Fault::Silent);
    let folder = system.folder(waits.then_some(LIMIT));
    let (run, proxy) = begun(folder.path(), Some(plan));
    let process = run.id();
    let (code, text) = ended(run);
    let left = awaited(process, &proxy.address());
    if !left.is_empty() {
        return Some(format!("{at}: left {left:?}\n{text}"));
    }
    let is_whole = text.contains("2 passed, 0 failed, 0 errored");
    let may_pass = match comes {
        Comes::Errored => !proxy.is_done(),
        Comes::Met => false,
        Comes::Either | Comes::Passed => true,
    };
    let may_err = comes != Comes::Passed && (comes != Comes::Met || proxy.is_done());
    match code {
        Some(3) if may_err && !text.contains("panicked") => None,
        Some(0) if may_pass && is_whole => None,
        _ => Some(format!(
            "{at}: code {code:?}, asked {:?}\n{text}",
            proxy.asked()
        )),
    }
}

/// How often each kind of call is made by a run of which nothing is spoiled.
pub(super) fn counts(system: System) -> BTreeMap<String, usize> {
    let folder = system.folder(None);
    let (run, proxy) = begun(folder.path(), None);
    let (code, text) = ended(run);
    assert_eq!(code, Some(0), "{text}");
    let mut counts = BTreeMap::new();
    for kind in proxy.asked() {
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

/// Each kind of call of a system, spoiled in each way, or one of so many of these.
fn spoiled_once(system: System, one_of: usize) -> VecDeque<Trial> {
    let mut open = VecDeque::new();
    for (at, (kind, count)) in counts(system).into_iter().enumerate() {
        // In each phase: at its first, and at its last.
        let numbers = [0, count - 1];
        for (which, fault) in FAULTS.into_iter().enumerate() {
            for (place, number) in numbers.into_iter().enumerate() {
                let is_of_sample = at % one_of == which + place * FAULTS.len();
                if !(all() || is_of_sample) || (place == 1 && number == 0) {
                    continue;
                }
                let comes = match may_pass_of(system, &kind, fault) {
                    Some(_) => Comes::Either,
                    None => Comes::Errored,
                };
                let plan = Plan {
                    fault,
                    kind: Some(kind.clone()),
                    number,
                    lasts: false,
                    after: None,
                };
                open.push_back(Trial {
                    system,
                    plan,
                    comes,
                });
            }
        }
    }
    open
}

/// Each kind of call of a system, never answered from the first on, or one of so many kinds.
fn spoiled_for_good(system: System, one_of: usize) -> VecDeque<Trial> {
    // Who cleans up asks by the same proxy, and lists and removes what is there.
    let is_of_cleaning = |kind: &str| {
        let lists = ["/containers/json", "/networks", "/volumes", "/images/json"];
        let path = kind.strip_prefix("GET ");
        kind.starts_with("DELETE ") || path.is_some_and(|path| lists.contains(&path))
    };
    let kinds = counts(system)
        .into_keys()
        .filter(|kind| !is_of_cleaning(kind));
    let of_sample = |at: &usize| all() || at.is_multiple_of(one_of);
    let kinds = kinds.enumerate().filter(|(at, _)| of_sample(at));
    let plans = kinds.map(|(at, kind)| Plan {
        fault: FAULTS[at / one_of % FAULTS.len()],
        kind: Some(kind),
        number: 0,
        lasts: true,
        after: None,
    });
    let trial = |plan| Trial {
        system,
        plan,
        comes: Comes::Errored,
    };
    plans.map(trial).collect()
}

#[test]
fn a_call_that_is_spoiled_is_an_error_and_never_a_pass() {
    let found = each(spoiled_once(System::Whole, 2 * FAULTS.len()), wrong);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_kind_of_call_that_is_never_answered_is_an_error() {
    let found = each(spoiled_for_good(System::Whole, FAULTS.len()), wrong);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_call_of_the_compose_tool_that_is_spoiled_is_an_error_and_never_a_pass() {
    let mut open = spoiled_once(System::Composed, 4 * FAULTS.len());
    open.extend(spoiled_for_good(System::Composed, 3 * FAULTS.len()));
    let found = each(open, wrong);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// That a service had not died meanwhile is asked at the end. Which of the looks at containers that is changes.
#[test]
fn a_service_of_which_nobody_can_tell_whether_it_lived_is_an_error() {
    let kind = "GET /containers/X/json";
    let count = counts(System::Whole)[kind];
    let told = (0..count).rev().any(|number| {
        let plan = Plan {
            fault: Fault::Refused,
            kind: Some(kind.to_owned()),
            number,
            lasts: false,
            after: None,
        };
        let folder = System::Whole.folder(None);
        let (run, _) = begun(folder.path(), Some(plan));
        let (code, text) = ended(run);
        let says = "whether the service `store` lived until the end cannot be told: cannot ";
        code == Some(3) && text.contains(says)
    });
    assert!(told, "of {count} looks none was that");
}
