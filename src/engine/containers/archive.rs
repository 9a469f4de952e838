//! Files of a container, running or not, as tar archives.

use std::time::Duration;

use bytes::Bytes;

use super::super::Result;
use super::super::ask::Ask;
use super::super::body::Body;
use super::super::tarball::{self, Incoming};
use super::Containers;

/// How long an engine may take over an archive before it answers.
const ARCHIVE: Duration = Duration::from_mins(5);

impl Containers {
    /// The tar archive of a file or folder, at most `limit` bytes; `NotFound` is also what is said
    /// where the container is there and the file is not.
    pub async fn archive(&self, id: &str, file: &str, limit: usize) -> Result<Bytes> {
        let path = super::path(id, "/archive").query("path", file);
        let doing = format!("read {file} of container {id}");
        self.api
            .bytes(Ask::get(doing, path).within(ARCHIVE), limit)
            .await
    }

    /// Reads the tar archive of a file or folder while it comes.
    pub async fn walk_archive<T: Send + 'static>(
        &self,
        id: &str,
        file: &str,
        work: impl FnOnce(&mut Incoming) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let path = super::path(id, "/archive").query("path", file);
        let doing = format!("look through {file} of container {id}");
        let ask = Ask::get(doing, path).within(ARCHIVE);
        tarball::read(&self.api, ask, work).await
    }

    /// Unpacks a tar archive into a folder of the container.
    pub async fn unpack(&self, id: &str, folder: &str, tar: impl Into<Body>) -> Result<()> {
        let path = super::path(id, "/archive").query("path", folder);
        let doing = format!("write to {folder} of container {id}");
        let ask = Ask::new(hyper::Method::PUT, doing, path)
            .header("Content-Type", "application/x-tar")
            .body(tar)
            .within(ARCHIVE);
        self.api.done(ask).await.map(drop)
    }
}
