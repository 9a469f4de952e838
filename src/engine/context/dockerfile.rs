//! Where a context's Dockerfile is, and what it holds.

use std::io;
use std::path::{Path, PathBuf};

use super::error::ContextError;

/// How large a Dockerfile may be; the builder's own bound for a line is far below.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A Dockerfile as it was read.
#[derive(Clone, Debug)]
pub struct DockerfileSource {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// Its path within the context, with `/`; none where it lies outside.
    pub within: Option<String>,
    /// Its bytes.
    pub text: Vec<u8>,
}

impl DockerfileSource {
    pub(super) fn read(root: &Path, given: Option<&Path>) -> Result<Self, ContextError> {
        let path = match given {
            Some(given) => root.join(given),
            None => default_path(root),
        };
        let path = plain(&path);
        let text = read_file(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ContextError::no_dockerfile(root, path.clone()),
            _ => ContextError::unreadable(&path, &error),
        })?;
        let within = path
            .strip_prefix(root)
            .ok()
            .and_then(Path::to_str)
            .map(str::to_owned);
        Ok(Self { path, within, text })
    }

    /// The file's own name.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// `Dockerfile`, or `dockerfile` where only that exists, as the Docker command takes it.
fn default_path(root: &Path) -> PathBuf {
    let usual = root.join("Dockerfile");
    let lower = root.join("dockerfile");
    if !usual.exists() && lower.exists() {
        lower
    } else {
        usual
    }
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let size = std::fs::metadata(path)?;
    if size.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !size.is_file() || size.len() > LARGEST {
        return Err(io::Error::other("it is no file of a Dockerfile's size"));
    }
    std::fs::read(path)
}

/// The path without `.` and `..`, symbolic links left as they are.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                out.pop();
            }
            std::path::Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}
