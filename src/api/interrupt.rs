//! Ctrl-C in a program that is not ours: what runs have made is removed, then the program ends.
//!
//! Who once listens for a signal has it taken from the system for good, so that from the first run on it is
//! we who end the program, also between runs.

use std::sync::OnceLock;

use tokio::sync::watch;

use crate::cli::interrupt::Interrupts;
use crate::cli::out::Out;
use crate::engine::{Fault, FaultKind};

/// What is known to all runs of this process.
#[derive(Debug)]
struct Desk {
    interrupts: watch::Sender<u8>,
    running: watch::Sender<usize>,
}

static DESK: OnceLock<Desk> = OnceLock::new();
/// Why nobody listens, if nobody could.
static LISTENS: OnceLock<Result<(), String>> = OnceLock::new();

/// What has to come to its end before the process may: a run that takes its containers down, or its reports.
#[derive(Debug)]
pub(crate) struct Guard(&'static Desk);

impl Guard {
    pub(crate) fn new() -> Result<Self, Fault> {
        let desk = DESK.get_or_init(|| Desk {
            interrupts: watch::Sender::new(0),
            running: watch::Sender::new(0),
        });
        let listens = LISTENS.get_or_init(|| listen(desk).map_err(|error| error.to_string()));
        if let Err(why) = listens {
            return Err(Fault::new(FaultKind::Local, "begin the run", why.clone()));
        }
        desk.running.send_modify(|count| *count += 1);
        Ok(Self(desk))
    }

    /// Becomes more than 0 when the run is to end.
    pub(super) fn interrupted(&self) -> watch::Receiver<u8> {
        self.0.interrupts.subscribe()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let running = &self.0.running;
        running.send_modify(|count| *count = count.saturating_sub(1));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program is not ours: its main gets no exit code from us"
)]
fn listen(desk: &'static Desk) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut interrupts = {
        let _within = runtime.enter();
        Interrupts::listen()?
    };
    let work = move || {
        runtime.block_on(async {
            interrupts.next().await;
            desk.interrupts.send_replace(1);
            let mut running = desk.running.subscribe();
            if *running.borrow() > 0 {
                Out::default().note("stopping: removing containers (once more to leave at once)");
            }
            tokio::select! {
                _ = running.wait_for(|count| *count == 0) => {}
                () = interrupts.next() => {
                    Out::default().note("left at once: what is still there goes in a few seconds; `seaworthy gc` says whether it did");
                }
            }
        });
        std::process::exit(130)
    };
    std::thread::Builder::new().spawn(work).map(drop)
}
