//! A container that somebody else has made: it is looked at, and neither started nor removed by us.

use serde_json::json;

use super::Live;
use crate::engine::probe::{FOLDER, PROGRAM};
use crate::engine::{Fault, FaultKind, Result, probe_binary};
use crate::session::Session;
use crate::session::image::Ready;

impl Live {
    /// The container of this name or id, with the probe put into it where it runs.
    pub async fn attached(session: &Session, image: &Ready, id: &str) -> Result<Self> {
        let facts = session.engine.containers().inspect(id).await?;
        let check = facts.healthcheck.as_ref().map(|check| check.test.clone());
        let body = json!({ "Tty": facts.tty, "Healthcheck": { "Test": check } });
        let mut live = Self::new(session, image, body, true);
        live.name.clone_from(&facts.id);
        live.is_ours = false;
        let has_probe = facts.mounts.iter().any(|mount| mount.at == FOLDER);
        if facts.state.running && !has_probe {
            live.put_probe().await?;
        }
        Ok(live)
    }

    /// A container that runs takes no further mount, so the probe is written into it.
    async fn put_probe(&mut self) -> Result<()> {
        let doing = format!("put the probe into container {}", self.name);
        let tar = packed()
            .map_err(|error| Fault::new(FaultKind::Local, doing.clone(), error.to_string()))?;
        let containers = self.session.engine.containers();
        let put = containers
            .unpack(&self.name, "/", bytes::Bytes::from(tar))
            .await;
        put.map_err(|fault| {
            let volume = crate::session::install::volume();
            let help = format!(
                "a container whose root cannot be written to has to bring the probe along: start it with the volume \
                 {volume} at {FOLDER}, which any run of `seaworthy` on this engine fills"
            );
            Fault { doing, ..fault }.help(help)
        })
    }
}

/// The probe as an archive of a root.
fn packed() -> std::io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o555);
    header.set_size(probe_binary::bytes().len() as u64);
    let path = PROGRAM.trim_start_matches('/');
    tar.append_data(&mut header, path, probe_binary::bytes())?;
    tar.into_inner()
}
