//! Containers that are left to the case that goes on with them.

use std::sync::Arc;

use tokio::sync::{OwnedMutexGuard, SemaphorePermit};

use super::Cases;
use crate::run::outcome::ImageOf;
use crate::session::company::Company;
use crate::session::compose::Project;
use crate::suite::Case;

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
    /// No other stack with fixed addresses may be there.
    addresses: Option<OwnedMutexGuard<()>>,
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
            addresses: None,
        }
    }
}

impl<'a> Cases<'a> {
    /// The steps of this unit's case, on the containers of those before it.
    pub(super) async fn go_on(&mut self, mut held: Held<'a>) -> Option<Held<'a>> {
        self.doing("goes on");
        self.project.clone_from(&held.project);
        self.behind.clone_from(&held.cases);
        self.addresses = held.addresses.take();
        self.each(|_, making| making.image(held.image.clone(), held.images.clone()));
        if let Some(project) = held.project.clone()
            && !self.all_there(&project)
        {
            // The containers are as good as they were: it is the case that speaks of others.
            return self.leave(held).await;
        }
        let timeout = self.timeout();
        let work = async {
            self.steps(&held.company).await;
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
        let is_good = self.all.iter().all(|(_, _, _, making)| making.is_good());
        if is_good && self.unit.replacing.is_empty() {
            return self.leave(held).await;
        }
        self.close(held.company).await;
        None
    }

    async fn leave(&mut self, mut held: Held<'a>) -> Option<Held<'a>> {
        if self.ahead.is_empty() {
            held.company.remove().await;
            return None;
        }
        held.project.clone_from(&self.project);
        held.addresses = self.addresses.take();
        held.cases
            .extend(self.all.iter().map(|(_, _, case, _)| *case));
        Some(held)
    }
}
