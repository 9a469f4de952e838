//! Containers that are left to the case that goes on with them.

use std::sync::Arc;

use tokio::sync::SemaphorePermit;

use super::Cases;
use super::own::Own;
use crate::action::Action;
use crate::engine::clock;
use crate::fact::deed::Deed;
use crate::run::outcome::ImageOf;
use crate::session::all;
use crate::session::company::Company;
use crate::session::compose::Project;
use crate::suite::{Body, Case};

/// Containers that run, and what belongs to them.
pub(super) struct Held<'a> {
    pub(super) company: Company,
    /// What the case under test is called after.
    image: String,
    images: Vec<ImageOf>,
    project: Option<Arc<Project>>,
    /// Whose they were.
    cases: Vec<&'a Case>,
    /// Its places among the networks of the run.
    pub(super) networks: Option<SemaphorePermit<'a>>,
    own: Own<'a>,
}

impl Held<'_> {
    pub(super) fn new(company: Company, image: String, images: Vec<ImageOf>) -> Self {
        Self {
            company,
            image,
            images,
            project: None,
            cases: Vec::new(),
            networks: None,
            own: Own::default(),
        }
    }
}

/// How a container stands: whether it runs and stands still, and how often it was started again.
pub(super) type Standing = Option<(bool, bool, i64)>;

async fn standing(company: &Company) -> Vec<Standing> {
    let mut all = Vec::new();
    for at in 0..company.members().len() {
        let facts = match company.live(at).await {
            Ok(mut live) => live.facts().await.ok(),
            Err(_) => None,
        };
        all.push(facts.map(|f| (f.state.running, f.state.paused, f.restart_count)));
    }
    all
}

impl<'a> Cases<'a> {
    /// The steps of this unit's case, on the containers of those before it.
    pub(super) async fn go_on(&mut self, mut held: Held<'a>) -> Option<Held<'a>> {
        self.doing("goes on");
        self.project.clone_from(&held.project);
        self.behind.clone_from(&held.cases);
        self.own = std::mem::take(&mut held.own);
        self.each(|_, making| making.image(held.image.clone(), held.images.clone()));
        if let Some(project) = held.project.clone()
            && !self.all_there(&project.stack, project.app())
        {
            // The containers are as good as they were: it is the case that speaks of others.
            return self.leave(held).await;
        }
        // One that a step names and there is none of is told at that step.
        let began = clock::now();
        let replacing = self.unit.replacing.iter();
        all(replacing.map(|(_, at)| self.shared.image(*at))).await;
        self.waited = began.elapsed();
        let timeout = self.timeout();
        let work = async {
            self.steps_from_here(&held.company).await;
            self.services_live(&held.company).await;
        };
        if tokio::time::timeout(timeout, work).await.is_err() {
            self.given_up(timeout);
        }
        self.end(held).await
    }

    /// Its cases, and those that go on with their containers.
    pub(super) fn every(&self) -> impl Iterator<Item = &Case> {
        let own = self.all.iter().map(|(_, _, case, _)| *case);
        own.chain(self.ahead.iter().copied())
    }

    /// The networks that any of them takes a container off or puts it on.
    pub(super) fn switched(&self) -> Vec<&str> {
        self.every().flat_map(Case::switched).collect()
    }

    /// Removes the containers, or keeps them where that was asked, unless others can go on with them: whoever
    /// does needs them sound, and of the images that the plan says.
    pub(super) async fn end(&mut self, held: Held<'a>) -> Option<Held<'a>> {
        let bad = self.all.iter().find(|(_, _, _, making)| !making.is_good());
        let bad = bad.map(|(_, _, case, _)| format!("`{}` did not pass", case.name.value));
        let unheld = match bad {
            Some(bad) => Some(bad),
            None => self.disturbs(&held).await,
        };
        let Some(why) = unheld else {
            return self.leave(held).await;
        };
        if !self.ahead.is_empty() {
            self.unheld = Some(why);
        }
        if !self.behind.is_empty() {
            let whose: Vec<String> = self.behind.iter().map(|c| c.name.value.clone()).collect();
            self.each(|_, making| {
                if !making.is_good() {
                    making.evidence("the cases whose containers it went on with", whose.clone());
                }
            });
        }
        self.close(held.company).await;
        None
    }

    /// Its steps, with a look at how the containers stand before them.
    pub(super) async fn steps_from_here(&mut self, company: &Company) {
        if !self.ahead.is_empty() {
            self.stood = standing(company).await;
        }
        self.steps(company).await;
        self.phases.turn("looks at the services");
    }

    /// Says of its cases that they have containers of their own, though they were to go on with others'.
    pub(super) fn begins_afresh(&mut self, why: &str) {
        self.each(|_, making| {
            making.evidence(
                "it began with fresh containers, since",
                vec![why.to_owned()],
            );
        });
    }

    /// Why the next case does not find all containers as this one has found them: what steps have crashed, frozen or
    /// filled is no ground to judge another on.
    async fn disturbs(&self, held: &Held<'a>) -> Option<String> {
        let (_, _, case, _) = self.all.first().filter(|_| !self.ahead.is_empty())?;
        let name = &case.name.value;
        if !self.unit.replacing.is_empty() {
            return Some(format!("`{name}` has replaced an image"));
        }
        if !matches!(case.body, Body::Steps(_)) {
            return None;
        }
        let harmless = |action: &&Action| {
            matches!(
                action.deed(),
                Deed::Stop { .. }
                    | Deed::Start
                    | Deed::Restart { .. }
                    | Deed::Recreate
                    | Deed::Load
            )
        };
        if let Some(action) = case.actions().into_iter().find(|action| !harmless(action)) {
            return Some(format!("`{name}` has the step `{}`", action.name()));
        }
        let stands = standing(&held.company).await == self.stood;
        (!stands).then(|| format!("`{name}` left one running, ended or started again that was not"))
    }

    async fn leave(&mut self, mut held: Held<'a>) -> Option<Held<'a>> {
        if self.ahead.is_empty() {
            self.phases.turn("removes");
            held.company.remove().await;
            self.phases.rest();
            return None;
        }
        held.project.clone_from(&self.project);
        held.own = std::mem::take(&mut self.own);
        held.cases
            .extend(self.all.iter().map(|(_, _, case, _)| *case));
        Some(held)
    }
}
