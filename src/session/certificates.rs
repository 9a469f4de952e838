//! The run's certificates: made once for a suite, and put into a volume for each container that
//! mounts it, in the name of the user who reads them there.

use std::io::Read as _;

use serde_json::json;

use super::Session;
use crate::engine::certificates::{Certificates, Order};
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::accounts::Accounts;
use crate::suite::Suite;
use crate::suite::certificate::Usage;

/// Where the volume stands in the container that it is filled through.
const FOLDER: &str = "to";
/// The most of `passwd` and `group` that is read.
const ACCOUNTS: usize = 1 << 20;

/// What a suite has made for a run; none where it says none.
pub fn make(suite: &Suite) -> Result<Option<Certificates>> {
    let orders: Vec<Order> = suite
        .certificates
        .iter()
        .map(|(name, certificate)| {
            let certificate = &certificate.value;
            Order {
                name: name.value.clone(),
                hosts: certificate.hosts(),
                client: certificate.usage == Some(Usage::Client),
                expired: certificate.expired.0,
                self_signed: certificate.self_signed.0,
            }
        })
        .collect();
    match orders.is_empty() {
        true => Ok(None),
        false => Certificates::make(&orders).map(Some),
    }
}

impl Session {
    /// Puts certificates into a volume, as files of this user and group. They go through a container
    /// that is made and not started.
    pub(super) async fn fill_certificates(
        &self,
        volume: &str,
        certificates: &Certificates,
        owner: (u32, u32),
    ) -> Result<()> {
        let name = self.name("certificates");
        let body = json!({
            "Image": self.probe_image().await?,
            "Entrypoint": ["/probe"],
            "Labels": self.labels(),
            "HostConfig": {
                "NetworkMode": "none",
                "Mounts": [{ "Type": "volume", "Source": volume, "Target": format!("/{FOLDER}"), "VolumeOptions": { "NoCopy": true } }],
            },
        });
        let packed = packed(certificates, owner).map_err(|error| {
            let doing = "pack the run's certificates";
            Fault::new(FaultKind::Local, doing, error.to_string())
        })?;
        self.container(&name, &body).await?;
        let containers = self.engine.containers();
        containers.unpack(&name, "/", packed).await?;
        self.remove_container(&name).await
    }

    /// The user and group as whom the engine starts a container's program, by the container's own
    /// accounts; root where they do not know the user, for then the engine will not start it.
    pub(super) async fn owner(&self, container: &str, user: &str) -> Result<(u32, u32)> {
        if user.is_empty() {
            return Ok((0, 0));
        }
        let passwd = self.account_file(container, "/etc/passwd").await?;
        let group = self.account_file(container, "/etc/group").await?;
        Ok(resolve(user, &Accounts::parse(&passwd, &group)))
    }

    async fn account_file(&self, container: &str, path: &str) -> Result<String> {
        let containers = self.engine.containers();
        let archive = match containers.archive(container, path, ACCOUNTS).await {
            Ok(archive) => archive,
            Err(fault) if fault.is_not_found() => {
                // The engine says so too where the container itself is gone.
                return containers.inspect(container).await.map(|_| String::new());
            }
            Err(fault) => return Err(fault),
        };
        let broken = |error: std::io::Error| {
            let doing = format!("read {path} of container {container}");
            Fault::new(FaultKind::Broken, doing, error.to_string())
        };
        let mut text = Vec::new();
        let mut tar = tar::Archive::new(archive.as_ref());
        if let Some(entry) = tar.entries().map_err(broken)?.next() {
            let mut entry = entry.map_err(broken)?;
            entry.read_to_end(&mut text).map_err(broken)?;
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// As the engine does it: names by the image's files, else numbers; a user's own group without one.
fn resolve(written: &str, accounts: &Accounts) -> (u32, u32) {
    let (user, group) = written.split_once(':').unwrap_or((written, ""));
    let known = accounts.find_user(user);
    let uid = known.map(|user| user.uid).or_else(|| user.parse().ok());
    let by_name = accounts.groups.iter().find(|known| known.name == group);
    let gid = match group {
        "" => known.map(|user| user.gid),
        _ => by_name
            .map(|known| known.gid)
            .or_else(|| group.parse().ok()),
    };
    (uid.unwrap_or(0), gid.unwrap_or(0))
}

/// The files as a tar archive.
fn packed(certificates: &Certificates, owner: (u32, u32)) -> std::io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    let header = |mode: u32, kind: tar::EntryType| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(owner.0.into());
        header.set_gid(owner.1.into());
        header
    };
    let mut folder = header(0o755, tar::EntryType::Directory);
    folder.set_size(0);
    // An engine passes over the owner of the folder that it unpacks into, so that is the one above.
    tar.append_data(&mut folder, FOLDER, std::io::empty())?;
    let mut file = |name: String, mode: u32, text: &str| {
        let mut header = header(mode, tar::EntryType::Regular);
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, format!("{FOLDER}/{name}"), text.as_bytes())
    };
    file("ca.pem".to_owned(), 0o644, &certificates.ca)?;
    for made in &certificates.all {
        file(format!("{}.pem", made.name), 0o644, &made.pem)?;
        file(format!("{}.pub", made.name), 0o644, &made.public)?;
        file(format!("{}.key", made.name), 0o600, &made.key)?;
    }
    tar.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_whom_the_engine_would_start_it_as() {
        let accounts = Accounts::parse(
            "root:x:0:0::/:/x\napp:x:1000:1001::/:/x\n2000:x:7:8::/:/x\n",
            "root:x:0:\nstaff:x:50:\n",
        );
        for (written, owner) in [
            ("app", (1000, 1001)),
            ("1000", (1000, 1001)),
            ("app:staff", (1000, 50)),
            ("app:7", (1000, 7)),
            ("65532", (65532, 0)),
            ("65532:65533", (65532, 65533)),
            ("2000", (7, 8)),
            ("nobody", (0, 0)),
        ] {
            assert_eq!(resolve(written, &accounts), owner, "{written}");
        }
    }
}
