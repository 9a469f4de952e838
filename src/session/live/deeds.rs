//! What steps do to a container.

use std::time::Duration;

use super::Live;
use super::inside::KNOWN;
use crate::engine::clock;
use crate::engine::probe::wire::Whom;
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::deed::Deed;
use crate::session::image::Ready;
use crate::text::signal::Signal;

/// Why a step could not be done, where it is the container's affair and not the engine's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// What the step needs.
    pub expected: String,
    /// What was there.
    pub actual: String,
}

impl Undone {
    pub(super) fn new(expected: impl Into<String>, actual: impl Into<String>) -> Self {
        let (expected, actual) = (expected.into(), actual.into());
        Self { expected, actual }
    }
}

impl Live {
    /// Does what a step says; tells what kept the step from being done.
    pub async fn deed(&mut self, deed: &Deed) -> Result<Option<Undone>> {
        match deed {
            Deed::Stop { grace_millis } => {
                // Else an end that nobody asked for would pass for the one that was asked for.
                if let Some(ending) = self.gone().await? {
                    let actual = format!("it {ending}");
                    return Ok(Some(Undone::new("a running container", actual)));
                }
                self.stop(*grace_millis).await?;
            }
            Deed::Start => {
                // Else what somebody else has started would pass for what this step did.
                if self.gone().await?.is_none() {
                    return Ok(Some(Undone::new(
                        "a container that has ended",
                        "it has not",
                    )));
                }
                self.begin().await?;
            }
            Deed::Restart { grace_millis } => {
                self.stop(*grace_millis).await?;
                self.begin().await?;
            }
            Deed::Recreate => {
                self.retire().await?;
                self.remake().await?;
                self.begin().await?;
            }
            Deed::Replace => {
                self.retire().await?;
                self.remake().await?;
                self.fill_certificates().await?;
                self.begin().await?;
            }
            Deed::Connect { network } => return self.switch(network, true).await,
            Deed::Disconnect { network } => return self.switch(network, false).await,
            _ => return self.happen(deed).await,
        }
        Ok(None)
    }

    /// From here on it is made from this image.
    pub fn take_image(&mut self, image: &Ready) {
        self.without_image();
        let others = std::mem::take(&mut self.image.others);
        self.image = Ready {
            others,
            ..image.clone()
        };
        self.body["Image"] = image.id.clone().into();
    }

    /// Whether it has to get ready again after this. One that has ended is put on a network and not waited
    /// for.
    pub async fn awaits_ready(&mut self, deed: &Deed) -> Result<bool> {
        Ok(match deed {
            Deed::Connect { .. } => self.gone().await?.is_none(),
            deed => deed.awaits_ready(),
        })
    }

    /// What happens to a running container.
    async fn happen(&mut self, deed: &Deed) -> Result<Option<Undone>> {
        if let Some(ending) = self.down().await? {
            let actual = format!("it {ending}");
            return Ok(Some(Undone::new("a running container", actual)));
        }
        let goes_on = matches!(deed, Deed::Pause | Deed::Unpause);
        if !goes_on && self.facts().await?.state.paused {
            let expected = "a container that is not paused";
            return Ok(Some(Undone::new(
                expected,
                "it is paused; `unpause` comes first",
            )));
        }
        match deed {
            Deed::Signal { number, process } => self.signal(*number, process.as_deref()).await,
            Deed::Crash => self.crash().await,
            Deed::Pause => self.freeze(true).await,
            Deed::Unpause => self.freeze(false).await,
            Deed::Write { path, content } => self.write(path, content).await,
            Deed::Fill { path, leave } => self.fill(path, *leave).await,
            Deed::Exhaust { bytes } => self.exhaust(*bytes).await,
            // These are done whether it runs or not.
            _ => Ok(None),
        }
    }

    async fn stop(&mut self, grace_millis: Option<u64>) -> Result<()> {
        self.links.clear();
        let grace = grace_millis.map_or(self.grace, Duration::from_millis);
        self.expect_end().await?;
        self.asked_to_end = Some(clock::both());
        let containers = self.session.engine.containers();
        containers.stop(&self.name, grace).await.map(drop)
    }

    /// Asks it to end before another takes its place, as whoever upgrades it does. One that is paused heeds
    /// nothing.
    async fn retire(&mut self) -> Result<()> {
        match self.facts().await?.state.paused {
            true => Ok(()),
            false => self.stop(None).await,
        }
    }

    async fn signal(&mut self, number: i32, process: Option<&str>) -> Result<Option<Undone>> {
        let named = |text: &str| Whom::Named {
            text: text.as_bytes().to_vec(),
        };
        let whom = process.map_or(Whom::First, named);
        if process.is_none() {
            self.expect_end().await?;
        }
        let now = clock::both();
        if !self.send(number, whom).await? {
            let expected = match process {
                Some(text) => format!("a process whose command line holds \"{text}\""),
                None => "a running container".to_owned(),
            };
            return Ok(Some(Undone::new(expected, "there is none")));
        }
        if process.is_none() {
            self.asked_to_end = Some(now);
        }
        Ok(None)
    }

    /// Kills the main process and waits until the engine knows of it.
    async fn crash(&mut self) -> Result<Option<Undone>> {
        self.expect_end().await?;
        let before = self.facts().await?;
        self.hang_up();
        let whom = match self.has_init() {
            true => Whom::BelowInit,
            false => Whom::First,
        };
        if !self.send(Signal::KILL.0, whom).await? {
            let expected = "a main process that can crash";
            return Ok(Some(Undone::new(expected, "there is none")));
        }
        if self.has_died(&before).await? {
            return Ok(None);
        }
        let message = format!("the engine still says that it runs, {KNOWN:?} later");
        let doing = "crash the container";
        Err(Fault::new(FaultKind::TimedOut, doing, message))
    }

    async fn send(&mut self, number: i32, whom: Whom) -> Result<bool> {
        let facts = self.facts().await?;
        let Some(first) = facts.state.pid else {
            return Ok(false);
        };
        self.session.signal(&facts.id, first, number, whom).await
    }

    async fn freeze(&mut self, freeze: bool) -> Result<Option<Undone>> {
        let paused = self.facts().await?.state.paused;
        if paused == freeze {
            let words = ["a container that runs", "a container that is paused"];
            let (expected, actual) = match freeze {
                true => (words[0], "it is paused already"),
                false => (words[1], "it runs"),
            };
            return Ok(Some(Undone::new(expected, actual)));
        }
        self.hang_up();
        let containers = self.session.engine.containers();
        match freeze {
            false => containers.unpause(&self.name).await?,
            true => containers.pause(&self.name).await?,
        }
        self.goes_on = (!freeze).then(clock::now);
        Ok(None)
    }
}
