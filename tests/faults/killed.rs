//! Runs that are killed outright at a call to the engine: what they made is removed all the same.

use super::proxy::{Fault, Plan};
use super::systems::System;
use super::{all, awaited, begun, each, left, reapers, told};

/// Of so many calls one is tried, where not all are.
const SAMPLE: usize = 13;

/// The run is killed at that call; what is wrong with what came of it.
fn wrong(number: usize, fault: Fault) -> Option<String> {
    let folder = System::Whole.folder(None);
    let plan = Plan {
        fault,
        kind: None,
        number,
        lasts: false,
        after: None,
    };
    let (run, proxy) = begun(folder.path(), Some(plan));
    let process = run.id();
    let (code, text) = told(run.wait_with_output().unwrap());
    if !proxy.is_done() {
        // This run needed fewer calls than the one that was counted.
        return (code != Some(0)).then(|| format!("call {number}: code {code:?}\n{text}"));
    }
    let at = || {
        let asked = proxy.asked();
        format!(
            "killed at call {number}, {:?} ({fault:?})",
            asked.get(number)
        )
    };
    if let Some(code) = code {
        // Killed at its very end, it may have had the time to say so.
        return (code != 0).then(|| format!("{}: code {code}\n{text}", at()));
    }
    let left = awaited(process, &proxy.address());
    (!left.is_empty()).then(|| format!("{}: left: {left:?}", at()))
}

#[test]
fn what_a_run_made_is_removed_wherever_it_is_killed() {
    let whole = System::Whole.folder(None);
    let (run, proxy) = begun(whole.path(), None);
    let process = run.id();
    let (code, text) = told(run.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    assert_eq!((left(process), reapers(&proxy.address())), (vec![], vec![]));
    let calls = proxy.asked().len();
    assert!(calls > 20, "{:?}", proxy.asked());
    let numbers = (0..calls).step_by(if all() { 1 } else { SAMPLE });
    let moments = [Fault::KilledBefore, Fault::KilledAfter];
    let both = numbers.flat_map(|number| moments.map(|fault| (number, fault)));
    let found = each(both.collect(), |(number, fault)| wrong(number, fault));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
