//! The volume that brings the probe into containers, filled once an engine.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{CACHE_LABEL, Session};
use crate::engine::probe::{FOLDER, GREETING, PROGRAM};
use crate::engine::{Fault, FaultKind, Result, probe_binary};
use crate::fact::image::ImageFacts;

/// The name of the volume that runs share, by the probe's content.
pub fn volume() -> String {
    format!("seaworthy-probe-{:016x}", probe_binary::digest())
}

/// How an engine calls a layer with this content.
fn layer(tar: &[u8]) -> String {
    let hash = Sha256::digest(tar);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

impl Session {
    /// Makes sure that the volume is there. It is filled when a container first finds it empty.
    pub async fn probe_volume(&self) -> Result<String> {
        let name = self.probe_volume.clone();
        let labels = [(CACHE_LABEL.to_owned(), "probe".to_owned())].into();
        self.probe
            .get_or_try_init(|| async {
                self.engine.volumes().create(&name, &labels).await.map(drop)
            })
            .await?;
        Ok(name)
    }

    /// Fills the volume: a container of an image that holds only the probe copies it there under
    /// another name and renames it, so that a half-written probe is never seen and two runs at once
    /// do not disturb each other.
    pub async fn install_probe(&self) -> Result<()> {
        let _installs = self.record.run().begins("installs the probe");
        let image = self.probe_image().await?;
        let name = self.name("install");
        let body = json!({
            "Image": image,
            "Entrypoint": ["/probe"],
            "Cmd": ["install", "/to"],
            "Labels": self.labels(),
            "HostConfig": {
                "NetworkMode": "none",
                "Mounts": [{ "Type": "volume", "Source": self.probe_volume, "Target": "/to", "VolumeOptions": { "NoCopy": true } }],
            },
        });
        let containers = self.engine.containers();
        let made = self.container(&name, &body).await?;
        containers.start(&made.id).await?;
        let code = containers.wait(&made.id, super::REMOVAL).await?;
        self.remove_container(&name).await?;
        match code {
            Some(0) => Ok(()),
            code => {
                let message = format!("the probe could not install itself (exit code {code:?})");
                let fault = Fault::new(
                    FaultKind::Broken,
                    format!("fill the volume {}", self.probe_volume),
                    message,
                );
                Err(fault.help(format!("see whether the engine has room on its disk; `docker volume rm {}` removes the volume", self.probe_volume)))
            }
        }
    }

    /// The image that holds nothing but the probe.
    pub(super) async fn probe_image(&self) -> Result<String> {
        let tag = format!("{:016x}", probe_binary::digest());
        let name = format!("seaworthy-probe:{tag}");
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o555);
        header.set_size(probe_binary::bytes().len() as u64);
        let local = |error: std::io::Error| {
            Fault::new(FaultKind::Local, "pack the probe", error.to_string())
        };
        tar.append_data(&mut header, "probe", probe_binary::bytes())
            .map_err(local)?;
        let tar = tar.into_inner().map_err(local)?;
        let images = self.engine.images();
        // By its name alone it may be anybody's: it is given the engine's socket.
        match images.inspect_raw(&name).await {
            Ok(said) => {
                let facts = ImageFacts::read(&said, None);
                if facts.layers == [layer(&tar)] {
                    return Ok(facts.id);
                }
            }
            Err(fault) if fault.is_not_found() => {}
            Err(fault) => return Err(fault),
        }
        let label = format!("LABEL {CACHE_LABEL}=probe");
        images
            .import(
                tar,
                "seaworthy-probe",
                &tag,
                &[label.as_str()],
                "the probe of seaworthy",
            )
            .await
    }

    /// Whether a fault of starting says that the probe is not in its volume yet, or not whole.
    pub fn lacks_probe(fault: &Fault) -> bool {
        let says = |text: &str| fault.message.contains(text);
        (says(PROGRAM) || says(FOLDER))
            && (says("no such file") || says("not found") || says("exec"))
            || fault.kind == FaultKind::NotFound && says("exit code")
            || matches!(fault.kind, FaultKind::Broken | FaultKind::CutOff)
                && fault.doing == GREETING
    }
}
