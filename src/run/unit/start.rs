//! Bringing the containers of a unit up: each as soon as what it waits for is there.

use tokio::sync::watch;

use super::{Cases, members};
use crate::engine::{Fault, FaultKind, Result};
use crate::plan::whom::whom;
use crate::plan::{Kind, Unit};
use crate::run::outcome::{Failure, Trouble};
use crate::run::ready::{self, Awaited, NotReady};
use crate::session::company::{self, Company, Member, Seat};
use crate::session::first_error;
use crate::session::image::Ready;
use crate::session::live::{Ground, Live};
use crate::suite::order;
use crate::suite::run::{Condition, Run};
use crate::suite::service::{ALL, APP};
use crate::suite::{Case, Item, Step, Suite};
use crate::text::source::Span;

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
        let (needs, runs) = (self.needs(case), self.runs(case));
        let of_compose = self.project.is_some();
        if live {
            self.doing("waits until it is ready");
            self.progress.at("waiting until it is ready");
        }
        let stages: Vec<watch::Sender<Stage>> = company
            .members()
            .iter()
            .map(|_| watch::channel(Stage::Waits).0)
            .collect();
        let none = Vec::new();
        let bring = |at: usize| {
            let (needs, runs, stages, none) = (&needs, &runs, &stages, &none);
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
                        Condition::Started => Stage::Started,
                        Condition::Healthy | Condition::Completed => Stage::Ready,
                    };
                    for other in company.named([service.as_str()]) {
                        let mut stage = stages[other].subscribe();
                        let _ = stage.wait_for(|now| *now >= wanted).await;
                        if of_compose && *condition == Condition::Healthy {
                            let waits = &member.service;
                            checked(company, other, (waits, service), runs)
                                .await
                                .map_err(|fault| NotUp::Fault(at, fault))?;
                        }
                    }
                }
                let launched = match company.live(at).await {
                    Ok(mut live) => live.launch().await,
                    Err(fault) => Err(fault),
                };
                launched.map_err(|fault| NotUp::Fault(at, fault))?;
                stages[at].send_replace(Stage::Started);
                let named = runs.iter().find(|(name, ..)| *name == member.service);
                if let (true, Some((_, run, span))) = (live, named) {
                    let span = *span;
                    let one = Awaited {
                        company,
                        at,
                        run,
                        span,
                        sources,
                        of_compose,
                        mild: of_compose && !member.is_app(),
                        again: false,
                        progress,
                    };
                    let completes = needs.values().flatten().any(|(service, condition)| {
                        *service == member.service && *condition == Condition::Completed
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
        let runs = self.runs(case);
        let Some((_, run, _)) = runs.iter().find(|(name, ..)| *name == member.service) else {
            return true;
        };
        let sources = &self.shared.sources;
        let ready = ready::wait(Awaited {
            company,
            at,
            run,
            span,
            sources,
            of_compose: self.project.is_some(),
            mild: self.project.is_some() && !member.is_app(),
            again: true,
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
                match dead {
                    Some((at, message)) => self.trouble(company, at, &message),
                    None if is_app => self.each(|_, making| making.fail_all(&failures)),
                    None => {
                        for failure in &failures {
                            let trouble = unready(company, at, failure);
                            self.each(|_, making| making.trouble(trouble.clone()));
                        }
                    }
                }
            }
        }
    }

    /// Writes down a service that has died while its case was judged: what was seen of the others may be
    /// due to that.
    pub(super) async fn services_live(&mut self, company: &Company) {
        if let Some((at, message)) = self.dead_service(company).await {
            self.trouble(company, at, &message);
        }
    }

    /// A service that has died, and how. One that ended as it should, or that the suite has ended or
    /// speaks of as ended, has not.
    async fn dead_service(&self, company: &Company) -> Option<(usize, String)> {
        let own = self.all.iter().map(|(_, _, case, _)| *case);
        let cases: Vec<&Case> = own.chain(self.behind.iter().copied()).collect();
        for (at, member) in company.members().iter().enumerate() {
            let ends = cases.iter().any(|case| may_end(&member.service, case));
            if member.is_app() || ends {
                continue;
            }
            let mut live = company.live(at).await.ok()?;
            if !live.program || !live.is_made() {
                continue;
            }
            let became = match live.gone().await {
                Ok(Some(ending)) if ending.code != 0 || ending.error.is_some() => {
                    Some(ending.to_string())
                }
                Ok(None) => flaps(&mut live).await,
                _ => None,
            };
            if let Some(became) = became {
                let label = member.label();
                let message = format!(
                    "the service `{label}` {became}, so nothing can be told of what depends on it"
                );
                return Some((at, message));
            }
        }
        None
    }

    /// What must be so before each is started.
    fn needs(&self, case: &Case) -> order::Needs {
        match &self.project {
            Some(project) => project.needs(),
            None => order::needs(&case.run, &case.services),
        }
    }

    /// Everyone, the image under test first: how each is run, and where it is named.
    fn runs<'a>(&'a self, case: &'a Case) -> Vec<(&'a str, &'a Run, Span)> {
        let (Some(project), Ok((_, suite, _))) = (&self.project, self.first()) else {
            return runs(case);
        };
        // The Compose file says how, and the suite has no more to say.
        let span = suite
            .compose
            .as_ref()
            .map_or(case.name.span, |c| c.value.app.span);
        let parts = project.stack.parts.iter();
        parts
            .map(|part| (part.name.as_str(), &case.run, span))
            .collect()
    }

    /// Something about one container that keeps us from telling.
    fn trouble(&mut self, company: &Company, at: usize, message: &str) {
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

/// How a container ended that its restart policy starts again and again: it is down now, or does not stay
/// up. One that came up in the end, as one does that waits for another, is well.
async fn flaps(live: &mut Live) -> Option<String> {
    let facts = live.facts().await.ok()?;
    if facts.restart_count == 0 && !facts.state.restarting {
        return None;
    }
    let down = live.down_by(&facts).ok()?;
    if down.is_none() && live.restarts().await.ok()?.0.settled {
        return None;
    }
    let ending = match down {
        Some(ending) => ending,
        None => live.end().await.ok()??,
    };
    let count = live.facts().await.ok()?.restart_count;
    Some(format!(
        "{ending} and does not stay up (started again {count} times so far)"
    ))
}

/// Whether a service may have ended by what its case says: others want it completed, a step is done to it,
/// or a claim is about its end.
fn may_end(service: &str, case: &Case) -> bool {
    let needs = order::needs(&case.run, &case.services);
    let completes =
        |(name, how): &(String, Condition)| name == service && *how == Condition::Completed;
    let names = |name: &str| name == ALL || name.split('/').next() == Some(service);
    let of_case = case.service.as_ref();
    let speaks = |item: &&Item| {
        let said = matches!(item.claim.name(), "exited" | "restarts" | "state");
        said && whom(item, case).iter().any(|name| names(name))
    };
    let acts = |step: &&Step| match step {
        Step::Expect { .. } | Step::Load { .. } => false,
        Step::Act { modifiers, .. } => {
            let named = modifiers.service.as_ref().or(of_case);
            named.is_some_and(|named| named.0.iter().any(|name| names(&name.value)))
        }
    };
    needs.values().flatten().any(completes)
        || case.items().iter().any(speaks)
        || case.steps().iter().any(acts)
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
fn unready(company: &Company, at: usize, failure: &Failure) -> Trouble {
    let label = company
        .members()
        .get(at)
        .map(Member::label)
        .unwrap_or_default();
    let what = match failure.claim.as_str() {
        "ready" => String::new(),
        claim if claim == failure.what => format!("{claim}: "),
        claim => format!("{claim} {}: ", failure.what),
    };
    let mut message = format!(
        "the service `{label}` did not get ready: {what}expected {}, found {}",
        failure.expected, failure.actual
    );
    for note in &failure.notes {
        message.push_str("\n  ");
        message.push_str(note);
    }
    Trouble {
        place: Some(failure.place.clone()),
        message,
    }
}

/// Refuses to take one for healthy of which nothing says so, as Compose does.
async fn checked(
    company: &Company,
    at: usize,
    (waits, service): (&str, &str),
    runs: &[(&str, &Run, Span)],
) -> Result<()> {
    let told = runs
        .iter()
        .any(|(name, run, _)| *name == service && run.ready.is_some());
    if told || company.live(at).await?.declares_check() {
        return Ok(());
    }
    let message = format!(
        "it waits until `{service}` is healthy (`condition: service_healthy`), and `{service}` has no health check"
    );
    let fault = Fault::new(FaultKind::Local, format!("start `{waits}`"), message);
    Err(fault.help(format!(
        "give `{service}` a `healthcheck` in the Compose file, or wait for `service_started`"
    )))
}
