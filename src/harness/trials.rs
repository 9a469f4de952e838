//! The cases of suites, each under a name of its own.

use crate::api::reading::Reading;
use crate::plan::{Plan, Selection};
use crate::report::{clean, named};

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
    let mut all: Vec<Named> = Vec::new();
    let mut names = Vec::new();
    for at in plan.cases {
        let suite = reading.suites.get(at.0);
        let Some((suite, case)) = suite.and_then(|suite| Some((suite, suite.cases.get(at.1)?)))
        else {
            continue;
        };
        let name = clean::line(&format!("{}::{}", suite.name, case.name.value));
        names.push((name, reading.sources.place(case.name.span).file));
        all.push(Named {
            name: String::new(),
            at,
            skip: case.skip.clone(),
        });
    }
    for (one, name) in all.iter_mut().zip(named::apart(&names)) {
        one.name = name;
    }
    all
}
