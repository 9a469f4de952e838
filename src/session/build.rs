//! Builds that are made to be looked at, and whose images are of no use after that.

use super::{APPEARANCE, OWNER_LABEL, RUN_LABEL, Session, is_run};
use crate::engine::Result;
use crate::engine::build::{self, BuildError, BuildEvent, BuildRequest, Built};
use crate::engine::clock::Looks;
use crate::engine::images::{Listed, given};
use crate::fact::build::{BuildFacts, BuildFailure};

/// How a build ended that was made to be looked at.
pub type Tried = std::result::Result<BuildFacts, Box<BuildFailure>>;

/// What the tag of an image begins with that says whose it is.
const OWNED: &str = "of-";
/// A tag of more characters is none.
const LONGEST: usize = 128;

/// The tag that says whose an image is which has no label: the owner's letters and digits as they are, everything else
/// by its number.
pub fn tag(owner: &str) -> String {
    let mut tag = OWNED.to_owned();
    for byte in owner.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => tag.push(char::from(byte)),
            other => tag.push_str(&format!("_{other:02x}")),
        }
    }
    match tag.len() > LONGEST {
        // Of a machine with so long a name nobody can tell from elsewhere, and so it is with what it leaves.
        true => "of".to_owned(),
        false => tag,
    }
}

/// The run and the owner of an image that goes with its run and has no label, by its name; no owner where the name does
/// not hold it.
pub fn passing(name: &str) -> Option<(&str, Option<String>)> {
    let (run, number) = given(name).strip_prefix("seaworthy-")?.split_once('-')?;
    let (number, tag) = number.split_once(':')?;
    let number = number.strip_suffix("-build")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_run(run) && is_number).then(|| (run, tag.strip_prefix(OWNED).and_then(owner)))
}

/// The owner that a tag holds.
fn owner(tag: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut parts = tag.split('_');
    bytes.extend(parts.next()?.bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend(part.get(2..)?.bytes());
    }
    String::from_utf8(bytes).ok()
}

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
        let name = format!("{}:{}", self.name("build"), tag(&self.owner));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_a_label_says_whose_it_is_by_its_name() {
        for whose in ["host/1a2b/4026531836:77:1234", "a_b.c/é:1:2", ""] {
            let name = format!("seaworthy-abcdefg1-12-build:{}", tag(whose));
            assert_eq!(passing(&name), Some(("abcdefg1", Some(whose.to_owned()))));
            // As podman calls it.
            assert_eq!(passing(&format!("localhost/{name}")), passing(&name));
        }
        let long = tag(&"/".repeat(100));
        assert!(long.len() <= LONGEST);
        let name = format!("seaworthy-abcdefg1-12-build:{long}");
        assert_eq!(passing(&name), Some(("abcdefg1", None)));
        for other in [
            "seaworthy-abcdefg1-12-build",
            "seaworthy-abcdefg1-12-built:latest",
            "seaworthy-abcdefg1-x-build:of-a",
            "seaworthy-ABCDEFG1-12-build:of-a",
            "seaworthy-probe:1-build",
            "mine-abcdefg1-12-build:of-a",
        ] {
            assert_eq!(passing(other), None, "{other}");
        }
        assert_eq!(owner("a_zz"), None);
        assert_eq!(owner("a_4"), None);
    }
}
