//! What the user asks of a run.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::attempt::Again;
use super::case;
use super::joined::{Part, Unjudged};
use crate::plan::shard::Shard;
use crate::plan::{Plan, Selection};
use crate::suite::Suite;

/// How many containers run side by side where nobody says: they wait more than they compute.
pub fn jobs() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores * 2).clamp(2, 8)
}

/// The cases that several machines share.
#[derive(Debug, Clone)]
pub struct Share {
    /// Which part is this machine's.
    pub shard: Shard,
    /// All of the cases, by suite and case.
    pub all: Vec<(usize, usize)>,
}

/// Settings of a run.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a wish of its own, most of them flags of the command line"
)]
#[derive(Debug, Clone)]
pub struct Options {
    /// Which cases are run, on which image.
    pub selection: Selection,
    /// Leave the containers of cases that did not pass.
    pub keep: bool,
    /// Begin no further case after the first that did not pass.
    pub fail_fast: bool,
    /// Fail where a requirement of the suites is not verified.
    pub require_all: bool,
    /// Look again and again at what containers use, for a report.
    pub samples: bool,
    /// How often each case is run.
    pub again: Again,
    /// Fail where a case passed only when it was run again.
    pub strict: bool,
    /// The part of the cases that this machine runs.
    pub part: Option<Share>,
    /// How many containers at once.
    pub jobs: usize,
    /// The engine, by address or context; found as the Docker CLI finds it without one.
    pub engine: Option<String>,
    /// A container that is there already and takes the place of the one that a case would start.
    pub attached: Option<String>,
    /// What is built from a Dockerfile below this folder goes with the run.
    pub passing: Option<PathBuf>,
}

impl Default for Options {
    /// How suites are run where nobody says otherwise.
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            keep: false,
            fail_fast: false,
            require_all: false,
            samples: false,
            again: Again::Once,
            strict: false,
            part: None,
            jobs: jobs(),
            engine: None,
            attached: None,
            passing: None,
        }
    }
}

impl Options {
    /// How the Docker CLI is called for the engine of this run: it finds one by itself as we do.
    pub fn docker(&self) -> String {
        match &self.engine {
            None => "docker".to_owned(),
            Some(address) if address.contains("://") => format!("docker -H {address}"),
            Some(context) => format!("docker --context {context}"),
        }
    }

    /// Which part of the run the plan is, of which these cases were judged.
    pub fn part(&self, suites: &[Suite], plan: &Plan, cases: &[usize]) -> Option<Part> {
        let share = self.part.as_ref()?;
        let numbers: HashMap<&(usize, usize), usize> = share
            .all
            .iter()
            .enumerate()
            .map(|(number, case)| (case, number))
            .collect();
        let number = |at: &usize| numbers.get(plan.cases.get(*at)?).copied();
        let judged: HashSet<&usize> = cases.iter().collect();
        let unjudged = (0..plan.cases.len()).filter(|at| !judged.contains(at));
        let unjudged = unjudged.filter_map(|at| {
            let (suite, case) = case::of(suites, plan, at)?;
            Some(Unjudged {
                number: number(&at)?,
                suite: suite.name.clone(),
                name: case.name.value.clone(),
            })
        });
        Some(Part {
            number: share.shard.number,
            of: share.shard.of,
            all: share.all.len(),
            chosen: self.selection.words(),
            cases: cases.iter().filter_map(number).collect(),
            unjudged: unjudged.collect(),
        })
    }
}
