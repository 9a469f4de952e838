//! What is done to a container from outside of it, by the probe in a container of its own.

use serde_json::json;

use super::Session;
use crate::engine::containers::logs::LogLimits;
use crate::engine::{Fault, FaultKind, Result};

/// How the probe ends where there is no such process.
const NOBODY: i64 = 4;

/// Which of a container's processes is meant.
#[derive(Debug, Clone, Copy)]
pub enum Whom<'a> {
    /// Its first.
    First,
    /// The one that its init started.
    BelowInit,
    /// The first of the others whose command line holds this, else the first itself.
    Named(&'a str),
}

impl Session {
    /// Sends a signal to a process of the container of that id, whose first process has that number on
    /// the engine's machine; `false` where there is no such process.
    ///
    /// The kernel is asked, not the engine: to that, every signal that it sends is a wish to stop. It is
    /// sent from the machine's own PID namespace, with no right but the one to send it.
    pub async fn signal(
        &self,
        container: &str,
        first: u64,
        number: i32,
        whom: Whom<'_>,
    ) -> Result<bool> {
        let doing = format!("send signal {number} to a process of container {container}");
        let mut words = vec![
            "send".to_owned(),
            number.to_string(),
            container.to_owned(),
            first.to_string(),
        ];
        match whom {
            Whom::First => {}
            Whom::BelowInit => words.push("init".to_owned()),
            Whom::Named(text) => words.extend(["named".to_owned(), text.to_owned()]),
        }
        let name = self.name("signal");
        let body = json!({
            "Image": self.probe_image().await?,
            "Entrypoint": ["/probe"],
            "Cmd": words,
            "Labels": self.labels(),
            "HostConfig": {
                "NetworkMode": "none",
                "PidMode": "host",
                "CgroupnsMode": "host",
                "CapDrop": ["ALL"],
                "CapAdd": ["KILL"],
                "ReadonlyRootfs": true,
            },
        });
        let containers = self.engine.containers();
        let made = self.container(&name, &body).await?;
        containers.start(&made.id).await?;
        let code = containers.wait(&made.id, super::REMOVAL).await?;
        let limits = LogLimits {
            bytes: 4096,
            tail: Some(1),
        };
        let said = containers.logs(&name, false, limits).await;
        self.remove_container(&name).await?;
        match code {
            Some(0) => Ok(true),
            Some(NOBODY) => Ok(false),
            code => {
                let lines = said.map(|logs| logs.lines).unwrap_or_default();
                let said = lines.first().map_or_else(
                    || format!("exit code {code:?}"),
                    |line| String::from_utf8_lossy(&line.bytes).into_owned(),
                );
                Err(Fault::new(FaultKind::Broken, doing, said))
            }
        }
    }
}
