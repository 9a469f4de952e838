//! What removes the things of this run if nobody is left to do so.

use serde_json::{Value, json};

use super::{OWNER_LABEL, RUN_LABEL, Session, compose, live};
use crate::engine::reaper::{Order, Reaper};
use crate::engine::transport::Address;
use crate::engine::{Fault, FaultKind, Result};

/// The label of a container that cleans up after a run. It is not of the run, which it outlives.
pub const REAPER_LABEL: &str = "io.seaworthy.reaper";

/// Where the engine's socket is, on its own machine and in the container.
const SOCKET: &str = "/var/run/docker.sock";
const PODMAN_SOCKET: &str = "/run/podman/podman.sock";
const INSIDE: &str = "/engine.sock";

impl Session {
    /// Has somebody wait who cleans up if this run is killed. To be called before anything is made.
    pub async fn guard(&self) -> Result<()> {
        let order = Order {
            label: format!("{RUN_LABEL}={}", self.run),
            projects: compose::name_of_projects(&self.run),
            images: format!("seaworthy-{}-", self.run),
            kept: live::KEPT.to_owned(),
            owner: self.owner.clone(),
        };
        let reaper = match Reaper::process(self.engine.api(), &order).await? {
            Some(reaper) => reaper,
            None => self.reaper_in_container(&order).await?,
        };
        *self.reaper.lock().await = Some(reaper);
        Ok(())
    }

    /// Whether somebody goes on with what this session could not remove.
    pub(super) fn is_guarded(&self) -> bool {
        self.reaper.try_lock().is_ok_and(|reaper| reaper.is_some())
    }

    /// Lets it go, as nothing is left. Otherwise it begins once this session is dropped.
    pub(super) async fn unguard(&self) {
        if let Some(reaper) = self.reaper.lock().await.take() {
            reaper.dismiss().await;
        }
    }

    async fn reaper_in_container(&self, order: &Order) -> Result<Reaper> {
        let doing = "start what cleans up if this run is killed";
        let facts = self.engine.facts().await?;
        if facts.rootless {
            let message = "the engine is on another machine and runs as an ordinary user, so where its socket is there cannot be told";
            return Err(Fault::new(FaultKind::Unsupported, doing, message));
        }
        let usual = if self.engine.is_podman() {
            PODMAN_SOCKET
        } else {
            SOCKET
        };
        let socket = match self.engine.address() {
            Address::Ssh {
                socket: Some(socket),
                ..
            } => socket,
            _ => usual,
        };
        let image = self.probe_image().await?;
        let words = Reaper::words_in_container(self.engine.api(), order, INSIDE);
        let body = self.reaper_body(&image, &words, socket);
        let containers = self.engine.containers();
        let made = containers
            .create(&format!("seaworthy-{}-reaper", self.run), &body)
            .await?;
        match Reaper::container(containers.clone(), made.id.clone()).await {
            Ok(reaper) => Ok(reaper),
            Err(fault) => {
                // What cannot be removed now, `gc` knows by its label.
                let _ = containers.remove(&made.id).await;
                Err(fault)
            }
        }
    }

    fn reaper_body(&self, image: &str, words: &[String], socket: &str) -> Value {
        json!({
            "Image": image,
            "Entrypoint": ["/probe"],
            "Cmd": words,
            "User": "0",
            "Labels": { REAPER_LABEL: self.run, OWNER_LABEL: self.owner },
            "OpenStdin": true,
            // The end of our connection is the end of its input.
            "StdinOnce": true,
            "AttachStdin": true,
            "AttachStdout": true,
            "AttachStderr": true,
            "HostConfig": {
                "NetworkMode": "none",
                "AutoRemove": true,
                "ReadonlyRootfs": true,
                "CapDrop": ["ALL"],
                "SecurityOpt": ["no-new-privileges", "label=disable"],
                "Mounts": [{ "Type": "bind", "Source": socket, "Target": INSIDE }],
            },
        })
    }
}
