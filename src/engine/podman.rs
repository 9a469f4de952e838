//! podman without a daemon: its API served by a child of ours for as long as the run lasts.

use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use super::transport::Address;
use super::{Fault, FaultKind, Result};

/// How long podman may take to open its socket: the first time it prepares its storage.
const OPEN: Duration = Duration::from_secs(30);

/// How often the socket is looked for.
const LOOK: Duration = Duration::from_millis(20);

/// The served API. It ends, and its socket goes, when this is dropped.
#[derive(Debug)]
pub struct Service {
    child: Child,
    folder: TempDir,
}

const DOING: &str = "serve podman's API";

impl Service {
    /// Starts `podman system service`; `None` where there is no podman on PATH.
    pub async fn start() -> Result<Option<Self>> {
        let local = |error: &std::io::Error| Fault::new(FaultKind::Local, DOING, error.to_string());
        let folder = tempfile::Builder::new()
            .prefix("seaworthy-podman-")
            .tempdir()
            .map_err(|error| local(&error))?;
        let socket = folder.path().join("podman.sock");
        let spawned = Command::new("podman")
            .args(["system", "service", "--time=0"])
            .arg(format!("unix://{}", socket.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let child = match spawned {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(local(&error)),
        };
        let mut service = Self { child, folder };
        service.opened().await?;
        service.drain();
        Ok(Some(service))
    }

    /// Where it listens.
    pub fn address(&self) -> Address {
        Address::Unix(self.folder.path().join("podman.sock"))
    }

    async fn opened(&mut self) -> Result<()> {
        let socket = self.folder.path().join("podman.sock");
        let deadline = Instant::now() + OPEN;
        while !socket.exists() {
            if let Ok(Some(status)) = self.child.try_wait() {
                let said = self.said().await;
                return Err(Fault::new(
                    FaultKind::Unreachable,
                    DOING,
                    format!("podman ended at once ({status}): {said}"),
                ));
            }
            if Instant::now() >= deadline {
                return Err(Fault::new(
                    FaultKind::TimedOut,
                    DOING,
                    format!("podman opened no socket within {OPEN:?}"),
                ));
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// The last words of a podman that has ended.
    async fn said(&mut self) -> String {
        let mut said = Vec::new();
        if let Some(stderr) = self.child.stderr.take() {
            // Something it left behind may hold the pipe open.
            let read = stderr.take(4096);
            let _ = timeout(
                Duration::from_secs(1),
                BufReader::new(read).read_to_end(&mut said),
            )
            .await;
        }
        String::from_utf8_lossy(&said).trim().to_owned()
    }

    /// Keeps a talkative podman from waiting on a full pipe.
    fn drain(&mut self) {
        if let Some(mut stderr) = self.child.stderr.take() {
            tokio::spawn(async move {
                let mut void = [0; 1024];
                while let Ok(1..) = stderr.read(&mut void).await {}
            });
        }
    }
}
