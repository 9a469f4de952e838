//! Networks that steps take a container off and put it on.

use super::Live;
use super::deeds::Undone;
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::container::ContainerFacts;

impl Live {
    /// Puts it on a network of the case or takes it off, whether it runs or not. What a network was to it
    /// before, it is again: the same names, and the same addresses where `run` says them.
    pub(super) async fn switch(&mut self, network: &str, on: bool) -> Result<Option<Undone>> {
        let known = self.known.iter().find(|join| join.name == network);
        let Some(join) = known.cloned() else {
            let message = format!("the case has no network `{network}`");
            return Err(Fault::new(FaultKind::Broken, "find the network", message));
        };
        let facts = self.facts().await?;
        if facts.state.paused {
            let actual = "it is paused; `unpause` comes first";
            return Ok(Some(Undone::new("a container that is not paused", actual)));
        }
        let is_on = facts.networks.contains_key(&join.network);
        let networks = self.session.engine.networks();
        match (is_on, on) {
            (false, true) => {
                let settings = join.settings();
                networks
                    .connect(&join.network, &self.name, &settings)
                    .await?;
            }
            (true, false) => networks.disconnect(&join.network, &self.name).await?,
            (true, true) => {
                let expected = format!("a container that is not on the network `{network}`");
                let actual = format!("it is on it already; `disconnect: {network}` comes first");
                return Ok(Some(Undone::new(expected, actual)));
            }
            (false, false) => {
                let expected = format!("a container on the network `{network}`");
                let actual = match named(&self.declared(facts)) {
                    names if names.is_empty() => "it is on none".to_owned(),
                    names => format!("it is on {}", names.join(", ")),
                };
                return Ok(Some(Undone::new(expected, actual)));
            }
        }
        Ok(None)
    }

    /// Why it does not start where it shares something of a container that is gone, of which the engine tells an id.
    pub(super) fn of_network(&self, fault: Fault) -> Fault {
        let other = fault.message.strip_prefix("No such container: ");
        if other.is_none_or(|other| other == self.name) {
            return fault;
        }
        let message =
            "the container whose network, `ipc` or `pid` it shares was made anew or removed";
        let help = "`recreate` it too, which has it share those of the new one";
        let message = message.to_owned();
        Fault { message, ..fault }.help(help)
    }
}

/// The names of its networks, quoted.
fn named(facts: &ContainerFacts) -> Vec<String> {
    let names = facts.networks.keys();
    names.map(|name| format!("`{name}`")).collect()
}
