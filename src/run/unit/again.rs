//! A unit that is run once, or again: each time with fresh containers.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::once;
use crate::plan::Unit;
use crate::run::Shared;
use crate::run::attempt::{Again, is_bad, settled};
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
    let mut open = Outcomes::new();
    once(shared, parts, &mut |outcomes| {
        let (bad, good): (Outcomes, Outcomes) = outcomes
            .into_iter()
            .partition(|(_, case)| is_bad(case.verdict));
        shared.settle(good);
        // Where the run is ended meanwhile, this is what came of them.
        shared.note(bad.clone());
        open.extend(bad);
    })
    .await;
    for (at, first) in open {
        let part = parts.iter().find(|part| part.cases.contains(&at));
        let Some(alone) = part.map(|part| part.of_case(at)) else {
            continue;
        };
        let mut attempts = vec![first];
        for _ in 0..more {
            if shared.stop.load(Ordering::Relaxed) {
                break;
            }
            let mut passed = false;
            once(shared, &[&alone], &mut |outcomes| {
                for (_, case) in outcomes {
                    passed = !is_bad(case.verdict);
                    attempts.push(case);
                }
            })
            .await;
            if passed {
                break;
            }
        }
        let case = settled(attempts, shared.options.again);
        shared.settle(case.map(|case| (at, case)).into_iter().collect());
    }
}

async fn so_many_times(shared: &Shared, parts: &[&Unit], times: u16) {
    let mut attempts: BTreeMap<usize, Vec<CaseOutcome>> = BTreeMap::new();
    for _ in 0..times {
        if shared.stop.load(Ordering::Relaxed) {
            break;
        }
        once(shared, parts, &mut |outcomes| {
            for (at, case) in outcomes {
                if is_bad(case.verdict) {
                    shared.note(vec![(at, case.clone())]);
                }
                attempts.entry(at).or_default().push(case);
            }
        })
        .await;
    }
    let whole = |attempts: &Vec<CaseOutcome>| {
        attempts.len() == usize::from(times) || attempts.iter().any(|case| is_bad(case.verdict))
    };
    // One that passed each time and was to be run more often is not judged.
    let attempts = attempts.into_iter().filter(|(_, attempts)| whole(attempts));
    let settled = attempts.filter_map(|(at, all)| Some((at, settled(all, shared.options.again)?)));
    shared.settle(settled.collect());
}
