//! Every kind of call of a small but whole suite, spoiled once and spoiled from then on: the run ends, says that it
//! cannot tell, and leaves nothing.

use std::collections::{BTreeMap, VecDeque};

use super::proxy::{Fault, Plan};
use super::{all, awaited, begun, each, folder, told};

const FAULTS: [Fault; 4] = [Fault::Refused, Fault::Reset, Fault::CutOff, Fault::Nonsense];

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

/// What is wrong with a run in which this call was spoiled.
fn wrong(plan: Plan) -> Option<String> {
    let folder = folder();
    let kind = plan.kind.clone().unwrap_or_default();
    let at = format!(
        "{kind} number {}, {:?}, lasting {}",
        plan.number, plan.fault, plan.lasts
    );
    let passes = !plan.lasts && may_pass(&kind, plan.fault).is_some();
    let (run, proxy) = begun(folder.path(), Some(plan));
    let process = run.id();
    let (code, text) = told(run.wait_with_output().unwrap());
    let left = awaited(process, &proxy.address());
    if !left.is_empty() {
        return Some(format!("{at}: left {left:?}\n{text}"));
    }
    let is_whole = text.contains("2 passed, 0 failed, 0 errored");
    match code {
        Some(3) if !text.contains("panicked") => None,
        Some(0) if is_whole && (passes || !proxy.is_done()) => None,
        _ => Some(format!(
            "{at}: code {code:?}, asked {:?}\n{text}",
            proxy.asked()
        )),
    }
}

/// How often each kind of call is made by a run of which nothing is spoiled.
fn counts() -> BTreeMap<String, usize> {
    let folder = folder();
    let (run, proxy) = begun(folder.path(), None);
    let (code, text) = told(run.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    let mut counts = BTreeMap::new();
    for kind in proxy.asked() {
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

#[test]
fn a_call_that_is_spoiled_is_an_error_and_never_a_pass() {
    let mut open = VecDeque::new();
    for (at, (kind, count)) in counts().into_iter().enumerate() {
        // In each phase: at its first, and at its last.
        let numbers = [0, count - 1];
        for (which, fault) in FAULTS.into_iter().enumerate() {
            for (place, number) in numbers.into_iter().enumerate() {
                let is_of_sample = at % (2 * FAULTS.len()) == which + place * FAULTS.len();
                if (all() || is_of_sample) && (place == 0 || number > 0) {
                    open.push_back(Plan {
                        fault,
                        kind: Some(kind.clone()),
                        number,
                        lasts: false,
                    });
                }
            }
        }
    }
    let found = each(open, wrong);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_kind_of_call_that_is_never_answered_is_an_error() {
    // Who cleans up asks by the same proxy, and lists and removes what is there.
    let is_of_cleaning = |kind: &str| {
        let lists = ["/containers/json", "/networks", "/volumes", "/images/json"];
        let path = kind.strip_prefix("GET ");
        kind.starts_with("DELETE ") || path.is_some_and(|path| lists.contains(&path))
    };
    let kinds = counts().into_keys().filter(|kind| !is_of_cleaning(kind));
    let of_sample = |at: &usize| all() || at.is_multiple_of(4);
    let kinds = kinds.enumerate().filter(|(at, _)| of_sample(at));
    let plans = kinds.map(|(at, kind)| Plan {
        fault: FAULTS[at / 4 % FAULTS.len()],
        kind: Some(kind),
        number: 0,
        lasts: true,
    });
    let found = each(plans.collect(), wrong);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
