//! Tries mutants side by side, within the time that there is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::tried::{Bounds, Ground};
use super::{Args, Known};
use crate::cli::interrupt::Interrupts;
use crate::cli::run::desk::runtime;
use crate::engine::{Fault, FaultKind};
use crate::mutate::Mutant;
use crate::mutate::judged::{Found, Judged, Verdict};
use crate::plan::Selection;
use crate::run::options::Options;

/// How many containers of a mutant run side by side.
const WITHIN: usize = 2;
/// What a mutant may take beyond what the unchanged suites took.
const BEYOND: Duration = Duration::from_mins(2);
/// How often that is what the unchanged suites took.
const TIMES: u32 = 4;

/// Mutants that are to be tried.
#[derive(Debug)]
pub(super) struct Tries {
    ground: Arc<Ground>,
    mutants: Vec<Mutant>,
    jobs: usize,
    deadline: Option<Instant>,
    limit: Duration,
    folder: TempDir,
}

/// What came of all, and whether somebody interrupted it; none where nobody waited for the tear-down.
pub(super) type Tried = Option<(Vec<Judged>, bool)>;

impl Tries {
    /// Those of what is known; when all began, and how long the suites took as they are.
    pub(super) fn new(
        args: &Args,
        known: Known,
        (began, unchanged): (Instant, Duration),
    ) -> Result<Self, Fault> {
        let folder = tempfile::tempdir().map_err(|error| local(&error))?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let options = Options {
            engine: args.engine.clone(),
            jobs: WITHIN,
            passing: Some(folder.path().to_owned()),
            selection: Selection::default(),
            ..Options::default()
        };
        Ok(Self {
            ground: Arc::new(Ground {
                suites: known.suites,
                sources: known.sources,
                recipes: known.recipes,
                composed: known.composed,
                options,
                folder: folder.path().to_owned(),
            }),
            mutants: known.mutants,
            jobs: args.jobs.map_or(cores.min(4), usize::from),
            deadline: args.timeout.map(|time| began + time),
            limit: unchanged * TIMES + BEYOND,
            folder,
        })
    }

    /// Tries all; `tell` is told what came of each, as soon as that is known.
    pub(super) fn all(self, tell: impl FnMut(&Judged)) -> Result<Tried, Fault> {
        let runtime = runtime()?;
        let ended = runtime.block_on(self.attend(tell));
        runtime.shutdown_background();
        // Where Dockerfiles lie that were changed.
        let _ = self.folder.close();
        ended
    }

    async fn attend(&self, mut tell: impl FnMut(&Judged)) -> Result<Tried, Fault> {
        let mut interrupts = Interrupts::listen().map_err(|error| local(&error))?;
        let (stop, stopped) = watch::channel(false);
        let mut running = self.begun(&stopped);
        let mut found: BTreeMap<usize, Judged> = BTreeMap::new();
        let mut count = 0;
        loop {
            tokio::select! {
                ended = running.join_next() => match ended {
                    Some(Ok((at, one, took))) => {
                        if let Some(judged) = self.judged(at, one, took) {
                            // What was not begun is told in the end, by its number alone.
                            if !judged.is(Verdict::NotRun) {
                                tell(&judged);
                            }
                            found.insert(at, judged);
                        }
                    }
                    Some(Err(_)) => {}
                    None => break,
                },
                () = interrupts.next() => {
                    count += 1;
                    // Nobody listens any more when all is over.
                    let _ = stop.send(true);
                    if count > 1 {
                        return Ok(None);
                    }
                }
            }
        }
        let lost = |at| {
            let why = "seaworthy lost this mutant: that is a defect of its own, please report it";
            let lost = Found::new(Verdict::Errored, Some(why.to_owned()));
            self.judged(at, lost, Duration::ZERO)
        };
        let all = (0..self.mutants.len()).filter_map(|at| found.remove(&at).or_else(|| lost(at)));
        Ok(Some((all.collect(), count > 0)))
    }

    fn judged(&self, at: usize, found: Found, took: Duration) -> Option<Judged> {
        let mutant = self.mutants.get(at)?;
        Some(Judged::new(mutant, &self.ground.sources, Some(found), took))
    }

    /// All of them, in their order; what has to be alone waits until nothing else runs.
    fn begun(&self, stopped: &watch::Receiver<bool>) -> JoinSet<(usize, Found, Duration)> {
        let jobs = self.jobs.max(1);
        let most = u32::try_from(jobs).unwrap_or(u32::MAX);
        let places = Arc::new(Semaphore::new(jobs));
        let mut running = JoinSet::new();
        for (at, mutant) in self.mutants.iter().enumerate() {
            let (ground, places) = (Arc::clone(&self.ground), Arc::clone(&places));
            let (mutant, stopped) = (mutant.clone(), stopped.clone());
            let (deadline, limit) = (self.deadline, self.limit);
            running.spawn(async move {
                let wanted = if ground.is_alone(&mutant) { most } else { 1 };
                let _place = places.acquire_many(wanted).await;
                let began = Instant::now();
                let left = deadline.map(|end| end.saturating_duration_since(began));
                let why = match (left, *stopped.borrow()) {
                    (_, true) => Some("it was interrupted before"),
                    (Some(Duration::ZERO), _) => Some("the time was up before"),
                    _ => None,
                };
                if let Some(why) = why {
                    let found = Found::new(Verdict::NotRun, Some(why.to_owned()));
                    return (at, found, Duration::ZERO);
                }
                let bounds = Bounds {
                    limit: left.map_or(limit, |left| left.min(limit)),
                    stopped,
                };
                let found = Box::pin(ground.tried(&mutant, at, bounds)).await;
                (at, found, began.elapsed())
            });
        }
        running
    }
}

fn local(error: &std::io::Error) -> Fault {
    Fault::new(FaultKind::Local, "begin to try mutants", error.to_string())
}
