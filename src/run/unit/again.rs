//! A unit that is run once, or again: each time with fresh containers.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::once;
use crate::plan::Unit;
use crate::run::Shared;
use crate::run::attempt::{Again, Attempts, is_bad};
use crate::run::outcome::CaseOutcome;

/// What came of cases, by their number in the plan.
type Outcomes = Vec<(usize, CaseOutcome)>;

/// Runs a unit and what goes on with its containers as often as is asked for.
pub(super) async fn run(shared: &Shared, unit: &Unit) {
    let parts: Vec<&Unit> = unit.parts().collect();
    match shared.options.again {
        Again::Once => once(shared, &parts, &mut |outcomes| shared.settle(outcomes)).await,
        Again::UntilItPasses(more) => until_it_passes(shared, &parts, more).await,
        Again::Times(times) => so_many_times(shared, &parts, times).await,
    }
}

/// What did not pass is run again by itself, once all containers of the first time are gone.
async fn until_it_passes(shared: &Shared, parts: &[&Unit], more: u16) {
    let mut open: BTreeMap<usize, Attempts> = BTreeMap::new();
    once(shared, parts, &mut |outcomes| {
        let (bad, good): (Outcomes, Outcomes) = outcomes
            .into_iter()
            .partition(|(_, case)| is_bad(case.verdict));
        shared.settle(good);
        take(shared, &mut open, bad);
    })
    .await;
    let all: Vec<usize> = open.keys().copied().collect();
    for at in all {
        let part = parts.iter().find(|part| part.cases.contains(&at));
        let Some(alone) = part.map(|part| part.of_case(at)) else {
            continue;
        };
        for _ in 0..more {
            let is_open = open.get(&at).is_some_and(Attempts::are_bad);
            if !is_open || shared.stop.load(Ordering::Relaxed) {
                break;
            }
            once(shared, &[&alone], &mut |outcomes| {
                take(shared, &mut open, outcomes);
            })
            .await;
        }
        let case = open.remove(&at).and_then(Attempts::settled);
        shared.settle(case.map(|case| (at, case)).into_iter().collect());
    }
}

async fn so_many_times(shared: &Shared, parts: &[&Unit], times: u16) {
    let mut all: BTreeMap<usize, Attempts> = BTreeMap::new();
    for _ in 0..times {
        if shared.stop.load(Ordering::Relaxed) {
            break;
        }
        once(shared, parts, &mut |outcomes| {
            take(shared, &mut all, outcomes);
        })
        .await;
    }
    // One that passed each time and was to be run more often is not judged.
    let whole = |attempts: &Attempts| attempts.count() == usize::from(times) || attempts.are_bad();
    let whole = all.into_iter().filter(|(_, attempts)| whole(attempts));
    let settled = whole.filter_map(|(at, attempts)| Some((at, attempts.settled()?)));
    shared.settle(settled.collect());
}

/// Takes what came of cases this time. Facts that nothing is told by any more make room for others, and where the run
/// is ended before it gets further, what did not pass is known.
fn take(shared: &Shared, all: &mut BTreeMap<usize, Attempts>, outcomes: Outcomes) {
    for (at, case) in outcomes {
        let new = || Attempts::new(shared.options.again);
        let attempts = all.entry(at).or_insert_with(new);
        if let Some(old) = attempts.add(case) {
            shared.keeper.release(&old);
        }
        if attempts.are_bad() {
            let so_far = attempts.clone().settled();
            shared.note(so_far.map(|case| (at, case)));
        }
    }
}
