//! Containers: made, started, looked at, ended, removed.

pub mod archive;
pub mod ends;
pub mod exec;
pub mod logs;

use std::collections::BTreeMap;
use std::time::Duration;

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use super::api::Api;
use super::ask::{Ask, FIRST_ANSWER};
use super::clock::Looks;
use super::path::Path;
use super::streams::Streams;
use super::{FaultKind, Result, answer};
use crate::fact::container::ContainerFacts;

/// How long a runtime may fail to freeze processes that are being started.
const FREEZING: Duration = Duration::from_secs(10);

/// The containers of one engine.
#[derive(Clone, Debug)]
pub struct Containers {
    api: Api,
}

/// A container that was made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Created {
    /// Its id.
    #[serde(rename = "Id")]
    pub id: String,
    /// What the engine left out of what was asked, such as a limit.
    #[serde(rename = "Warnings", default, deserialize_with = "null_is_empty")]
    pub warnings: Vec<String>,
}

/// A container in a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Listed {
    /// Its id.
    #[serde(rename = "Id")]
    pub id: String,
    /// Its names, each with a leading slash.
    #[serde(rename = "Names", default, deserialize_with = "null_is_empty")]
    pub names: Vec<String>,
    /// Its state: `running`, `exited`, …
    #[serde(rename = "State", default)]
    pub state: String,
    /// Its labels.
    #[serde(rename = "Labels", default, deserialize_with = "null_is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What is mounted in it.
    #[serde(rename = "Mounts", default, deserialize_with = "null_is_empty")]
    pub mounts: Vec<Mounted>,
}

/// What is mounted in a container in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Mounted {
    /// The volume's name; none where it is no volume.
    #[serde(rename = "Name", default)]
    pub name: Option<String>,
}

/// Engines write null where a list or map is empty.
pub(super) fn null_is_empty<'de, D, T>(deserializer: D) -> std::result::Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn path(id: &str, what: &str) -> Path {
    Path::new("/containers").part(id).then(what)
}

impl Containers {
    pub(super) fn new(api: Api) -> Self {
        Self { api }
    }

    /// Makes a container from the engine's own description of one.
    pub async fn create(&self, name: &str, description: &Value) -> Result<Created> {
        let mut path = Path::new("/containers/create").query("name", name);
        // The only setting that stands beside the description.
        if let Some(platform) = description["Platform"].as_str() {
            path = path.query("platform", platform);
        }
        let ask = Ask::post(format!("create container {name}"), path).json(description);
        self.api.json(ask).await
    }

    /// Starts it; `false` where it ran already.
    pub async fn start(&self, id: &str) -> Result<bool> {
        let ask = Ask::post(format!("start container {id}"), path(id, "/start"));
        Ok(self.api.done(ask).await? != StatusCode::NOT_MODIFIED)
    }

    /// Stops it: its stop signal, and after `grace` the end; `false` where it did not run. The engine counts in
    /// whole seconds, so what is no whole one is counted here.
    pub async fn stop(&self, id: &str, grace: Duration) -> Result<bool> {
        let path = path(id, "/stop").query("t", &whole_seconds(grace));
        let ask = Ask::post(format!("stop container {id}"), path).within(grace + FIRST_ANSWER);
        let mut stopping = std::pin::pin!(self.api.done(ask));
        let stopped = match timeout(grace, &mut stopping).await {
            Err(_) if grace.subsec_nanos() > 0 => {
                match self.kill(id, "KILL").await {
                    // It has ended meanwhile, and may be gone already.
                    Err(fault)
                        if !matches!(fault.kind, FaultKind::Conflict | FaultKind::NotFound) =>
                    {
                        return Err(fault);
                    }
                    _ => stopping.await?,
                }
            }
            Err(_) => stopping.await?,
            Ok(stopped) => stopped?,
        };
        Ok(stopped != StatusCode::NOT_MODIFIED)
    }

    /// Stops it if it runs, and starts it.
    pub async fn restart(&self, id: &str, grace: Duration) -> Result<()> {
        let path = path(id, "/restart").query("t", &whole_seconds(grace));
        let ask = Ask::post(format!("restart container {id}"), path).within(grace + FIRST_ANSWER);
        self.api.done(ask).await.map(drop)
    }

    /// Sends a signal to its main process, by name or number.
    pub async fn kill(&self, id: &str, signal: &str) -> Result<()> {
        let path = path(id, "/kill").query("signal", signal);
        let ask = Ask::post(format!("send {signal} to container {id}"), path);
        self.api.done(ask).await.map(drop)
    }

    /// Freezes its processes.
    pub async fn pause(&self, id: &str) -> Result<()> {
        let mut looks = Looks::within(FREEZING);
        loop {
            let ask = Ask::post(format!("pause container {id}"), path(id, "/pause"));
            match self.api.done(ask).await {
                Ok(_) => return Ok(()),
                // What starts processes at that moment, such as a health check, is in the kernel's way.
                Err(fault) if fault.message.contains("unable to freeze") => {
                    if !looks.again().await {
                        return Err(fault);
                    }
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Lets its processes go on.
    pub async fn unpause(&self, id: &str) -> Result<()> {
        let ask = Ask::post(format!("unpause container {id}"), path(id, "/unpause"));
        self.api.done(ask).await.map(drop)
    }

    /// Waits until it does not run and gives its exit code; `None` where it still runs after
    /// `within`. One that was never started counts as ended, with 0.
    pub async fn wait(&self, id: &str, within: Duration) -> Result<Option<i64>> {
        #[derive(Deserialize)]
        struct Ended {
            #[serde(rename = "StatusCode")]
            code: i64,
        }
        let bytes = self.wait_for(id, "not-running", within).await?;
        let doing = format!("wait for container {id}");
        bytes
            .map(|bytes| answer::parse::<Ended>(&doing, &bytes).map(|ended| ended.code))
            .transpose()
    }

    async fn wait_for(
        &self,
        id: &str,
        what: &str,
        within: Duration,
    ) -> Result<Option<bytes::Bytes>> {
        let doing = format!("wait for container {id}");
        let path = path(id, "/wait").query("condition", what);
        // The head of the answer comes at once from some engines and with its end from others.
        let ask = Ask::post(&doing, path).within(within + FIRST_ANSWER);
        let waiting = async {
            let mut response = self.api.send(ask).await?;
            let pause = within + FIRST_ANSWER;
            answer::whole_with_pauses(&doing, response.body_mut(), 64 * 1024, pause).await
        };
        match timeout(within, waiting).await {
            Ok(bytes) => bytes.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// What the engine says of it, in the engine's words.
    pub async fn inspect_raw(&self, id: &str) -> Result<Value> {
        let ask = Ask::get(format!("inspect container {id}"), path(id, "/json"));
        self.api.json(ask).await
    }

    /// What the engine says of it.
    pub async fn inspect(&self, id: &str) -> Result<ContainerFacts> {
        Ok(ContainerFacts::read(&self.inspect_raw(id).await?))
    }

    /// Removes it, running or not, with its anonymous volumes; `false` where there was none.
    pub async fn remove(&self, id: &str) -> Result<bool> {
        let doing = format!("remove container {id}");
        let path = Path::new("/containers")
            .part(id)
            .query("force", "1")
            .query("v", "1");
        match self.api.done(Ask::delete(&doing, path)).await {
            Ok(_) => Ok(true),
            Err(fault) if fault.is_not_found() => Ok(false),
            // Somebody else is removing it: it is gone when they are done.
            Err(fault) if fault.is_conflict() && fault.message.contains("already in progress") => {
                match self.wait_for(id, "removed", FIRST_ANSWER).await {
                    Ok(Some(_)) => Ok(true),
                    Err(gone) if gone.is_not_found() => Ok(true),
                    _ => Err(fault),
                }
            }
            Err(fault) => Err(fault),
        }
    }

    /// Gives it another name.
    pub async fn rename(&self, id: &str, name: &str) -> Result<()> {
        let path = path(id, "/rename").query("name", name);
        let ask = Ask::post(format!("rename container {id} to {name}"), path);
        self.api.done(ask).await.map(drop)
    }

    /// Changes limits or the restart policy, in the engine's words; gives its warnings.
    pub async fn update(&self, id: &str, changes: &Value) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Updated {
            #[serde(rename = "Warnings", default, deserialize_with = "null_is_empty")]
            warnings: Vec<String>,
        }
        let ask = Ask::post(format!("update container {id}"), path(id, "/update")).json(changes);
        self.api
            .json::<Updated>(ask)
            .await
            .map(|updated| updated.warnings)
    }

    /// Its streams, from now on. `terminal` says whether it was made with one.
    pub async fn attach(&self, id: &str, terminal: bool) -> Result<Streams> {
        let path = path(id, "/attach")
            .query("stream", "1")
            .query("stdin", "1")
            .query("stdout", "1")
            .query("stderr", "1");
        let ask = Ask::post(format!("attach to container {id}"), path);
        let io = self.api.upgrade(ask, "tcp").await?;
        Ok(Streams::new(io, terminal))
    }

    /// All that carry this label (`name` or `name=value`), running or not.
    pub async fn list(&self, label: &str) -> Result<Vec<Listed>> {
        let path = Path::new("/containers/json")
            .query("all", "1")
            .labelled(label);
        let ask = Ask::get(format!("list containers labelled {label}"), path);
        self.api.json(ask).await
    }
}

/// The engine counts in whole seconds: a part of one is a whole one.
fn whole_seconds(time: Duration) -> String {
    let more = u64::from(time.subsec_nanos() > 0);
    (time.as_secs() + more).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grace_is_never_cut_short() {
        assert_eq!(whole_seconds(Duration::from_millis(1500)), "2");
        assert_eq!(whole_seconds(Duration::from_secs(3)), "3");
        assert_eq!(whole_seconds(Duration::ZERO), "0");
    }

    #[test]
    fn null_lists_are_empty() {
        let created: Created = serde_json::from_str(r#"{"Id":"a","Warnings":null}"#).unwrap();
        assert!(created.warnings.is_empty());
        let listed: Listed = serde_json::from_str(r#"{"Id":"a","Labels":null}"#).unwrap();
        assert!(listed.labels.is_empty());
    }
}
