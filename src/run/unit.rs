//! A unit: the cases that are judged on one container, from its start to its removal.

mod steps;

use std::time::Duration;

use super::Shared;
use super::case::{self, Making};
use super::judge::{Pending, Subject, judge};
use super::others;
use super::outcome::{CaseOutcome, Event, Failure, Trouble};
use super::ready::{self, NotReady};
use crate::engine::{Fault, clock, count::Counter};
use crate::fact::build::BuildFailure;
use crate::fact::calls::Calls;
use crate::fact::question::Question;
use crate::observe::{self, sources::Ground};
use crate::plan::{Kind, Unit};
use crate::session::Session;
use crate::session::image::{NoImage, Ready};
use crate::session::live::{self, Live};
use crate::suite::image::ImageSource;
use crate::suite::{Body, Case, Item, Suite};
use crate::text::url::Url;

/// How long a case may take where nobody says.
const TIMEOUT: Duration = Duration::from_mins(5);
/// How many of the container's last lines are evidence.
const LAST_LINES: usize = 20;

/// The cases of a unit with their outcomes while they are made.
struct Cases<'a> {
    shared: &'a Shared,
    all: Vec<(usize, &'a Suite, &'a Case, Making)>,
    /// The run's hold on the engine, its calls counted for this unit.
    session: Session,
    counter: Counter,
    /// What the claims have taken of them so far.
    observation: Calls,
    /// When the claims of all of them began to be judged.
    prepared: Option<clock::Instant>,
}

/// Runs a unit; gives the outcome of each of its cases.
pub async fn run(shared: &Shared, number: usize) -> Vec<(usize, CaseOutcome)> {
    let Some(unit) = shared.plan.units.get(number) else {
        return Vec::new();
    };
    let began = clock::now();
    let named = unit.cases.iter().filter_map(|&at| {
        let (suite, case) = case::of(&shared.suites, &shared.plan, at)?;
        Some((at, suite, case, Making::new(suite, case, &shared.sources)))
    });
    let (session, counter) = shared.session.counted();
    let mut cases = Cases {
        shared,
        all: named.collect(),
        session,
        counter,
        observation: Calls::default(),
        prepared: None,
    };
    match unit.image {
        None => cases.sources().await,
        Some(number) => {
            cases.doing("prepares its image");
            let (image, others) = tokio::join!(shared.image(number), others::of(shared, unit));
            match image.map(|image| Ready { others, ..image }) {
                Ok(image) => cases.judge(unit, &image).await,
                Err(no_image) => cases.no_image(number, &no_image),
            }
        }
    }
    let took = began.elapsed();
    let mut outcomes = Vec::new();
    let calls = cases.counter.calls();
    for (at, _, _, mut making) in cases.all {
        making.calls(calls.clone(), cases.observation.clone());
        // A case that shares its container ends with its own last claim, not with another's.
        let took = cases
            .prepared
            .map_or(took, |prepared| prepared - began + making.judging());
        let outcome = making.done(took);
        shared.tell(Event::CaseDone {
            index: at,
            outcome: Box::new(outcome.clone()),
        });
        outcomes.push((at, outcome));
    }
    outcomes
}

impl Cases<'_> {
    fn doing(&self, doing: &'static str) {
        for (at, suite, case, _) in &self.all {
            let name = format!("{}::{}", suite.name, case.name.value);
            self.shared.tell(Event::CaseBegan {
                index: *at,
                name,
                doing,
            });
        }
    }

    /// Writes the same into every case.
    fn each(&mut self, mut write: impl FnMut(&Case, &mut Making)) {
        for (_, _, case, making) in &mut self.all {
            write(case, making);
        }
    }

    fn no_image(&mut self, number: usize, no_image: &NoImage) {
        let sources = &self.shared.sources;
        let place = self
            .shared
            .plan
            .images
            .get(number)
            .map(|plan| sources.place(plan.image.span));
        // Many cases may stand on one image: the builder's output is shown at the first of them.
        let units = &self.shared.plan.units;
        let first = units.iter().find(|other| other.image == Some(number));
        let first = first.and_then(|unit| unit.cases.iter().min()).copied();
        for (at, _, case, making) in &mut self.all {
            let place = place
                .clone()
                .unwrap_or_else(|| sources.place(case.name.span));
            match no_image {
                NoImage::Failed(failure) => {
                    making.fail(unbuilt(failure, place));
                    if first == Some(*at) {
                        making.evidence("the builder's last lines", failure.last_lines.clone());
                    }
                }
                NoImage::Suite(message) => making.trouble(Trouble {
                    place: Some(place),
                    message: message.clone(),
                }),
                NoImage::Fault(fault) => making.trouble(Trouble {
                    place: Some(place),
                    message: fault.to_string(),
                }),
            }
        }
    }

    /// Judges what is claimed of sources alone: no image is needed.
    async fn sources(&mut self) {
        self.doing("observes");
        let timeout = self.timeout();
        let work = tokio::time::timeout(timeout, self.expectations(Subject::Sources)).await;
        if work.is_err() {
            self.given_up(timeout);
        }
    }

    async fn judge(&mut self, unit: &Unit, image: &Ready) {
        let named = format!("{} ({})", image.name, image.id);
        self.each(|_, making| making.image(named.clone()));
        if unit.kind == Kind::Image {
            self.expectations(Subject::Image(image, &self.shared.session.engine))
                .await;
            return;
        }
        let timeout = self.timeout();
        let mut live = None;
        let work = tokio::time::timeout(timeout, self.with_container(unit, image, &mut live)).await;
        if work.is_err() {
            self.given_up(timeout);
        }
        if let Some(live) = live {
            self.close(live).await;
        }
    }

    fn given_up(&mut self, timeout: Duration) {
        self.prepared = None;
        let message = format!(
            "the case took longer than {timeout:?} and was given up; `timeout:` on the case gives it more"
        );
        let sources = &self.shared.sources;
        self.each(|case, making| {
            making.trouble(Trouble {
                place: Some(sources.place(case.name.span)),
                message: message.clone(),
            });
        });
    }

    fn timeout(&self) -> Duration {
        let of = |suite: &Suite, case: &Case| {
            case.timeout
                .or(suite.defaults.timeout)
                .map_or(TIMEOUT, |t| t.0)
        };
        self.all
            .iter()
            .map(|(_, suite, case, _)| of(suite, case))
            .max()
            .unwrap_or(TIMEOUT)
    }

    async fn with_container(&mut self, unit: &Unit, image: &Ready, kept: &mut Option<Live>) {
        self.doing("starts");
        let started = match unit.kind {
            Kind::Live => self.container(image).await,
            _ => Live::of_files(&self.session, image).await,
        };
        // It is in its place before it is made, so that it is removed however this ends.
        let live = match started {
            Ok(live) => kept.insert(live),
            Err(fault) => return self.fault(&fault),
        };
        if let Err(fault) = live.launch().await {
            return self.fault(&fault);
        }
        if unit.kind == Kind::Live && !self.wait_ready(live).await {
            return;
        }
        self.doing("observes");
        if matches!(
            self.all.first(),
            Some((
                _,
                _,
                Case {
                    body: Body::Steps(_),
                    ..
                },
                _
            ))
        ) {
            self.steps(live).await;
        } else {
            self.expectations(Subject::Container(live)).await;
        }
    }

    async fn container(&self, image: &Ready) -> Result<Live, Fault> {
        let missing = || {
            Fault::new(
                crate::engine::FaultKind::Local,
                "start the container",
                "no case needs it",
            )
        };
        let (at, suite, case, _) = self.all.first().ok_or_else(missing)?;
        let suite_at = self.shared.plan.cases.get(*at).ok_or_else(missing)?.0;
        let mut reached: Vec<u16> = self
            .all
            .iter()
            .flat_map(|(_, _, case, _)| ports(case))
            .collect();
        reached.sort_unstable();
        reached.dedup();
        let ground = live::Ground {
            folder: suite.folder.clone(),
            reached,
            certificates: self.shared.certificates(suite_at).await?,
        };
        Live::of_run(&self.session, image, &case.run, &ground).await
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

    /// Waits until the container is ready; `false` after writing down that it is not.
    async fn wait_ready(&mut self, live: &mut Live) -> bool {
        self.doing("waits until it is ready");
        let sources = &self.shared.sources;
        let Some((_, _, case, _)) = self.all.first() else {
            return false;
        };
        match ready::wait(live, case, sources).await {
            Ok(()) => true,
            Err(NotReady::Failed(failures)) => {
                self.each(|_, making| making.fail_all(&failures));
                false
            }
            Err(NotReady::Trouble(troubles)) => {
                for trouble in troubles {
                    self.each(|_, making| making.trouble(trouble.clone()));
                }
                false
            }
        }
    }

    /// Where the sources of its cases lie: they share what their image is built from.
    fn ground(&self) -> Option<Ground<'_>> {
        let (_, suite, case, _) = self.all.first()?;
        Some(ground(self.shared, suite, case))
    }

    /// Judges all claims of all cases from one observation.
    async fn expectations(&mut self, subject: Subject<'_>) {
        self.prepared = Some(clock::now());
        // Nothing said when the container is ready, so it was looked at as soon as it ran.
        let unsaid = |case: &Case| case.run.ready.is_none();
        let at_once = match &subject {
            Subject::Container(live) => {
                live.program && !live.declares_check() && self.all.iter().all(|c| unsaid(c.2))
            }
            Subject::Image(..) | Subject::Sources => false,
        };
        let mut pending = Vec::new();
        let mut owners = Vec::new();
        for (at, (_, suite, case, _)) in self.all.iter().enumerate() {
            for item in case.items() {
                pending.push(Pending {
                    item,
                    within: within(item, case, suite),
                    case: at,
                });
                owners.push(at);
            }
        }
        let ground = self.ground();
        let before = self.counter.calls();
        let judged = judge(subject, ground.as_ref(), pending, false).await;
        self.observation.add(&self.counter.calls().since(&before));
        for (owner, mut one) in owners.into_iter().zip(judged) {
            if at_once {
                one.hint_at_ready();
            }
            if let Some((_, _, _, making)) = self.all.get_mut(owner) {
                making.take(one, &self.shared.sources);
            }
        }
    }

    /// Takes evidence where a case did not pass, and removes the container, or keeps it where that
    /// was asked.
    async fn close(&mut self, mut live: Live) {
        let bad = self.all.iter().any(|(_, _, _, making)| !making.is_good());
        if bad && live.program && live.is_made() {
            let end = live.end().await.ok().flatten();
            let log = observe::log(&mut live).await.unwrap_or_default();
            self.each(|_, making| {
                if making.is_good() {
                    return;
                }
                let ending = end.as_ref().map(|ending| format!("it {ending}"));
                if let Some(ending) = ending.filter(|ending| !making.says(ending)) {
                    making.evidence("the container", vec![ending]);
                }
                making.evidence("the container's last lines", log.last(LAST_LINES));
            });
        }
        if bad && self.shared.options.keep && live.is_made() {
            let said = live.keep().await;
            self.each(|_, making| making.kept(said.clone()));
            return;
        }
        // What cannot be removed now is tried again, and told, when the session closes.
        let _ = live.remove().await;
    }
}

fn ground<'a>(shared: &'a Shared, suite: &'a Suite, case: &'a Case) -> Ground<'a> {
    let build = match case.image_of(suite).map(|image| &image.source) {
        Some(ImageSource::Build(build)) => Some(build.as_ref()),
        _ => None,
    };
    Ground {
        session: &shared.session,
        folder: &suite.folder,
        build,
    }
}

fn within(item: &Item, case: &Case, suite: &Suite) -> Option<Duration> {
    item.modifiers
        .within
        .or(case.within)
        .or(suite.defaults.within)
        .map(|time| time.0)
}

/// Ports of the container that requests of this machine go to.
fn ports(case: &Case) -> Vec<u16> {
    let ready = match case.run.ready.as_ref().map(|r| &r.when) {
        Some(crate::suite::ready::When::Items(items)) => items.as_slice(),
        _ => &[],
    };
    let items = case.items().into_iter().chain(ready);
    let requests = items
        .flat_map(|item| item.claim.questions())
        .filter_map(|question| match question {
            Question::Http(request) if request.from == "host" => {
                let url = Url::parse(&request.url).ok()?;
                Some((url.host, url.port))
            }
            Question::Certificate(handshake) => Some(("app".to_owned(), handshake.port)),
            Question::Tcp(talk) if talk.from == "host" => Some((talk.host, talk.port)),
            _ => None,
        });
    requests
        .filter(|(host, _)| host == "app")
        .map(|(_, port)| port)
        .collect()
}

fn unbuilt(failure: &BuildFailure, place: crate::text::source::Place) -> Failure {
    Failure {
        place,
        claim: "image".to_owned(),
        what: "build".to_owned(),
        service: None,
        expected: "an image that builds".to_owned(),
        actual: failure.what(),
        diff: None,
        notes: failure.help.iter().cloned().collect(),
        waited: None,
    }
}
