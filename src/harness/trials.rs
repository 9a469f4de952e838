//! The cases of suites, each under a name of its own.

use std::collections::{BTreeSet, HashMap};

use crate::api::reading::Reading;
use crate::plan::{Plan, Selection};
use crate::report::clean;

/// A case that is a trial.
#[derive(Debug)]
pub(super) struct Named {
    /// `suite::case`; with its file where another one is called so too, and with a number where that does not tell them
    /// apart either.
    pub(super) name: String,
    /// Its suite and its number there.
    pub(super) at: (usize, usize),
    /// Why it is not run.
    pub(super) skip: Option<String>,
}

/// The cases of the selection in the order of the suites.
pub(super) fn named(reading: &Reading, selection: &Selection) -> Vec<Named> {
    let plan = Plan::new(&reading.suites, selection);
    let mut all = Vec::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (suite_at, case_at) in plan.cases {
        let Some(suite) = reading.suites.get(suite_at) else {
            continue;
        };
        let Some(case) = suite.cases.get(case_at) else {
            continue;
        };
        let name = clean::line(&format!("{}::{}", suite.name, case.name.value));
        *counts.entry(name.clone()).or_default() += 1;
        let file = reading.sources.place(case.name.span).file;
        let named = Named {
            name,
            at: (suite_at, case_at),
            skip: case.skip.clone(),
        };
        all.push((named, file));
    }
    let mut names: Vec<Named> = Vec::new();
    let mut taken = BTreeSet::new();
    for (mut named, file) in all {
        if counts.get(&named.name).is_some_and(|count| *count > 1) {
            named.name = format!("{} ({file})", named.name);
        }
        named.name = clean::free(&mut taken, &named.name);
        names.push(named);
    }
    names
}
