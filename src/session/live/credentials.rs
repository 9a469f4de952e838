//! What the names of certificates and authorities in a suite stand for.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Live, local, still_allowed};
use crate::engine::certificates::{Certificate, Certificates};
use crate::engine::http::Credentials;
use crate::engine::sources::real;
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::http::Tls;
use crate::suite::certificate::{AUTHORITY, is_path};

/// What is known of them.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The folder that the suite's paths are relative to.
    pub folder: PathBuf,
    /// What was made for the run.
    pub certificates: Option<Arc<Certificates>>,
    /// The volume on the engine that the container reads them in.
    pub volume: Option<String>,
}

impl Live {
    /// Puts the certificates into the container's volume, before its program is started.
    pub(in crate::session) async fn fill_certificates(&mut self) -> Result<()> {
        let Known {
            certificates: Some(certificates),
            volume: Some(volume),
            ..
        } = &self.credentials
        else {
            return Ok(());
        };
        let said = self.body["User"].as_str().filter(|user| !user.is_empty());
        let user = said
            .or(self.image.facts.user.as_deref())
            .unwrap_or("")
            .to_owned();
        let owner = self.session.owner(&self.name, &user).await?;
        let filled = self.session.fill_certificates(volume, certificates, owner);
        filled.await
    }

    /// The authority and the certificate that a request names.
    pub async fn credentials(&mut self, tls: &Tls) -> Result<Credentials> {
        let ca = match tls.ca.as_deref() {
            None => None,
            Some(AUTHORITY) => self.credentials.certificates.as_ref().map(|c| c.ca.clone()),
            Some(path) if is_path(path) => {
                let path = self.credentials.folder.join(path);
                still_allowed(&self.reach, self.reach.bounds.read(&path, &real))?;
                let text = crate::engine::archive::text(&path).await;
                Some(text.map_err(|error| local(&path, &error))?)
            }
            Some(name) => Some(self.made(name)?.pem.clone()),
        };
        if let (Some(name), None) = (&tls.ca, &ca) {
            return Err(unmade(name));
        }
        let identity = tls.certificate.as_deref().map(|name| self.made(name));
        Ok(Credentials {
            ca,
            identity: identity.transpose()?.cloned(),
        })
    }

    fn made(&self, name: &str) -> Result<&Certificate> {
        let made = self.credentials.certificates.as_ref();
        made.and_then(|made| made.named(name))
            .ok_or_else(|| unmade(name))
    }
}

fn unmade(name: &str) -> Fault {
    let message = "the suite has no such certificate";
    Fault::new(
        FaultKind::Local,
        format!("use the certificate `{name}`"),
        message,
    )
}
