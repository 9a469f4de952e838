//! Runs suites on a thread of its own and tells what happens.

use std::pin::pin;

use super::interrupt;
use crate::cli::run::desk::runtime;
use crate::engine::{Fault, FaultKind};
use crate::report::mask::{Mask, Veil};
use crate::run::events;
use crate::run::options::Options;
use crate::run::outcome::{Event, Outcome};
use crate::suite::Suite;
use crate::text::source::Sources;

/// How many events are taken at once.
const BATCH: usize = 256;

/// Runs suites to their end; what is told and what is given holds no secret.
pub(crate) fn follow(
    suites: Vec<Suite>,
    sources: Sources,
    options: Options,
    see: impl FnMut(Event) + Send,
) -> Result<Outcome, Fault> {
    let work = || -> Result<Outcome, Fault> {
        let guard = interrupt::Guard::new()?;
        let runtime = runtime()?;
        let ended = runtime.block_on(attend(suites, sources, options, see, &guard));
        // What still waits for an engine that does not answer is not waited for.
        runtime.shutdown_background();
        ended.map_err(Fault::without_option)
    };
    apart(work)
}

/// Does it on a thread of its own: who calls may be within a runtime, where another one cannot be waited for.
pub(super) fn apart<T: Send>(work: impl FnOnce() -> Result<T, Fault> + Send) -> Result<T, Fault> {
    let ended = std::thread::scope(|scope| scope.spawn(work).join());
    ended.unwrap_or_else(|_| Err(local("its thread ended before it")))
}

async fn attend(
    suites: Vec<Suite>,
    sources: Sources,
    options: Options,
    mut see: impl FnMut(Event),
    guard: &interrupt::Guard,
) -> Result<Outcome, Fault> {
    let mask = Mask::of(suites.iter().flat_map(|suite| &suite.secrets));
    let (teller, mut events) = events::channel();
    let run = crate::run::run(suites, sources, options, teller, guard.interrupted());
    let mut run = pin!(run);
    let mut taken = Vec::new();
    let mut veil = Veil::new(&mask);
    let mut tell = |events: &mut Vec<Event>| {
        let clean = events.drain(..).flat_map(|event| veil.take(event));
        clean.for_each(&mut see);
    };
    let ended = loop {
        tokio::select! {
            ended = &mut run => break ended,
            _ = events.take(&mut taken, BATCH), if !events.is_over() => tell(&mut taken),
        }
    };
    taken.extend(events.rest());
    tell(&mut taken);
    veil.rest().into_iter().for_each(see);
    let ended = ended.map_err(|fault| Fault {
        message: mask.text(fault.message),
        ..fault
    })?;
    mask.outcome(ended)
        .ok_or_else(|| local("its secrets could not be masked"))
}

fn local(why: &str) -> Fault {
    Fault::new(FaultKind::Local, "make the report", why)
}
