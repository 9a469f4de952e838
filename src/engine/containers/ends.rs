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
    #[serde(rename = "timeNano")]
    nanos: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Actor {
    #[serde(rename = "Attributes")]
    attributes: BTreeMap<String, String>,
}

/// An end, as the engine told it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct End {
    /// The exit code.
    pub code: i64,
    /// When it was, in nanoseconds since 1970 by the engine's clock, where the engine says so.
    pub at: Option<i64>,
    /// Likewise the start of the life that ended.
    pub started: Option<i64>,
}

/// A container's ends, from the moment this was made. Asking to wait for one is not enough: where a
/// policy starts the container again at once, engines may answer that with the code of the new life, 0.
#[derive(Debug)]
pub struct Ends {
    events: Lines<Event>,
    started: Option<i64>,
}

impl Ends {
    /// The next end; `None` when the engine tells no more.
    pub async fn next(&mut self) -> Result<Option<End>> {
        while let Some(event) = self.events.next().await? {
            let at = Some(event.nanos).filter(|nanos| *nanos > 0);
            if event.action == "start" {
                self.started = at;
            }
            let code = event.actor.attributes.get("exitCode");
            if let ("die" | "died", Some(Ok(code))) =
                (event.action.as_str(), code.map(|c| c.parse()))
            {
                return Ok(Some(End {
                    code,
                    at,
                    started: self.started.take(),
                }));
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
        Ok(Ends {
            events,
            started: None,
        })
    }
}
