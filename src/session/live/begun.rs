//! When a container was started and got ready, by our own clock.

use std::time::Duration;

use super::Live;
use crate::engine::begun::has_begun;
use crate::engine::clock::{self, Looks};
use crate::engine::{Fault, FaultKind, Result};

/// How long the kernel may take to begin a program.
const BEGINNING: Duration = Duration::from_secs(10);

/// Moments of a container's life, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, Default)]
pub struct Begun {
    /// When the engine was last asked to start it.
    pub asked: i64,
    /// When it was ready since then.
    pub ready: Option<i64>,
    /// When its health check passed since then.
    pub healthy: Option<i64>,
}

impl Live {
    /// Waits until the program itself runs, which the engine says a moment before it does: when it has told
    /// the runtime's process to become the program. Of an engine elsewhere its word has to do.
    pub(super) async fn await_program(&mut self) -> Result<()> {
        if !self.is_here() {
            return Ok(());
        }
        let mut looks = Looks::within(BEGINNING);
        loop {
            let facts = self.facts().await?;
            let process = facts.state.pid.filter(|_| facts.state.running);
            let begun = process.and_then(|pid| has_begun(pid, &facts.id, self.has_init()));
            if begun != Some(false) {
                return Ok(());
            }
            if !looks.again().await {
                let message = format!(
                    "{BEGINNING:?} after the engine said that it runs, its program had not begun"
                );
                let fault = Fault::new(
                    FaultKind::TimedOut,
                    format!("start container {}", self.name),
                    message,
                );
                return Err(fault
                    .help("the machine may be too busy: run fewer cases side by side (`--jobs`)"));
            }
        }
    }

    /// Marks the moment at which it got ready.
    pub fn is_ready(&mut self) {
        // When it was started is not known to us.
        if !self.is_ours {
            return;
        }
        // One that gets ready again has not been started again.
        let micros = self.age_micros();
        self.ready_micros.get_or_insert(micros);
    }

    /// Marks the moment at which its health check was seen to pass.
    pub fn is_healthy(&mut self) {
        if self.is_ours {
            self.healthy_micros = Some(self.age_micros());
        }
    }

    fn age_micros(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// When it was started and got ready; nothing where it was not started yet.
    pub fn begun(&self) -> Option<Begun> {
        if !self.is_made() || !self.is_ours {
            return None;
        }
        let nanos = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        let asked = clock::wall_nanos().saturating_sub(nanos(self.started.elapsed()));
        let at = |micros: u64| asked.saturating_add(nanos(Duration::from_micros(micros)));
        Some(Begun {
            asked,
            ready: self.ready_micros.map(at),
            healthy: self.healthy_micros.map(at),
        })
    }

    /// Whether the engine's clock is ours.
    pub fn shares_clock(&self) -> bool {
        self.is_here()
    }

    /// Whether that clock was set since it was started.
    pub fn lost_the_time(&self) -> bool {
        self.clock_was_set()
    }
}
