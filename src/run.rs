//! The orchestrator: brings containers up, has them observed and judged, and takes them down.

pub mod anew;
pub mod among;
pub mod attempt;
pub mod case;
mod early;
pub mod events;
pub mod facts;
pub mod gathered;
pub mod grants;
pub mod joined;
mod keep;
pub mod judge;
pub mod layers;
pub mod options;
pub mod others;
pub mod outcome;
mod ports;
pub mod progress;
pub mod provenance;
pub mod ready;
pub mod record;
pub mod renamed;
pub mod standing;
pub mod unit;
mod unmounted;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OnceCell, Semaphore, watch};
use tokio::task::JoinSet;

use crate::engine::certificates::Certificates;
use crate::engine::record::Recorder;
use crate::engine::{Engine, Fault, clock, usage, world};
use crate::plan::{Kind, Plan, Unit};
use crate::session::certificates;
use crate::session::compose::Project;
use crate::session::image::{self, NoImage, Ready};
use crate::session::{RUN_ID, Session};
use crate::suite::Suite;
use crate::suite::outside::shown;
use crate::text::source::Sources;
use attempt::is_bad;
use events::Teller;
use keep::Keeper;
use options::Options;
use outcome::{CaseOutcome, Event, Outcome, Trouble};
use ports::Ports;

/// How long the tear-down of a whole run may take.
const TEAR_DOWN: Duration = Duration::from_mins(2);

/// How long the engine is asked what it is.
const ENGINE: Duration = Duration::from_secs(5);

/// How many networks there may be at once: an engine has addresses for about thirty, its own and those of
/// others among them.
const NETWORKS: u32 = 12;

/// What every unit of a run shares.
#[derive(Debug)]
pub struct Shared {
    /// The suites, as planned.
    pub suites: Vec<Suite>,
    /// Their texts.
    pub sources: Sources,
    /// What is to be done.
    pub plan: Plan,
    /// What the user asks for.
    pub options: Options,
    /// The hold on the engine.
    pub session: Session,
    /// Where the run's course is taken down.
    pub recorder: Recorder,
    events: Teller,
    keeper: Keeper,
    images: Vec<OnceCell<Result<Ready, NoImage>>>,
    certificates: Vec<OnceCell<Result<Option<Arc<Certificates>>, Fault>>>,
    projects: Vec<OnceCell<Result<Arc<Project>, NoImage>>>,
    networks: Semaphore,
    ports: Ports,
    stop: AtomicBool,
    /// What came of cases so far, also of those whose unit is given up; what was noted last of each.
    done: Mutex<BTreeMap<usize, CaseOutcome>>,
}

impl Shared {
    /// Tells those who watch.
    pub fn tell(&self, event: Event) {
        self.events.tell(event);
    }

    fn done(&self) -> MutexGuard<'_, BTreeMap<usize, CaseOutcome>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what came of cases that may yet be run again.
    fn note(&self, done: impl IntoIterator<Item = (usize, CaseOutcome)>) {
        self.done().extend(done);
    }

    /// Writes down what came of these for good: those who watch are told, and nothing more begins where one did not
    /// pass and the user wants no more then.
    fn settle(&self, done: Vec<(usize, CaseOutcome)>) {
        for (at, outcome) in &done {
            self.tell(Event::CaseDone {
                index: *at,
                outcome: Box::new(outcome.clone()),
            });
        }
        let mut verdicts = done.iter().map(|(_, outcome)| outcome.verdict);
        if self.options.fail_fast && verdicts.any(is_bad) {
            self.stop.store(true, Ordering::Relaxed);
        }
        self.note(done);
    }

    /// The image of that number, brought once for all that need it.
    pub async fn image(&self, number: usize) -> Result<Ready, NoImage> {
        let Some((plan, cell)) = self.plan.images.get(number).zip(self.images.get(number)) else {
            return Err(NoImage::Suite("this case has no image".to_owned()));
        };
        let bring = || async {
            let name = image::label(plan);
            let began = clock::now();
            let brings = self.recorder.image(&name).begins(image::doing(plan));
            self.tell(Event::ImageBegan {
                image: name.clone(),
                doing: image::doing(plan),
                compared: self.plan.is_compared_with(number),
            });
            let line = |line: String| {
                self.tell(Event::ImageLine {
                    image: name.clone(),
                    line,
                });
            };
            let instead = self.options.selection.image.as_deref();
            let result = self.session.image(plan, line).await;
            let result = result.map_err(|why| why.of(&name, instead));
            if let Ok(ready) = &result {
                self.keeper.hide(&ready.facts);
            }
            let how = result
                .as_ref()
                .map_or_else(|_| "failed".to_owned(), |ready| ready.how.clone());
            brings.came_to(&how);
            self.tell(Event::ImageDone {
                image: name.clone(),
                how,
                took: began.elapsed(),
            });
            result
        };
        cell.get_or_init(bring).await.clone()
    }

    /// What the Compose file of the suite of that number describes, resolved and built once for all its
    /// cases.
    pub async fn project(&self, suite: usize) -> Result<Arc<Project>, NoImage> {
        let missing = || NoImage::Suite("this suite has no Compose file".to_owned());
        let (suite, cell) = self
            .suites
            .get(suite)
            .zip(self.projects.get(suite))
            .ok_or_else(missing)?;
        let compose = suite.compose.as_ref().ok_or_else(missing)?;
        let make = || async {
            let files = compose
                .value
                .files
                .iter()
                .map(|file| shown(&suite.folder.join(&file.value)));
            let name = files.collect::<Vec<_>>().join(" and ");
            let began = clock::now();
            let doing = "resolves and builds";
            let brings = self.recorder.image(&name).begins(doing);
            self.tell(Event::ImageBegan {
                image: name.clone(),
                doing,
                compared: false,
            });
            let line = |line: String| {
                self.tell(Event::ImageLine {
                    image: name.clone(),
                    line,
                });
            };
            let warned = |said: String| self.tell(Event::Warned { said });
            let image = self.options.selection.image.as_deref();
            let made = self
                .session
                .compose(
                    &compose.value,
                    (&suite.folder, &suite.reach, &suite.laid),
                    image,
                    (line, warned),
                )
                .await;
            for (_, ready) in made.iter().flat_map(Project::images) {
                self.keeper.hide(&ready.facts);
            }
            let how = if made.is_ok() { "resolved" } else { "failed" };
            brings.came_to(how);
            self.tell(Event::ImageDone {
                image: name.clone(),
                how: how.to_owned(),
                took: began.elapsed(),
            });
            made.map(Arc::new)
        };
        cell.get_or_init(|| Box::pin(make())).await.clone()
    }

    /// The certificates of the suite of that number, made once for all its cases.
    pub async fn certificates(&self, suite: usize) -> Result<Option<Arc<Certificates>>, Fault> {
        let Some((suite, cell)) = self.suites.get(suite).zip(self.certificates.get(suite)) else {
            return Ok(None);
        };
        let make = || async { certificates::make(suite).map(|made| made.map(Arc::new)) };
        cell.get_or_init(make).await.clone()
    }
}

/// Runs the wanted cases. A fault is one that kept the run from beginning at all.
pub async fn run(
    suites: Vec<Suite>,
    sources: Sources,
    options: Options,
    events: Teller,
    mut interrupt: watch::Receiver<u8>,
) -> Result<Outcome, Fault> {
    let began = clock::now();
    let recorder = Recorder::begin();
    let plan = Plan::new(&suites, &options.selection);
    events.tell(Event::Began {
        cases: plan.cases.len(),
    });
    let all: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    let known = Outcome {
        // What other shards have was chosen as well.
        unchosen: all
            - options
                .part
                .as_ref()
                .map_or(plan.cases.len(), |part| part.all.len()),
        ..provenance::of_run(&suites, &sources, &plan, &options)
    };
    let mut outcomes: Vec<Option<CaseOutcome>> = vec![None; plan.cases.len()];
    if plan.units.is_empty() {
        let all: Vec<usize> = (0..plan.cases.len()).collect();
        let skipped = all.iter().map(|at| {
            let outcome = case::skipped(&suites, &sources, &plan, *at);
            events.tell(Event::CaseDone {
                index: *at,
                outcome: Box::new(outcome.clone()),
            });
            outcome
        });
        let cases = skipped.collect();
        return Ok(Outcome {
            took: began.elapsed(),
            part: options.part(&suites, &plan, &all),
            ..known.of_cases(cases)
        });
    }
    let finds = recorder.run().begins("finds the engine");
    let engine = tokio::select! {
        engine = engine(&suites, &plan, &options) => engine?,
        () = interrupted(&mut interrupt) => {
            let unjudged = plan.cases.len();
            let took = began.elapsed();
            return Ok(Outcome { unjudged, took, interrupted: true, ..known });
        }
    };
    drop(finds);
    let session = guarded(engine, &options, &events).await?;
    let images = plan.images.iter().map(|_| OnceCell::new()).collect();
    let certificates = suites.iter().map(|_| OnceCell::new()).collect();
    let projects = suites.iter().map(|_| OnceCell::new()).collect();
    let shared = Arc::new(Shared {
        keeper: Keeper::new(&suites),
        suites,
        sources,
        plan,
        options,
        session,
        recorder,
        events,
        images,
        certificates,
        projects,
        networks: Semaphore::new(NETWORKS as usize),
        ports: Ports::default(),
        stop: AtomicBool::new(false),
        done: Mutex::default(),
    });
    let mut running = JoinSet::new();
    let interrupted = tokio::select! {
        () = work(&shared, &mut running) => false,
        () = interrupted(&mut interrupt) => true,
        () = usage::watch(&shared.recorder), if shared.options.samples => false,
    };
    // None of them may ask the engine for anything once we begin to remove.
    running.shutdown().await;
    shared.tell(Event::TearDown);
    let (troubles, engine) = tokio::join!(close(&shared), engine_in_a_line(&shared));
    for (at, outcome) in std::mem::take(&mut *shared.done()) {
        if let Some(place) = outcomes.get_mut(at) {
            *place = Some(outcome);
        }
    }
    let given_up = interrupted || shared.stop.load(Ordering::Relaxed);
    let unjudged = outcomes.iter().filter(|outcome| outcome.is_none()).count();
    let (judged, cases) = judged(&shared, outcomes, given_up);
    Ok(Outcome {
        part: shared.options.part(&shared.suites, &shared.plan, &judged),
        run: shared.session.run.clone(),
        troubles,
        interrupted,
        unjudged: if given_up { unjudged } else { 0 },
        took: began.elapsed(),
        calls: shared.session.engine.api().counter().calls(),
        engine,
        facts: shared.keeper.facts(),
        courses: vec![shared.recorder.course(&shared.session.run)],
        images: layers::of(&shared),
        grants: grants::of(&shared),
        unmade: shared.session.unmade(),
        ..known.of_cases(cases)
    })
}

/// The engine; nothing where no case asks it for anything.
async fn engine(suites: &[Suite], plan: &Plan, options: &Options) -> Result<Option<Engine>, Fault> {
    let of_files = |unit: &Unit| {
        let cases = unit.cases.iter();
        let mut cases = cases.filter_map(|at| case::of(suites, plan, *at));
        let builds = cases.any(|(_, case)| case.items().iter().any(|one| one.claim.needs_build()));
        unit.kind == Kind::Sources && !builds
    };
    match plan.units.iter().flat_map(Unit::parts).all(of_files) {
        true => Ok(None),
        false => Engine::find(options.engine.as_deref()).await.map(Some),
    }
}

/// A hold on the engine for this run alone, with somebody who cleans up if it is killed; where there can be nobody,
/// that is said. A run that asks no engine has no id, since it makes nothing.
async fn guarded(
    engine: Option<Engine>,
    options: &Options,
    events: &Teller,
) -> Result<Session, Fault> {
    let Some(engine) = engine else {
        return Session::new(Engine::unasked()?, String::new(), world::owner());
    };
    let session = Session::new(engine, world::random(RUN_ID).to_lowercase(), world::owner())?;
    let session = session.with_passing_builds(options.passing.clone());
    if let Err(fault) = session.guard().await {
        events.tell(Event::Unguarded {
            why: fault.to_string(),
        });
    }
    Ok(session)
}

/// The cases that were judged, by their number in the plan; where the run was not given up, those of which
/// nothing is known are our own fault.
fn judged(
    shared: &Shared,
    outcomes: Vec<Option<CaseOutcome>>,
    given_up: bool,
) -> (Vec<usize>, Vec<CaseOutcome>) {
    let lost = |at| case::lost(&shared.suites, &shared.sources, &shared.plan, at);
    let all = outcomes.into_iter().enumerate();
    all.filter_map(|(at, outcome)| match outcome {
        Some(outcome) => Some((at, outcome)),
        None if given_up => None,
        None => Some((at, lost(at))),
    })
    .unzip()
}

/// Removes all that the run made; what is left is a trouble of the run's.
async fn close(shared: &Shared) -> Vec<Trouble> {
    if shared.session.run.is_empty() {
        return Vec::new();
    }
    let _removes = shared.recorder.run().begins("removes what is left");
    let closing = tokio::time::timeout(TEAR_DOWN, shared.session.close());
    let left = closing.await.unwrap_or_else(|_| {
        let slow = format!("removing what the run made took longer than {TEAR_DOWN:?}");
        let left = shared.session.may_be_left();
        let gc = "`seaworthy gc` removes what ended runs left";
        Some(left.map_or(slow.clone(), |left| format!("{slow}; {left}, or {gc}")))
    });
    let trouble = |message| Trouble {
        place: None,
        message,
    };
    left.into_iter().map(trouble).collect()
}

/// The engine in a line, for those who file what came of it. What cannot be told of it is no trouble of
/// the run's.
async fn engine_in_a_line(shared: &Shared) -> String {
    if shared.session.run.is_empty() {
        return String::new();
    }
    let facts = tokio::time::timeout(ENGINE, shared.session.engine.facts()).await;
    let facts = facts.ok().and_then(Result::ok);
    facts.map_or_else(String::new, |facts| provenance::engine(&facts))
}

async fn interrupted(interrupt: &mut watch::Receiver<u8>) {
    if interrupt.wait_for(|count| *count > 0).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// All units, as many at once as there may be, in the order of the plan.
async fn work(shared: &Arc<Shared>, running: &mut JoinSet<()>) {
    for at in 0..shared.plan.cases.len() {
        if case::of(&shared.suites, &shared.plan, at).is_some_and(|(_, case)| case.skip.is_some()) {
            let skipped = case::skipped(&shared.suites, &shared.sources, &shared.plan, at);
            shared.tell(Event::CaseDone {
                index: at,
                outcome: Box::new(skipped.clone()),
            });
            shared.done().insert(at, skipped);
        }
    }
    let jobs = shared.options.jobs.max(1);
    let most = u32::try_from(jobs).unwrap_or(u32::MAX);
    let places = Arc::new(Semaphore::new(jobs));
    for unit in 0..shared.plan.units.len() {
        let (shared, places) = (Arc::clone(shared), Arc::clone(&places));
        running.spawn(async move {
            // A case that is timed alone waits until nothing else runs.
            let alone = shared.plan.units.get(unit).is_some_and(|u| u.alone);
            let count = if alone { most } else { 1 };
            let Ok(_place) = places.acquire_many(count).await else {
                return;
            };
            // What came of it is heeded before the next one takes this place.
            if !shared.stop.load(Ordering::Relaxed) {
                Box::pin(unit::run(&shared, unit)).await;
            }
        });
    }
    while running.join_next().await.is_some() {}
}
