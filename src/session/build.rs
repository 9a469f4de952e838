//! Builds that are made to be looked at, and whose images are of no use after that.

use super::{APPEARANCE, Session};
use crate::engine::Result;
use crate::engine::build::{self, BuildError, BuildRequest};
use crate::engine::clock::Looks;
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

    /// Removes an image of this run.
    pub async fn remove_image(&self, name: &str) -> Result<()> {
        let mut looks = Looks::within(APPEARANCE);
        while !self.engine.images().remove(name, false).await? {
            if !self.ledger.may_still_appear(name) || !looks.again().await {
                break;
            }
        }
        self.ledger.gone(name);
        Ok(())
    }
}
