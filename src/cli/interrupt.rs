//! Ctrl-C and the wish of the system that we end.

use std::time::{Duration, Instant};

/// What comes again so soon is the same wish: `timeout` signals a program and then its whole group, a
/// shell hands on what the terminal has sent as well.
const SAME: Duration = Duration::from_secs(1);

/// Interruptions, one after the other.
#[derive(Debug)]
pub struct Interrupts {
    last: Option<Instant>,
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Interrupts {
    /// From now on interruptions come here and do not end the program.
    pub fn listen() -> std::io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let signals = [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ];
            Ok(Self {
                last: None,
                signals,
            })
        }
        #[cfg(not(unix))]
        Ok(Self { last: None })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        loop {
            self.signal().await;
            let last = self.last.replace(Instant::now());
            if last.is_none_or(|last| last.elapsed() > SAME) {
                return;
            }
        }
    }

    async fn signal(&mut self) {
        #[cfg(unix)]
        {
            let [interrupt, terminate, hangup] = &mut self.signals;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
