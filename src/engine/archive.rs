//! Files of this machine that are handed to the engine.

use std::io;
use std::path::Path;

/// The bytes of an image archive.
pub async fn read(path: &Path) -> io::Result<Vec<u8>> {
    let there = tokio::fs::metadata(path).await?;
    if there.is_dir() {
        return folder(path).await;
    }
    if !there.is_file() {
        return Err(io::Error::other("it is neither a file nor a folder"));
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

/// The largest file of variables or secrets.
const TEXT: u64 = 1 << 20;

/// The text of a small file.
pub async fn text(path: &Path) -> io::Result<String> {
    let there = tokio::fs::metadata(path).await?;
    if !there.is_file() || there.len() > TEXT {
        return Err(io::Error::other("it is no file, or larger than 1 MiB"));
    }
    tokio::fs::read_to_string(path).await
}
