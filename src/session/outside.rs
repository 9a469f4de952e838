//! What is done to containers from outside of them, by the probe in a container of its own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::Session;
use super::live::{Live, ROOT};
use crate::engine::probe::wire::{Answer, Request, Whom};
use crate::engine::{Fault, FaultKind, Result};

/// How long it has to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the kernel says where there is no such process.
const NOBODY: i32 = 3;

/// The container that signals are sent from: made for the first, kept for the next.
#[derive(Clone, Default)]
pub(super) struct Outside(Arc<Mutex<Option<Box<Live>>>>);

impl fmt::Debug for Outside {
    // It holds the session that it is part of.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outside")
    }
}

impl Outside {
    /// Lets go of it. The ledger knows the container.
    pub(super) async fn leave(&self) {
        *self.0.lock().await = None;
    }
}

impl Session {
    /// Sends a signal to a process of the container of that id, whose first process has that number on
    /// the engine's machine; `false` where there is no such process.
    ///
    /// The kernel is asked, not the engine: to that, every signal that it sends is a wish to stop. It is
    /// sent from the machine's own PID namespace, with no right but the one to send it.
    pub async fn signal(
        &self,
        container: &str,
        first: u64,
        number: i32,
        whom: Whom,
    ) -> Result<bool> {
        let doing = || format!("send signal {number} to a process of container {container}");
        let first = u32::try_from(first);
        let request = Request::Send {
            container: container.as_bytes().to_vec(),
            first: first.map_err(|error| {
                Fault::new(FaultKind::Broken, doing(), format!("its process: {error}"))
            })?,
            signal: number,
            whom,
        };
        let mut kept = self.outside.0.lock().await;
        let mut live = match kept.take() {
            Some(live) => live,
            None => self.outsider().await?,
        };
        // One that did not answer is not asked again: what it was told may be done still.
        let answer = match live.link(Some(ROOT)).await {
            Ok(link) => link.ask(&[request], PATIENCE).await,
            Err(fault) => Err(fault),
        };
        let answer = match answer {
            Ok(mut answers) => answers.pop(),
            Err(fault) => {
                // Where it cannot be removed now, that is tried again, and told, when the session closes.
                let _ = live.remove().await;
                return Err(Fault {
                    doing: doing(),
                    ..fault
                });
            }
        };
        *kept = Some(live);
        match answer {
            Some(Answer::Sent) => Ok(true),
            Some(Answer::Errno { errno: NOBODY }) => Ok(false),
            Some(Answer::Errno { errno }) => {
                let said = std::io::Error::from_raw_os_error(errno).to_string();
                Err(Fault::new(FaultKind::Broken, doing(), said))
            }
            other => {
                let said = format!("the probe answered {other:?}");
                Err(Fault::new(FaultKind::Broken, doing(), said))
            }
        }
    }

    async fn outsider(&self) -> Result<Box<Live>> {
        let mut live = Box::new(Live::outsider(self).await?);
        match live.launch().await {
            Ok(()) => Ok(live),
            Err(fault) => {
                let _ = live.remove().await;
                Err(fault)
            }
        }
    }
}
