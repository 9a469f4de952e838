//! Bringing the containers of a unit up: each as soon as what it waits for is there.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;

use super::healthy::{Never, never};
use super::{Cases, members};
use crate::engine::{Fault, FaultKind, Result};
use crate::plan::{Kind, Unit};
use crate::run::outcome::{Failure, Trouble};
use crate::run::ready::{self, Awaited, NotReady};
use crate::session::company::{self, Company, Member, Seat};
use crate::session::compose::Project;
use crate::session::first_error;
use crate::session::image::Ready;
use crate::session::live::{Ground, Live};
use crate::session::unmade::Lacks;
use crate::suite::order;
use crate::suite::ready::Ready as When;
use crate::suite::run::{Run, Wait};
use crate::suite::service::APP;
use crate::suite::{Case, Item, Suite};
use crate::text::source::{Span, Spanned};

/// How far a container has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Waits,
    Started,
    Ready,
}

/// Why a unit is not up.
enum NotUp {
    /// The engine could not do it.
    Fault(usize, Fault),
    /// What it waits for can never be so.
    Never(Never),
    /// It was started and did not get ready.
    NotReady(usize, NotReady),
}

impl Cases<'_> {
    /// How many networks of the engine its containers need.
    pub(super) fn networks(&self, unit: &Unit) -> u32 {
        let case = self.all.first().map(|(_, _, case, _)| case);
        if let Some(project) = &self.project {
            let count = u32::try_from(project.stack.networks.len()).unwrap_or(u32::MAX);
            return count.min(crate::run::NETWORKS);
        }
        let Some(case) = case.filter(|_| unit.kind == Kind::Live) else {
            return 0;
        };
        let needed = company::needed(&seats(&runs(case)), &self.switched());
        u32::try_from(needed.len())
            .unwrap_or(u32::MAX)
            .min(crate::run::NETWORKS)
    }

    /// Takes in everyone of the first case; the others are run as it is.
    pub(super) async fn gather(
        &self,
        image: &Ready,
        services: &[(String, Ready)],
        company: &mut Company,
    ) -> Result<()> {
        let (suite_at, suite, case) = self.first()?;
        if let Some(container) = &self.shared.options.attached {
            let live = Live::attached(&self.session, image, container).await?;
            company.take(APP, 1, 1, live);
            return Ok(());
        }
        let certificates = self.shared.certificates(suite_at).await?;
        let runs = runs(case);
        let seats = seats(&runs);
        company
            .found(
                &seats,
                &self.switched(),
                &suite.networks,
                certificates.is_some(),
            )
            .await?;
        for seat in &seats {
            let own = services.iter().find(|(name, _)| name == seat.service);
            let ground = Ground {
                folder: suite.folder.clone(),
                reach: suite.reach.clone(),
                reached: members::ports(seat.service, self.reaching(seat)),
                certificates: certificates.clone(),
                ..Ground::default()
            };
            let image = own.map_or(image, |(_, image)| image);
            company.seat(seat, image, &ground).await?;
        }
        Ok(())
    }

    /// Takes in containers that only show the files of their images.
    pub(super) async fn gather_files(
        &self,
        image: Option<&Ready>,
        services: &[(String, Ready)],
        company: &mut Company,
    ) -> Result<()> {
        if let Some(image) = image {
            let app = Live::of_files(&self.session, image).await?;
            company.take(APP, 1, 1, app);
        }
        for (name, image) in services {
            let live = Live::of_files(&self.session, image).await?;
            company.take(name, 1, 1, live);
        }
        Ok(())
    }

    pub(super) fn first(&self) -> Result<(usize, &Suite, &Case)> {
        let missing = || {
            let doing = "start the container";
            Fault::new(FaultKind::Local, doing, "no case needs it")
        };
        let (at, suite, case, _) = self.all.first().ok_or_else(missing)?;
        let (suite_at, _) = self.shared.plan.cases.get(*at).ok_or_else(missing)?;
        Ok((*suite_at, suite, case))
    }

    /// The claims that may lead a connection to a service.
    fn reaching<'a>(&'a self, seat: &Seat<'a>) -> impl Iterator<Item = &'a Item> {
        let cases = self.every().flat_map(Case::items);
        let ready = seat
            .run
            .ready
            .iter()
            .flat_map(crate::suite::ready::Ready::items);
        cases.chain(ready)
    }

    /// Starts everyone, each when what it waits for is there; `false` after writing down what kept one
    /// from getting ready. The first that does not ends it for all.
    pub(super) async fn start(&mut self, unit: &Unit, company: &Company) -> bool {
        let Ok((_, _, case)) = self.first() else {
            return false;
        };
        let live = matches!(unit.kind, Kind::Live | Kind::Compose);
        let (needs, all) = (self.needs(case), self.everyone(case));
        let to_launch = AtomicUsize::new(company.members().len());
        let stages: Vec<watch::Sender<Stage>> = company
            .members()
            .iter()
            .map(|_| watch::channel(Stage::Waits).0)
            .collect();
        let none = Vec::new();
        let needed = self.needed(company);
        let bring = |at: usize| {
            let (needs, all, stages, none) = (&needs, &all, &stages, &none);
            let (this, to_launch) = (&*self, &to_launch);
            let needed = &needed;
            let (sources, progress) = (&self.shared.sources, &self.progress);
            async move {
                let member = &company.members()[at];
                let before = if live {
                    needs.get(&member.service).unwrap_or(none)
                } else {
                    none
                };
                for (service, condition) in before {
                    let wanted = match condition {
                        Wait::Started => Stage::Started,
                        Wait::Ready | Wait::Healthy | Wait::Completed => Stage::Ready,
                    };
                    for other in company.named([service.as_str()]) {
                        let mut stage = stages[other].subscribe();
                        let _ = stage.wait_for(|now| *now >= wanted).await;
                        if *condition == Wait::Healthy {
                            let why = never(company, other, (&member.service, service), all).await;
                            let why = why.map_err(|fault| NotUp::Fault(at, fault))?;
                            why.map_or(Ok(()), |why| Err(NotUp::Never(why)))?;
                        }
                    }
                }
                let launched = match company.live(at).await {
                    Ok(mut live) => live.launch().await,
                    Err(fault) => Err(fault),
                };
                launched.map_err(|fault| NotUp::Fault(at, fault))?;
                // The last of them has nobody to start any more.
                if to_launch.fetch_sub(1, Ordering::Relaxed) == 1 && live {
                    this.doing("waits until it is ready");
                    this.progress.at("waiting until it is ready");
                }
                stages[at].send_replace(Stage::Started);
                let named = all.iter().find(|one| one.name == member.service);
                if let (true, Some(one)) = (live, named) {
                    let one = Awaited {
                        company,
                        at,
                        ready: one.ready,
                        span: one.span,
                        sources,
                        of_file: one.described.as_deref(),
                        mild: one.described.is_some() && !member.is_app(),
                        again: false,
                        // What a service lacks is told of it, and not of those that it waits for.
                        needed: if member.is_app() { needed } else { &[] },
                        progress,
                    };
                    let completes = needs.values().flatten().any(|(service, condition)| {
                        *service == member.service && *condition == Wait::Completed
                    });
                    let ready = match completes {
                        true => ready::completed(one).await,
                        false => ready::wait(one).await,
                    };
                    ready.map_err(|why| NotUp::NotReady(at, why))?;
                }
                stages[at].send_replace(Stage::Ready);
                Ok(())
            }
        };
        let up = first_error((0..company.members().len()).map(bring)).await;
        match up {
            Ok(()) => true,
            Err(why) => {
                self.not_up(company, why).await;
                false
            }
        }
    }

    /// Waits until one container is ready again after a step; `false` after writing down that it is not.
    pub(super) async fn wait_ready(
        &mut self,
        company: &Company,
        at: usize,
        (span, after): (Span, String),
    ) -> bool {
        self.tells("waits until it is ready");
        self.progress.goes_on("waiting until it is ready");
        let Ok((_, _, case)) = self.first() else {
            return false;
        };
        let Some(member) = company.members().get(at) else {
            return false;
        };
        let all = self.everyone(case);
        let Some(one) = all.iter().find(|one| one.name == member.service) else {
            return true;
        };
        let sources = &self.shared.sources;
        let needed = self.needed(company);
        let ready = ready::wait(Awaited {
            company,
            at,
            ready: one.ready,
            span,
            sources,
            of_file: one.described.as_deref(),
            mild: one.described.is_some() && !member.is_app(),
            again: true,
            needed: if member.is_app() { &needed } else { &[] },
            progress: &self.progress,
        })
        .await;
        match ready {
            Ok(()) => true,
            Err(mut why) => {
                if let NotReady::Failed(failures) = &mut why {
                    for failure in failures {
                        failure.notes.push(after.clone());
                    }
                }
                self.not_up(company, NotUp::NotReady(at, why)).await;
                false
            }
        }
    }

    /// What the image under test lacks is a failure; what a service lacks keeps us from telling.
    async fn not_up(&mut self, company: &Company, why: NotUp) {
        match why {
            NotUp::Fault(at, fault) => {
                let message = match company.label(at) {
                    Some(label) => format!("on {label}: {fault}"),
                    None => fault.to_string(),
                };
                self.trouble(company, at, &message);
            }
            NotUp::Never(why) => {
                self.never_up(&why.message);
                let sources = &self.shared.sources;
                self.each(|case, making| {
                    making.trouble(Trouble {
                        place: Some(sources.place(why.span.unwrap_or(case.name.span))),
                        message: why.message.clone(),
                    });
                });
            }
            NotUp::NotReady(_, NotReady::Trouble(troubles)) => {
                for trouble in troubles {
                    self.each(|_, making| making.trouble(trouble.clone()));
                }
            }
            NotUp::NotReady(at, NotReady::Failed(failures)) => {
                let is_app = company.members().get(at).is_some_and(Member::is_app);
                let dead = match is_app {
                    true => self.dead_service(company).await,
                    false => None,
                };
                if is_app && dead.is_none() {
                    return self.each(|_, making| making.fail_all(&failures));
                }
                let member = company.members().get(at);
                let described = self
                    .project
                    .as_ref()
                    .zip(member)
                    .map(|(project, member)| project.place(&["services", &member.service]));
                for failure in &failures {
                    let trouble = unready(company, at, failure, described.as_deref());
                    self.never_up(&trouble.message);
                    self.each(|_, making| making.trouble(trouble.clone()));
                }
                if let Some((at, dead)) = dead {
                    if let Ok(message) = &dead {
                        self.never_up(message);
                    }
                    let (Ok(message) | Err(message)) = dead;
                    self.trouble(company, at, &message);
                }
            }
        }
    }

    /// Writes down that what a Compose file describes does not come up: nothing but the file itself says so.
    fn never_up(&self, why: &str) {
        if self.project.is_some() {
            self.session.never_made(Lacks::Readiness, why);
        }
    }

    /// What must be so before each is started.
    fn needs(&self, case: &Case) -> order::Needs {
        match &self.project {
            Some(project) => project.needs(),
            None => order::needs(&case.run, &case.services),
        }
    }

    /// Everyone, the image under test first.
    fn everyone<'a>(&'a self, case: &'a Case) -> Vec<One<'a>> {
        let (Some(project), Ok((_, suite, _))) = (&self.project, self.first()) else {
            let one = |(name, run, span): (&'a str, &'a Run, Span)| One {
                name,
                ready: run.ready.as_ref(),
                span,
                described: None,
                waits: Waits::Suite(run),
            };
            return runs(case).into_iter().map(one).collect();
        };
        let compose = suite.compose.as_ref();
        let ready = |name: &str| {
            let own = |(one, _): &&'a (Spanned<String>, When)| {
                one.value == name || one.value == APP && name == project.app()
            };
            let mut all = compose
                .into_iter()
                .flat_map(|compose| &compose.value.ready.0);
            all.find(own).map(|(_, ready)| ready)
        };
        // The Compose file says how each is run.
        let span = compose.map_or(case.name.span, |compose| compose.value.app.span);
        let parts = project.stack.parts.iter();
        parts
            .map(|part| One {
                name: &part.name,
                ready: ready(&part.name),
                span,
                described: Some(project.place(&["services", &part.name])),
                waits: Waits::File(project),
            })
            .collect()
    }

    /// Something about one container that keeps us from telling.
    pub(super) fn trouble(&mut self, company: &Company, at: usize, message: &str) {
        let member = company.members().get(at);
        let sources = &self.shared.sources;
        self.each(|case, making| {
            let services = case.services.iter();
            let mut spans =
                services.filter(|(name, _)| member.is_some_and(|m| m.service == name.value));
            let span = spans.next().map_or(case.name.span, |(name, _)| name.span);
            making.trouble(Trouble {
                place: Some(sources.place(span)),
                message: message.to_owned(),
            });
        });
    }
}

/// A container that is started.
pub(super) struct One<'a> {
    pub(super) name: &'a str,
    /// When it counts as ready, where that is said.
    pub(super) ready: Option<&'a When>,
    /// Where it is named.
    pub(super) span: Span,
    /// Where a Compose file describes it.
    pub(super) described: Option<String>,
    /// Where it stands for whom it waits.
    pub(super) waits: Waits<'a>,
}

/// What says for whom a container waits.
pub(super) enum Waits<'a> {
    /// The suite.
    Suite(&'a Run),
    /// The Compose file.
    File(&'a Project),
}

/// Everyone of a case, the image under test first: how each is run, and where it is named.
fn runs(case: &Case) -> Vec<(&str, &Run, Span)> {
    let services = case.services.iter();
    let services = services.map(|(name, s)| (name.value.as_str(), &s.run, name.span));
    [(APP, &case.run, case.name.span)]
        .into_iter()
        .chain(services)
        .collect()
}

/// The seats of everyone.
fn seats<'a>(runs: &[(&'a str, &'a Run, Span)]) -> Vec<Seat<'a>> {
    let seat = |&(service, run, _): &(&'a str, &'a Run, Span)| Seat {
        service,
        of: run.scale.as_ref().map_or(1, |scale| scale.value),
        run,
    };
    runs.iter().map(seat).collect()
}

/// A service that did not get ready, as what keeps us from telling.
fn unready(company: &Company, at: usize, failure: &Failure, described: Option<&str>) -> Trouble {
    let label = company
        .members()
        .get(at)
        .map(Member::label)
        .unwrap_or_default();
    let what = match failure.claim.as_str() {
        "ready" => String::new(),
        _ => format!("{}: ", failure.about()),
    };
    let mut message = format!(
        "the service `{label}` did not get ready: {what}expected {}, found {}",
        failure.expected, failure.actual
    );
    for note in &failure.notes {
        message.push_str("\n  ");
        message.push_str(note);
    }
    let is_new = |place: &&str| !message.contains(place);
    if let Some(place) = described.filter(is_new) {
        message.push_str(&format!("\n  it is described at {place}"));
    }
    Trouble {
        place: Some(failure.place.clone()),
        message,
    }
}
