//! The ends of a container, as the engine tells them while they happen.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::super::Result;
use super::super::ask::Ask;
use super::super::lines::Lines;
use super::super::path::Path;
use super::Containers;

/// A container may run for this long without a word.
const PAUSE: Duration = Duration::from_hours(24 * 7);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    #[serde(rename = "Action")]
    action: String,
    #[serde(rename = "Actor")]
    actor: Actor,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Actor {
    #[serde(rename = "Attributes")]
    attributes: BTreeMap<String, String>,
}

/// A container's ends, from the moment this was made. Asking to wait for one is not enough: where a
/// policy starts the container again at once, engines may answer that with the code of the new life, 0.
#[derive(Debug)]
pub struct Ends {
    events: Lines<Event>,
}

impl Ends {
    /// The exit code of the next end; `None` when the engine tells no more.
    pub async fn next(&mut self) -> Result<Option<i64>> {
        while let Some(event) = self.events.next().await? {
            let code = event.actor.attributes.get("exitCode");
            if let ("die" | "died", Some(Ok(code))) =
                (event.action.as_str(), code.map(|c| c.parse()))
            {
                return Ok(Some(code));
            }
        }
        Ok(None)
    }
}

impl Containers {
    /// Follows the ends of a container; none is missed once this has been answered.
    pub async fn ends(&self, id: &str) -> Result<Ends> {
        let filters = serde_json::json!({ "type": ["container"], "container": [id] });
        let path = Path::new("/events").query("filters", &filters.to_string());
        let ask = Ask::get(format!("follow the ends of container {id}"), path);
        let events = self.api.lines(ask, PAUSE).await?;
        Ok(Ends { events })
    }
}
