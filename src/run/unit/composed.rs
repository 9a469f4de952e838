//! A unit whose containers a Compose file describes.

use std::collections::BTreeMap;

use super::held::Held;
use super::{Cases, members};
use crate::engine::{Fault, FaultKind, Result};
use crate::plan::{Kind, Unit};
use crate::run::NoImage;
use crate::run::judge::Subject;
use crate::run::outcome::Trouble;
use crate::session::all;
use crate::session::company::Company;
use crate::session::compose::absent::absent;
use crate::session::compose::stack::Stack;
use crate::session::image::Ready;
use crate::suite::Case;
use crate::suite::service::APP;

impl<'a> Cases<'a> {
    /// Judges what the Compose file of the suite describes.
    pub(super) async fn composed(&mut self, unit: &Unit) -> Option<Held<'a>> {
        self.doing("prepares its images");
        let (suite_at, ..) = self.first().ok()?;
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
                if !self.all_there(&project.stack, project.app()) {
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
            Err(why) => self.no_project(suite_at, &why),
        }
        None
    }

    /// Whether any of its cases, which are about sources alone, is about what a Compose file builds.
    pub(super) fn asks_of_project(&self) -> bool {
        self.all.iter().any(|(_, suite, case, _)| {
            let mut items = case.items().into_iter();
            let asks = suite.compose.is_some() && case.image.is_none();
            asks && items.any(|item| item.claim.needs_build())
        })
    }

    /// Judges what the services of the Compose file are built from: its tool has to tell.
    pub(super) async fn composed_sources(&mut self) {
        self.doing("reads the Compose file");
        let Ok((suite_at, ..)) = self.first() else {
            return;
        };
        let Some(suite) = self.shared.suites.get(suite_at) else {
            return;
        };
        let Some(compose) = suite.compose.as_ref().map(|compose| &compose.value) else {
            return;
        };
        let beside = (suite.folder.as_path(), &suite.reach, suite.laid.as_slice());
        let image = self.shared.options.selection.image.as_deref();
        let stack = match self.session.described(compose, beside, image).await {
            Ok(stack) => stack,
            Err(why) => return self.no_project(suite_at, &why),
        };
        let app = &compose.app.value;
        if !self.all_there(&stack, app) {
            return;
        }
        let names: Vec<String> = stack.parts.iter().map(|part| part.name.clone()).collect();
        self.described = Some(stack);
        self.in_time(&Subject::Sources(&names, app)).await;
    }

    /// Writes down why there is nothing that the Compose file describes.
    fn no_project(&mut self, suite_at: usize, why: &NoImage) {
        let suite = self.shared.suites.get(suite_at);
        let place = suite
            .and_then(|suite| suite.compose.as_ref())
            .map(|compose| {
                let named = compose.value.files.first();
                let span = named.map_or(compose.span, |file| file.span);
                self.shared.sources.place(span)
            });
        let plan = &self.shared.plan;
        let of_suite = |unit: &&Unit| {
            let case = unit.cases.first().and_then(|at| plan.cases.get(*at));
            unit.kind == Kind::Compose && case.is_some_and(|(at, _)| *at == suite_at)
        };
        let first = plan.units.iter().find(of_suite);
        let first = first.and_then(|unit| unit.cases.iter().min()).copied();
        self.lacks(place.as_ref(), first, why);
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
        let session = &self.session;
        let publishes = session.shares_ports().await && !session.is_near().await;
        for part in project.stack.parts.iter().filter(|_| publishes) {
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
    pub(super) fn all_there(&mut self, stack: &Stack, app: &str) -> bool {
        let sources = &self.shared.sources;
        for (_, _, case, making) in &mut self.all {
            for (span, message) in absent(case, stack, app) {
                making.trouble(Trouble {
                    place: Some(sources.place(span)),
                    message,
                });
            }
        }
        self.all.iter().any(|(_, _, _, making)| making.is_good())
    }
}
