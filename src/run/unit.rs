//! A unit: the cases that are judged on one container, from its start to its removal.

mod again;
mod composed;
mod dead;
mod evidence;
mod healthy;
mod held;
mod lacks;
mod load;
pub(in crate::run) use load::told;
mod members;
mod own;
mod phases;
mod start;
mod steps;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Shared;
use super::case::{self, Making};
use super::judge::{Pending, Subject, Until, judge, within};
use super::keep;
use super::others;
use super::outcome::{CaseOutcome, Trouble};
use super::progress::Progress;
use crate::engine::{Fault, clock, count::Counter, record};
use crate::fact::calls::Calls;
use crate::observe::sources::{Grounds, Recipe};
use crate::plan::{Kind, Unit};
use crate::session::company::Company;
use crate::session::compose::Project;
use crate::session::compose::stack::Stack;
use crate::session::image::{NoImage, Ready};
use crate::session::{Session, all};
use crate::suite::image::ImageSource;
use crate::suite::service::APP;
use crate::suite::{Body, Case, Suite};
use held::{Held, Standing};
use own::Own;

/// How long a case may take where nobody says.
const TIMEOUT: Duration = Duration::from_mins(5);

/// The cases of a unit with their outcomes while they are made.
struct Cases<'a> {
    shared: &'a Shared,
    unit: &'a Unit,
    all: Vec<(usize, &'a Suite, &'a Case, Making)>,
    /// Those whose containers they go on with.
    behind: Vec<&'a Case>,
    /// Those that go on with their containers.
    ahead: Vec<&'a Case>,
    /// Why those that are ahead get fresh containers.
    unheld: Option<String>,
    /// How each container stood when the steps began.
    stood: Vec<Standing>,
    /// The run's hold on the engine, its calls counted for this unit.
    session: Session,
    counter: Counter,
    /// What had been asked of it before they began.
    before: Calls,
    /// What the claims have taken of them so far.
    observation: Calls,
    /// How long it waited for others before it began.
    waited: Duration,
    /// What others have to wait for.
    own: Own<'a>,
    /// When the claims of all of them began to be judged.
    prepared: Option<clock::Instant>,
    /// The Compose file that describes what they are about.
    project: Option<Arc<Project>>,
    /// And what it describes, where nothing of it is built.
    described: Option<Stack>,
    progress: Progress,
    phases: record::Phases,
}

/// Runs a unit and what goes on with its containers; what came of each of their cases is written down as it is known.
pub async fn run(shared: &Shared, number: usize) {
    if let Some(unit) = shared.plan.units.get(number) {
        Box::pin(again::run(shared, unit)).await;
    }
}

/// Runs the parts of a unit once, with fresh containers; what came of each part's cases is given to `take`.
async fn once(
    shared: &Shared,
    parts: &[&Unit],
    take: &mut (dyn FnMut(Vec<(usize, CaseOutcome)>) + Send),
) {
    Box::pin(in_turn(shared, parts, take)).await;
}

async fn in_turn(
    shared: &Shared,
    parts: &[&Unit],
    take: &mut (dyn FnMut(Vec<(usize, CaseOutcome)>) + Send),
) {
    let (session, counter) = shared.session.counted();
    let counted = (session.recorded(shared.recorder.party()), counter);
    let mut held = None;
    let mut unheld: Option<String> = None;
    for (at, part) in parts.iter().enumerate() {
        let ahead = parts.get(at + 1..).unwrap_or_default();
        let mut cases = Cases::new(shared, part, ahead, counted.clone());
        if let Some(why) = unheld.take().filter(|_| held.is_none()) {
            cases.begins_afresh(&why);
        }
        let began = clock::now();
        held = match held.take() {
            Some(held) => cases.go_on(held).await,
            None => Box::pin(cases.begin()).await,
        };
        unheld = cases.unheld.take();
        cases.done(began, take);
        if shared.stop.load(Ordering::Relaxed) {
            break;
        }
    }
    if let Some(Held { company, .. }) = held {
        company.remove().await;
    }
}

impl<'a> Cases<'a> {
    fn new(
        shared: &'a Shared,
        unit: &'a Unit,
        ahead: &[&'a Unit],
        (session, counter): (Session, Counter),
    ) -> Self {
        let named = |at: &usize| case::of(&shared.suites, &shared.plan, *at);
        let all = unit.cases.iter().filter_map(|at| {
            let (suite, case) = named(at)?;
            Some((*at, suite, case, Making::new(suite, case, &shared.sources)))
        });
        let ahead = ahead.iter().flat_map(|unit| &unit.cases);
        let all: Vec<_> = all.collect();
        Self {
            phases: phases::of(&session.record, &all),
            shared,
            unit,
            all,
            behind: Vec::new(),
            unheld: None,
            stood: Vec::new(),
            ahead: ahead.filter_map(named).map(|(_, case)| case).collect(),
            before: counter.calls(),
            session,
            counter,
            observation: Calls::default(),
            waited: Duration::ZERO,
            own: Own::default(),
            prepared: None,
            project: None,
            described: None,
            progress: Progress::default(),
        }
    }

    /// What came of each, given to `take` before anyone gets its addresses and ports.
    fn done(self, began: clock::Instant, take: &mut dyn FnMut(Vec<(usize, CaseOutcome)>)) {
        let began = began + self.waited;
        let took = began.elapsed();
        let calls = self.counter.calls().since(&self.before);
        let cover = self.shared.keeper.cover(self.suite());
        let mut outcomes = Vec::new();
        for (at, suite, case, mut making) in self.all {
            making.ran(keep::ran(case, &cover), keep::composed(suite));
            making.calls(calls.clone(), self.observation.clone());
            // A case that shares its container ends with its own last claim, not with another's.
            let took = self
                .prepared
                .map_or(took, |prepared| prepared - began + making.judging());
            outcomes.push((at, making.done(took)));
        }
        take(outcomes);
    }

    /// From images on; gives what the next can go on with.
    async fn begin(&mut self) -> Option<Held<'a>> {
        let (shared, unit) = (self.shared, self.unit);
        match unit.kind {
            Kind::Compose => return Box::pin(self.composed(unit)).await,
            Kind::Sources if self.asks_of_project() => Box::pin(self.composed_sources()).await,
            Kind::Sources => self.sources().await,
            Kind::Image | Kind::Files | Kind::Live => {
                self.doing("prepares its image");
                let own = async {
                    match unit.image {
                        Some(number) => shared
                            .image(number)
                            .await
                            .map(Some)
                            .map_err(|why| (number, why)),
                        None => Ok(None),
                    }
                };
                // One that a step names and there is none of is told at that step.
                let replacing = unit.replacing.iter().map(|(_, at)| shared.image(*at));
                let brought = async {
                    let brought = tokio::join!(own, services(shared, unit), all(replacing));
                    self.tells_of_others(unit);
                    brought
                };
                let ((image, services, _), mut others) =
                    tokio::join!(brought, others::of(shared, unit));
                let mut compared = |service: &str, image: Ready| {
                    let others = others.remove(service).unwrap_or_default();
                    Ready { others, ..image }
                };
                match (image, services) {
                    (Ok(image), Ok(services)) => {
                        let image = image.map(|image| compared(APP, image));
                        let services = services.into_iter();
                        let services: Vec<(String, Ready)> = services
                            .map(|(name, image)| (name.clone(), compared(&name, image)))
                            .collect();
                        return match self.has_ports(unit).await {
                            true => self.judge(unit, image.as_ref(), &services).await,
                            false => None,
                        };
                    }
                    (Err((number, no_image)), _) => self.no_image(number, &no_image),
                    (Ok(_), Err((name, number, why))) => self.no_service(&name, number, &why),
                }
            }
        }
        None
    }

    async fn judge(
        &mut self,
        unit: &Unit,
        image: Option<&Ready>,
        services: &[(String, Ready)],
    ) -> Option<Held<'a>> {
        let named = match image {
            Some(image) => members::shown(image),
            None => {
                let all = services.iter();
                let all = all.map(|(name, image)| format!("{name}: {}", members::shown(image)));
                all.collect::<Vec<_>>().join(", ")
            }
        };
        let all = members::all_images(image, services, self.project.as_deref());
        self.each(|_, making| making.image(named.clone(), all.clone()));
        if unit.kind == Kind::Image {
            let images = members::images(image, services);
            let engine = self.shared.session.engine.clone();
            self.in_time(&Subject::Images(&images, &engine)).await;
            return None;
        }
        let timeout = self.timeout();
        let mut held = Held::new(Company::new(&self.session), named, all);
        let places = self.networks(unit);
        let shared = self.shared;
        let work = async {
            // Before anything is made: the engine has addresses for so many networks only.
            self.phases.turn("waits for networks");
            held.networks = shared.networks.acquire_many(places).await.ok();
            self.with_containers(unit, image, services, &mut held.company)
                .await;
        };
        if tokio::time::timeout(timeout, work).await.is_err() {
            self.given_up(timeout);
        }
        self.end(held).await
    }
}

impl Cases<'_> {
    /// Writes the same into every case.
    fn each(&mut self, mut write: impl FnMut(&Case, &mut Making)) {
        for (_, _, case, making) in &mut self.all {
            write(case, making);
        }
    }

    /// Judges what is claimed of sources alone: no image is needed.
    async fn sources(&mut self) {
        self.doing("observes");
        let services = self.all.first().map(|(_, _, case, _)| &case.services);
        let services = services.into_iter().flatten();
        let names = services.map(|(name, _)| name.value.clone());
        let names: Vec<String> = [APP.to_owned()].into_iter().chain(names).collect();
        self.in_time(&Subject::Sources(&names, APP)).await;
    }

    /// Judges what needs no container, for as long as the cases may take.
    async fn in_time(&mut self, subject: &Subject<'_>) {
        let timeout = self.timeout();
        let work = tokio::time::timeout(timeout, self.expectations(subject)).await;
        if work.is_err() {
            self.given_up(timeout);
        }
    }

    fn given_up(&mut self, timeout: Duration) {
        self.prepared = None;
        let message = format!(
            "the case took longer than {timeout:?} and was given up{}; `timeout:` on the case gives it more",
            self.progress.told()
        );
        let sources = &self.shared.sources;
        self.each(|case, making| {
            making.trouble(Trouble {
                place: Some(sources.place(case.name.span)),
                message: message.clone(),
            });
        });
    }

    /// How long its cases may take: those that share a unit have the same limit.
    fn timeout(&self) -> Duration {
        let first = self.all.first();
        let given = first.and_then(|(_, suite, case, _)| case.limit(suite));
        given.map_or(TIMEOUT, |time| time.0)
    }

    async fn with_containers(
        &mut self,
        unit: &Unit,
        image: Option<&Ready>,
        services: &[(String, Ready)],
        company: &mut Company,
    ) {
        self.doing("starts");
        self.progress.at("starting the container");
        let gathered = match (unit.kind, image) {
            (Kind::Live, Some(image)) => self.gather(image, services, company).await,
            (Kind::Compose, _) => self.gather_project(company).await,
            (_, image) => self.gather_files(image, services, company).await,
        };
        if let Err(fault) = gathered {
            return self.fault(&fault);
        }
        let company: &Company = company;
        if !self.start(unit, company).await {
            return;
        }
        self.doing("observes");
        self.progress.at("");
        let steps = |(_, _, case, _): &(_, _, &Case, _)| matches!(case.body, Body::Steps(_));
        if self.all.first().is_some_and(steps) {
            self.steps_from_here(company).await;
        } else {
            self.expectations(&Subject::Company(company)).await;
        }
        self.services_live(company).await;
    }

    fn fault(&mut self, fault: &Fault) {
        let sources = &self.shared.sources;
        self.each(|case, making| {
            making.trouble(Trouble {
                place: Some(sources.place(case.name.span)),
                message: fault.to_string(),
            });
        });
    }

    /// The number of the suite that its cases are of.
    fn suite(&self) -> usize {
        self.first().map_or(usize::MAX, |(suite, ..)| suite)
    }

    /// Where the sources of its cases lie: they share what their image is built from.
    fn ground(&self) -> Option<Grounds<'_>> {
        let (_, suite, case, _) = self.all.first()?;
        let project = self.project.as_ref().map(|project| &project.stack);
        let builds = match self.described.as_ref().or(project) {
            Some(stack) if case.image.is_none() => {
                let parts = stack.parts.iter();
                let built = parts.filter_map(|part| Some((part.name.as_str(), part.recipe()?)));
                let built = built.map(|(name, request)| (name, Recipe::Compose(Box::new(request))));
                built.collect()
            }
            _ => recipes(suite, case),
        };
        Some(Grounds {
            session: &self.shared.session,
            folder: &suite.folder,
            reach: &suite.reach,
            builds,
        })
    }

    /// Judges all claims of all cases from one observation.
    async fn expectations(&mut self, subject: &Subject<'_>) {
        self.prepared = Some(clock::now());
        // Nothing said when the container is ready, so it was looked at as soon as it ran.
        let unsaid = |case: &Case| case.run.ready.is_none() && self.project.is_none();
        let at_once = match subject {
            Subject::Company(company) => {
                let program = match company.live(0).await {
                    Ok(live) => live.program && !live.declares_check(),
                    Err(_) => false,
                };
                program && self.all.iter().all(|c| unsaid(c.2))
            }
            Subject::Images(..) | Subject::Sources(..) => false,
        };
        let among = subject.among();
        let mut pending = Vec::new();
        let mut owners = Vec::new();
        for (at, (_, suite, case, making)) in self.all.iter().enumerate() {
            // One that speaks of what is not there is told as that.
            let items = case.items().into_iter().filter(|_| making.is_good());
            for item in items {
                pending.push(Pending {
                    item,
                    within: within(item, case, suite),
                    case: at,
                    members: among.of(item, case),
                });
                owners.push(at);
            }
        }
        let ground = self.ground();
        let watch = (&self.progress, &self.shared.sources);
        let before = self.counter.calls();
        let needed = match subject {
            Subject::Company(company) => self.needed(company),
            Subject::Images(..) | Subject::Sources(..) => Vec::new(),
        };
        let until = Until {
            ended: None,
            dead: &needed,
        };
        let judged = judge(subject, ground.as_ref(), pending, until, watch).await;
        self.observation.add(&self.counter.calls().since(&before));
        let looks = self.shared.keeper.looks(self.suite(), &judged);
        let in_image = self.unit.kind == Kind::Files;
        for ((owner, mut one), look) in owners.into_iter().zip(judged).zip(looks) {
            if let Some((_, _, case, making)) = self.all.get_mut(owner) {
                case::hint(&mut one, case, at_once, in_image);
                making.meets(among.clone());
                making.looks(at_once, in_image);
                making.take(one, look, &self.shared.sources);
            }
        }
    }

    /// Takes evidence where a case did not pass, and removes the containers, or keeps them where that
    /// was asked.
    async fn close(&mut self, mut company: Company) {
        let bad = self.all.iter().any(|(_, _, _, making)| !making.is_good());
        if bad {
            self.phases.turn("gathers evidence");
            for at in 0..company.members().len() {
                self.evidence(&company, at).await;
            }
        }
        if bad && self.shared.options.keep {
            let said = company.keep(&self.shared.options.docker()).await;
            self.each(|_, making| making.kept(said.clone()));
            return;
        }
        self.phases.turn("removes");
        company.remove().await;
        self.phases.rest();
    }
}

/// The images of a unit's services, brought side by side; else the first that there is none of.
async fn services(
    shared: &Shared,
    unit: &Unit,
) -> Result<Vec<(String, Ready)>, (String, usize, NoImage)> {
    let brought = unit.services.iter().map(|(name, number)| async {
        let image = shared.image(*number).await;
        let named = image.map(|image| (name.clone(), image));
        named.map_err(|why| (name.clone(), *number, why))
    });
    all(brought).await.into_iter().collect()
}

/// What the images of a case are built from, as its suite says.
fn recipes<'a>(suite: &'a Suite, case: &'a Case) -> Vec<(&'a str, Recipe<'a>)> {
    let services = case.services.iter();
    let services = services.map(|(name, service)| (name.value.as_str(), &service.image));
    let own = case.image_of(suite).map(|image| (APP, image));
    let builds = own.into_iter().chain(services);
    let builds = builds.filter_map(|(name, image)| match &image.source {
        ImageSource::Build(build) => Some((name, Recipe::Suite(build))),
        _ => None,
    });
    builds.collect()
}
