//! Removes what a run has made once the run is gone: the other end of standard input tells.
//!
//! It holds nothing that the run needs, and outlives it: a process of its own session on the engine's machine, or
//! the program of a container beside the run's. While the run lives it only waits.

mod engine;
mod json;
mod left;
mod tools;

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::sys::{self, Held, Want};
use engine::Engine;
use json::Json;
use left::{Left, Removal};
use tools::Tools;

/// What the run writes when it has removed everything itself.
const DISMISSED: u8 = b'!';

/// How long it goes on where the engine does not answer or does not let go.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long nothing may be there any more: an engine still makes what it was asked for when the run was killed.
const QUIET: Duration = Duration::from_secs(3);

/// Between two looks, at first and at most.
const SOON: Duration = Duration::from_millis(100);
const LATER: Duration = Duration::from_secs(2);

/// What it is told.
pub(crate) struct Order {
    /// Where the engine listens: `unix:///PATH` or `tcp://HOST:PORT`.
    address: String,
    /// What every path of its API begins with: `/v1.41`.
    prefix: String,
    /// The label that all of the run carries: `NAME=VALUE`.
    label: String,
    /// What the names of the volumes of its Compose projects begin with, which may have lost their label.
    projects: String,
    /// What the names of its images begin with, which are without a label where claims may be about labels.
    images: String,
    /// What the names of containers end with that are to stay.
    kept: String,
    /// Whose Compose tools are ended, as their variables have it; none where there are none to be seen.
    owner: String,
    /// How long the run may say nothing; zero stands for as long as it likes.
    silence: Duration,
}

impl Order {
    /// Reads the message; nothing where it lacks one of them.
    pub(crate) fn read(message: &str) -> Option<Self> {
        let message = Json::of(message.as_bytes())?;
        let text = |name: &str| Some(message.at(name)?.text()?.to_owned());
        Some(Self {
            address: text("address")?,
            prefix: text("prefix")?,
            label: text("label")?,
            projects: text("projects")?,
            images: text("images")?,
            kept: text("kept")?,
            owner: text("owner")?,
            silence: Duration::from_millis(text("silence_ms")?.parse().ok()?),
        })
    }
}

/// Waits for the end of the run, and removes what it has left.
pub(crate) fn reap(order: &Order) -> ExitCode {
    let Some(engine) = Engine::at(&order.address, &order.prefix) else {
        return crate::complain(&format!("{} is no address", order.address));
    };
    sys::alone::live_alone();
    // Where it was started may be removed, or be a disk that is to be taken out.
    let _ = std::env::set_current_dir("/");
    let tools = Tools::of(&order.owner);
    if io::stdout().write_all(b"ready\n").is_err() || io::stdout().flush().is_err() {
        return ExitCode::FAILURE;
    }
    match await_end(order.silence) {
        Ok(true) => ExitCode::SUCCESS,
        // What cannot be heard is over.
        Ok(false) | Err(_) => clean(engine, order, &tools),
    }
}

/// Waits until the run says that it needs nobody (`true`), or is gone.
fn await_end(silence: Duration) -> io::Result<bool> {
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let held = Held::new();
    let mut heard = Instant::now();
    let mut bytes = [0; 64];
    loop {
        let left = silence.saturating_sub(heard.elapsed());
        if !silence.is_zero() && left.is_zero() {
            return Ok(false);
        }
        let time = (!silence.is_zero()).then_some(left);
        let [ready] = held.wait([Some((input.as_fd(), Want::Read))], time)?;
        if !ready.now {
            continue;
        }
        match input.read(&mut bytes) {
            Ok(0) => return Ok(false),
            Ok(count) => {
                heard = Instant::now();
                if bytes.iter().take(count).any(|byte| *byte == DISMISSED) {
                    return Ok(true);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Removes what is there until nothing has been there for a while.
fn clean(engine: Engine, order: &Order, tools: &Tools) -> ExitCode {
    let began = Instant::now();
    let engine = engine.until(began + PATIENCE);
    let mut quiet: Option<Instant> = None;
    let mut pause = SOON;
    while began.elapsed() < PATIENCE {
        let ended = tools.end();
        match Left::of(&engine, order).map(|left| left.remove(&engine)) {
            Ok(Removal { gone: 0, stays: 0 }) if ended == 0 => {
                let since = *quiet.get_or_insert_with(Instant::now);
                if since.elapsed() >= QUIET {
                    return ExitCode::SUCCESS;
                }
            }
            Ok(removal) => {
                quiet = None;
                // More may come of what was there.
                if removal.gone > 0 || ended > 0 {
                    pause = SOON;
                }
            }
            Err(_) => quiet = None,
        }
        sys::alone::pause(pause);
        pause = (pause * 3 / 2).min(if quiet.is_some() { QUIET / 6 } else { LATER });
    }
    crate::complain("the engine did not let go of everything")
}
