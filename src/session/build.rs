//! Builds that are made to be looked at, and whose images are of no use after that.

use super::{APPEARANCE, OWNER_LABEL, RUN_LABEL, Session};
use crate::engine::Result;
use crate::engine::build::{self, BuildError, BuildEvent, BuildRequest, Built};
use crate::engine::clock::Looks;
use crate::engine::images::Listed;
use crate::fact::build::{BuildFacts, BuildFailure};

/// How a build ended that was made to be looked at.
pub type Tried = std::result::Result<BuildFacts, Box<BuildFailure>>;

impl Session {
    /// Builds an image that is this run's own and is shared with nothing; gives its name, by which it is
    /// removed, and how the build ended. An error is one that says nothing of the Dockerfile.
    pub async fn try_build(
        &self,
        mut request: BuildRequest,
    ) -> (String, std::result::Result<Tried, String>) {
        let name = self.name("build");
        request.tag = Some(name.clone());
        request.labels.extend(self.labels());
        self.ledger.image(&name);
        let built = build::build(&self.engine, &request, |_| ()).await;
        let tried = match built {
            Ok(built) => {
                self.ledger.made(&name);
                Ok(Ok(built.facts))
            }
            Err(BuildError::Failed(failure)) => {
                // The builder has said that there is none.
                self.ledger.gone(&name);
                Ok(Err(failure))
            }
            Err(BuildError::Context(error)) => {
                self.ledger.gone(&name);
                Err(error.to_string())
            }
            Err(BuildError::Fault(fault)) => Err(fault.to_string()),
        };
        (name, tried)
    }

    /// Whether what is built is of use to this run alone.
    pub(super) fn is_passing(&self, request: &BuildRequest) -> bool {
        let (folder, file) = (self.passing.as_ref(), request.dockerfile.as_ref());
        folder
            .zip(file)
            .is_some_and(|(folder, file)| file.starts_with(folder))
    }

    /// Builds an image that goes with the run. It is as it would be for anyone: no label of the run is on it, since a
    /// claim may be about labels.
    pub(super) async fn passing_build(
        &self,
        request: &BuildRequest,
        tell: impl Fn(BuildEvent) + Send + Sync,
    ) -> std::result::Result<Built, BuildError> {
        let name = self.name("build");
        let request = BuildRequest {
            tag: Some(name.clone()),
            ..request.clone()
        };
        self.ledger.image(&name);
        let built = build::build(&self.engine, &request, tell).await;
        match &built {
            Ok(_) => self.ledger.made(&name),
            Err(BuildError::Fault(_)) => {}
            Err(_) => self.ledger.gone(&name),
        }
        built
    }

    /// Waits until no other build is looked at. One with the cache takes over the steps that one without it
    /// is carrying out at the same time, and then they do not come from the cache.
    pub async fn alone(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.builds.lock().await
    }

    /// Removes an image of this run.
    pub async fn remove_image(&self, name: &str) -> Result<()> {
        let mut looks = Looks::within(APPEARANCE);
        let mut there = self.engine.images().remove(name, false).await?;
        while !there && self.ledger.may_still_appear(name) && looks.again().await {
            there = self.engine.images().remove(name, false).await?;
        }
        if !there && self.ledger.may_still_appear(name) {
            self.remove_labelled_steps().await?;
        }
        self.ledger.gone(name);
        Ok(())
    }

    /// Removes what a build has made that was stopped between two labels of the run, or between the last
    /// of them and the name: images without one.
    async fn remove_labelled_steps(&self) -> Result<()> {
        let images = self.engine.images();
        let label = format!("{OWNER_LABEL}={}", self.owner);
        let mut listed = images.list(&label).await?;
        let run = |image: &Listed| image.labels.get(RUN_LABEL).cloned();
        listed
            .retain(|image| image.tags.is_empty() && run(image).is_none_or(|run| run == self.run));
        // Those with every label stand on those with some.
        listed.sort_by_key(|image| run(image).is_none());
        for image in listed {
            images.remove(&image.id, false).await?;
        }
        Ok(())
    }
}
