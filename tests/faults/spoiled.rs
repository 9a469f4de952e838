//! Every kind of call of a small but whole suite, spoiled once: the run ends, says that it cannot tell, and leaves
//! nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::proxy::{Fault, Plan};
use super::{awaited, begun, folder, told};

const AT_ONCE: usize = 3;

/// How long the tidying may go on after the run.
const GONE: Duration = Duration::from_secs(10);

const FAULTS: [Fault; 4] = [Fault::Refused, Fault::Reset, Fault::CutOff, Fault::Nonsense];

/// Calls whose answer no claim of the suite rests on, and why. Where one of them is spoiled the run may pass.
const DISPENSABLE: [(&str, &str); 0] = [];

fn all() -> bool {
    std::env::var("SEAWORTHY_FAULTS").as_deref() == Ok("all")
}

/// What is wrong with a run in which this call was spoiled.
fn wrong(kind: &str, number: usize, fault: Fault) -> Option<String> {
    let folder = folder();
    let plan = Plan {
        fault,
        kind: Some(kind.to_owned()),
        number,
    };
    let (run, proxy) = begun(folder.path(), Some(plan));
    let process = run.id();
    let (code, text) = told(run.wait_with_output().unwrap());
    let at = format!("{kind} number {number}, {fault:?}");
    let left = awaited(process, GONE);
    if !left.is_empty() {
        return Some(format!("{at}: left {left:?}\n{text}"));
    }
    if text.contains("panicked") {
        return Some(format!("{at}: panicked\n{text}"));
    }
    let may_pass = DISPENSABLE
        .iter()
        .any(|(dispensable, _)| *dispensable == kind);
    match code {
        Some(3) => None,
        Some(0) if may_pass || !proxy.is_done() => None,
        _ => Some(format!("{at}: code {code:?}\n{text}")),
    }
}

#[test]
fn a_call_that_is_spoiled_is_an_error_and_never_a_pass() {
    let whole = folder();
    let (run, proxy) = begun(whole.path(), None);
    let (code, text) = told(run.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for kind in proxy.asked() {
        *counts.entry(kind).or_default() += 1;
    }
    let mut open = VecDeque::new();
    for (at, (kind, count)) in counts.iter().enumerate() {
        // In each phase: at its first, and at its last.
        let numbers = [0, count - 1];
        for (which, fault) in FAULTS.into_iter().enumerate() {
            for (place, number) in numbers.into_iter().enumerate() {
                let is_of_sample = (at + which + place) % FAULTS.len() == 0;
                if (all() || is_of_sample) && (place == 0 || number > 0) {
                    open.push_back((kind.clone(), number, fault));
                }
            }
        }
    }
    let (open, found) = (Mutex::new(open), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((kind, number, fault)) = open.lock().unwrap().pop_front() else {
                        break;
                    };
                    found.lock().unwrap().extend(wrong(&kind, number, fault));
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
