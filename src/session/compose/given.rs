//! Files that the tool writes into the containers that it makes: those of `content` and of variables. They are in
//! no volume, so that a container that is made again has to get them again.

use std::io::Read as _;

use bytes::Bytes;

use crate::engine::{Fault, FaultKind, Result};
use crate::session::Session;

/// The most that one of them may hold.
const LIMIT: usize = 4 << 20;

impl Session {
    /// These files of a container that was just made, as an archive of its root; nothing where there are none.
    pub(super) async fn given(&self, container: &str, paths: &[String]) -> Result<Option<Bytes>> {
        if paths.is_empty() {
            return Ok(None);
        }
        let mut all = tar::Builder::new(Vec::new());
        for path in paths {
            let containers = self.engine.containers();
            let archive = containers.archive(container, path, LIMIT).await?;
            take(&mut all, path, &archive).map_err(|error| {
                let doing = format!("read {path} of the Compose file's container");
                Fault::new(FaultKind::Broken, doing, error.to_string())
            })?;
        }
        let all = all.into_inner().map_err(|error| {
            Fault::new(
                FaultKind::Local,
                "pack the Compose file's files",
                error.to_string(),
            )
        })?;
        Ok(Some(all.into()))
    }
}

/// Takes the one file of an archive, under its whole path.
fn take(all: &mut tar::Builder<Vec<u8>>, path: &str, archive: &[u8]) -> std::io::Result<()> {
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        let mut header = entry.header().clone();
        if !header.entry_type().is_file() {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        header.set_size(bytes.len() as u64);
        all.append_data(&mut header, path.trim_start_matches('/'), bytes.as_slice())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_rights_under_its_whole_path() {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o440);
        header.set_uid(7);
        header.set_size(4);
        archive
            .append_data(&mut header, "word", &b"hush"[..])
            .unwrap();
        let archive = archive.into_inner().unwrap();
        let mut all = tar::Builder::new(Vec::new());
        take(&mut all, "/run/secrets/word", &archive).unwrap();
        let all = all.into_inner().unwrap();
        let mut all = tar::Archive::new(all.as_slice());
        let mut entries = all.entries().unwrap();
        let mut entry = entries.next().unwrap().unwrap();
        let header = entry.header();
        assert_eq!((header.mode().unwrap(), header.uid().unwrap()), (0o440, 7));
        assert_eq!(entry.path().unwrap().to_str(), Some("run/secrets/word"));
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hush");
    }
}
