//! Files of this machine that are handed to the engine.

use std::io;
use std::path::Path;

/// The bytes of an image archive.
pub async fn read(path: &Path) -> io::Result<Vec<u8>> {
    if tokio::fs::metadata(path).await?.is_dir() {
        return folder(path).await;
    }
    tokio::fs::read(path).await
}

/// An OCI layout that lies in a folder, as the archive that an engine loads.
async fn folder(path: &Path) -> io::Result<Vec<u8>> {
    let path = path.to_owned();
    let pack = move || {
        let mut tar = tar::Builder::new(Vec::new());
        tar.append_dir_all(".", &path)?;
        tar.into_inner()
    };
    tokio::task::spawn_blocking(pack)
        .await
        .map_err(io::Error::other)?
}

/// The text of a small file.
pub async fn text(path: &Path) -> io::Result<String> {
    tokio::fs::read_to_string(path).await
}
