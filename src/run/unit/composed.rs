//! A unit whose containers a Compose file describes.

use std::collections::BTreeMap;

use super::held::Held;
use super::{Cases, members};
use crate::engine::{Fault, FaultKind, Result};
use crate::plan::{Kind, Unit};
use crate::run::outcome::Trouble;
use crate::session::all;
use crate::session::company::Company;
use crate::session::compose::Project;
use crate::session::compose::absent::absent;
use crate::session::image::Ready;
use crate::suite::Case;
use crate::suite::service::APP;

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
