//! A unit whose containers a Compose file describes.

use std::collections::BTreeMap;

use super::held::Held;
use super::{Cases, members};
use crate::action::Action;
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::question::Question;
use crate::plan::{Kind, Unit};
use crate::run::outcome::Trouble;
use crate::session::all;
use crate::session::company::Company;
use crate::session::compose::Project;
use crate::session::compose::stack::Stack;
use crate::session::image::Ready;
use crate::suite::service::{ALL, APP};
use crate::suite::{Case, Step};
use crate::text::source::Span;

impl<'a> Cases<'a> {
    /// Judges what the Compose file of the suite describes.
    pub(super) async fn composed(&mut self, unit: &Unit) -> Option<Held<'a>> {
        self.doing("prepares its images");
        let (suite_at, suite, _) = self.first().ok()?;
        let place = suite.compose.as_ref().map(|compose| {
            let named = compose.value.files.first();
            self.shared
                .sources
                .place(named.map_or(compose.span, |file| file.span))
        });
        // One that a step names and there is none of is told at that step.
        let replacing = unit.replacing.iter().map(|(_, at)| self.shared.image(*at));
        let brought = async {
            let brought = tokio::join!(self.shared.project(suite_at), all(replacing));
            self.tells_of_others(unit);
            brought
        };
        let ((project, _), others) =
            tokio::join!(brought, crate::run::others::of(self.shared, unit));
        let ready = project.map(|project| {
            let image = project.image().cloned();
            (project, image)
        });
        match ready {
            Ok((project, Some(image))) => {
                if !self.all_there(&project) {
                    return None;
                }
                if !self.has_addresses(&project).await {
                    return None;
                }
                self.project = Some(project);
                // Of the services of a Compose file only `app` knows what it is compared with.
                let others = others.into_values().flatten().collect();
                let image = Ready { others, ..image };
                return self.judge(unit, Some(&image), &[]).await;
            }
            Ok((_, None)) => {}
            Err(why) => {
                let suites = &self.shared.plan;
                let of_suite = |unit: &&Unit| {
                    let case = unit.cases.first().and_then(|at| suites.cases.get(*at));
                    unit.kind == Kind::Compose && case.is_some_and(|(at, _)| *at == suite_at)
                };
                let first = suites.units.iter().find(of_suite);
                let first = first.and_then(|unit| unit.cases.iter().min()).copied();
                self.lacks(place.as_ref(), first, &why);
            }
        }
        None
    }

    /// Takes in everyone of the Compose file; they are made and not started.
    pub(super) async fn gather_project(&self, company: &mut Company) -> Result<()> {
        let (suite_at, suite, _) = self.first()?;
        let missing = || {
            Fault::new(
                FaultKind::Broken,
                "read the Compose file",
                "it was not resolved",
            )
        };
        let project = self.project.as_ref().ok_or_else(missing)?;
        let ready = suite
            .compose
            .iter()
            .flat_map(|compose| &compose.value.ready.0);
        let items = || {
            let ready = ready.clone().flat_map(|(_, ready)| ready.items());
            self.every().flat_map(Case::items).chain(ready)
        };
        let mut reached: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        let is_near = self.session.is_near().await;
        for part in project.stack.parts.iter().filter(|_| !is_near) {
            let mut ports = members::ports(&part.name, items());
            if part.name == project.app() {
                ports.extend(members::ports(APP, items()));
            }
            ports.sort_unstable();
            ports.dedup();
            reached.insert(part.name.clone(), ports);
        }
        let certificates = self.shared.certificates(suite_at).await?;
        company
            .compose(project, reached, &suite.folder, certificates)
            .await
    }

    /// Writes down what the cases say of services and networks that are not started: which are is known only
    /// now. `false` where no case is left to judge.
    pub(super) fn all_there(&mut self, project: &Project) -> bool {
        let sources = &self.shared.sources;
        for (_, _, case, making) in &mut self.all {
            for (span, message) in absent(case, &project.stack, project.app()) {
                making.trouble(Trouble {
                    place: Some(sources.place(span)),
                    message,
                });
            }
        }
        self.all.iter().any(|(_, _, _, making)| making.is_good())
    }
}

/// The names in a case that nothing stands behind, each with what to do about it.
fn absent(case: &Case, stack: &Stack, app: &str) -> Vec<(Span, String)> {
    let mut names: Vec<(Span, String)> = Vec::new();
    let items = case.items();
    let steps = case.steps();
    let acts = steps.iter().filter_map(|step| match step {
        Step::Act { modifiers, .. } => modifiers.service.as_ref(),
        _ => None,
    });
    let own = items
        .iter()
        .filter_map(|item| item.modifiers.service.as_ref());
    let named = case.service.iter().chain(own).chain(acts);
    for name in named.flat_map(|named| &named.0) {
        names.push((name.span, name.value.clone()));
    }
    for item in items {
        let questions = item.claim.questions();
        let starts = questions.iter().filter_map(start);
        names.extend(starts.map(|from| (item.span, from.to_owned())));
    }
    // What names nobody is about it.
    names.push((case.name.span, APP.to_owned()));
    let mut told: Vec<(Span, String)> = Vec::new();
    for (span, name) in names {
        if let Some(message) = nobody(&name, stack, app) {
            told.push((span, message));
        }
    }
    for name in case.actions().into_iter().filter_map(Action::network) {
        let mut networks = stack.networks.iter().map(|(known, _)| known.as_str());
        if !networks.any(|known| known == name.value) {
            let all: Vec<&str> = stack.networks.iter().map(|(n, _)| n.as_str()).collect();
            let message = format!(
                "no service that is started is on the network `{}` of the Compose file\n  help: there is {}",
                name.value,
                all.join(", ")
            );
            told.push((name.span, message));
        }
    }
    told.dedup();
    told
}

/// The container that a connection starts in.
fn start(question: &Question) -> Option<&str> {
    let from = match question {
        Question::Http(request) | Question::Spread(request) => request.from.as_str(),
        Question::Tcp(talk) => talk.from.as_str(),
        _ => return None,
    };
    (from != "host").then_some(from)
}

/// Says that there is no such container, and which there are.
fn nobody(name: &str, stack: &Stack, app: &str) -> Option<String> {
    let (service, number) = match name.split_once('/') {
        Some((service, number)) => (service, number.parse::<u32>().ok()),
        None => (name, None),
    };
    let service = if service == APP { app } else { service };
    let part = stack.parts.iter().find(|part| part.name == service);
    match (part.map_or(0, |part| part.of), number) {
        _ if service == ALL => None,
        (0, _) => {
            let started = stack.parts.iter().filter(|part| part.of > 0);
            let all: Vec<&str> = started.map(|part| part.name.as_str()).collect();
            let help = match part {
                Some(_) => format!(
                    "the Compose file says that there is none of it: `scale: {{ {service}: 1 }}` in `compose` starts one"
                ),
                None => {
                    "name it under `services` of `compose`, or switch its profile on by `profiles`"
                        .to_owned()
                }
            };
            Some(format!(
                "the service `{service}` is not started, so nothing can be told of it: there is {}\n  help: {help}",
                all.join(", ")
            ))
        }
        (of, Some(number)) if !(1..=of).contains(&number) => Some(format!(
            "there is no replica {number} of `{service}`: {} started\n  help: `scale: {{ {service}: {number} }}` in `compose` starts more",
            if of == 1 {
                "one is".to_owned()
            } else {
                format!("{of} are")
            }
        )),
        _ => None,
    }
}
