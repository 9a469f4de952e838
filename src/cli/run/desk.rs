//! Follows a run: prints what happens, keeps the live lines, and passes interruptions on.

use std::time::{Duration, Instant};

use anstream::{AutoStream, ColorChoice};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::format::Format;
use super::screen::Screen;
use crate::cli::interrupt::Interrupts;
use crate::cli::out::Out;
use crate::engine::{Fault, FaultKind, world};
use crate::report::board::Board;
use crate::report::mask::{Mask, Veil};
use crate::report::style::{Characters, bare};
use crate::report::watch::{Volume, Watch};
use crate::run::options::Options;
use crate::run::outcome::{Event, Outcome};
use crate::session::OWNER_LABEL;
use crate::suite::Suite;
use crate::text::source::Sources;

/// How often the live lines are drawn anew.
const DRAWN: Duration = Duration::from_millis(100);
/// How many events are taken at once.
const BATCH: usize = 256;

/// Where what happens is told.
#[derive(Debug)]
pub struct Desk<'a> {
    out: &'a mut Out,
    mask: &'a Mask,
    veil: Veil<'a>,
    watch: Watch,
    board: Board,
    screen: Option<Screen>,
    began: Instant,
    format: Format,
    is_silent: bool,
}

impl<'a> Desk<'a> {
    /// Live lines are shown where standard error is a terminal and quiet is not asked for.
    pub fn new(out: &'a mut Out, volume: Volume, mask: &'a Mask, format: Format) -> Self {
        let dumb = world::variable("TERM").is_some_and(|term| term == "dumb");
        let wanted = volume != Volume::Quiet && !dumb;
        let screen = if wanted { Screen::new() } else { None };
        Self {
            watch: format.watch(volume, screen.is_some()),
            format,
            board: Board::default(),
            began: Instant::now(),
            out,
            mask,
            veil: Veil::new(mask),
            screen,
            is_silent: false,
        }
    }

    /// Only live lines, and what is said of an interruption.
    pub fn silent(out: &'a mut Out, mask: &'a Mask, format: Format) -> Self {
        Self {
            is_silent: true,
            ..Self::new(out, Volume::Usual, mask, format)
        }
    }

    /// Runs, and prints the report. `None` where the user would not even wait for the tear-down.
    pub fn follow(
        mut self,
        suites: Vec<Suite>,
        sources: Sources,
        options: Options,
    ) -> Result<Option<Outcome>, Fault> {
        let runtime = runtime()?;
        let ended = runtime.block_on(async {
            let interrupts = Interrupts::listen().map_err(|error| local(&error))?;
            self.attend(suites, sources, options, interrupts).await
        });
        // What still waits for an engine that does not answer is not waited for.
        runtime.shutdown_background();
        ended
    }

    async fn attend(
        &mut self,
        suites: Vec<Suite>,
        sources: Sources,
        options: Options,
        mut interrupts: Interrupts,
    ) -> Result<Option<Outcome>, Fault> {
        let (sender, mut events) = crate::run::events::channel();
        let (interrupt, interrupted) = watch::channel(0);
        let run = crate::run::run(suites, sources, options, sender, interrupted);
        let mut run = std::pin::pin!(run);
        let mut redraw = tokio::time::interval(DRAWN);
        redraw.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut taken = Vec::new();
        let mut count = 0;
        let ended = loop {
            tokio::select! {
                ended = &mut run => break ended,
                some = events.take(&mut taken, BATCH), if !events.is_over() => {
                    if some > 0 {
                        self.take(&mut taken);
                    }
                }
                _ = redraw.tick(), if self.screen.is_some() => self.draw(),
                () = interrupts.next() => {
                    count += 1;
                    // Nobody listens any more when the run is over.
                    let _ = interrupt.send(count);
                    if count > 1 {
                        self.leave();
                        return Ok(None);
                    }
                    self.say("stopping: removing containers (once more to leave at once)");
                }
            }
        };
        taken.extend(events.rest());
        self.take(&mut taken);
        let rest = self.veil.rest();
        self.see(rest);
        self.screen = None;
        let outcome = self.mask.outcome(ended?).ok_or_else(|| {
            Fault::new(
                FaultKind::Local,
                "make the report",
                "its secrets could not be masked",
            )
        })?;
        let text = self.watch.end(&outcome);
        self.tell(&text);
        Ok(Some(outcome))
    }

    fn take(&mut self, events: &mut Vec<Event>) {
        let clean = events.drain(..).flat_map(|event| self.veil.take(event));
        let clean = clean.collect();
        self.see(clean);
    }

    fn see(&mut self, events: Vec<Event>) {
        let mut text = String::new();
        for event in events {
            self.board.see(&event, self.began.elapsed());
            text.push_str(&self.watch.see(event));
        }
        self.tell(&text);
    }

    /// Says what a run has to say.
    fn tell(&mut self, text: &str) {
        if !self.is_silent {
            self.say(text);
        }
    }

    fn say(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let text = text.strip_suffix('\n').unwrap_or(text);
        let (out, format) = (&mut *self.out, self.format);
        let mut say = || format.goes_on(text, out);
        match &self.screen {
            Some(screen) => screen.above(say),
            None => say(),
        }
    }

    fn draw(&mut self) {
        let Some(screen) = &mut self.screen else {
            return;
        };
        let lines = self.board.lines(self.began.elapsed());
        if AutoStream::choice(&std::io::stderr()) == ColorChoice::Never {
            let lines: Vec<String> = lines.iter().map(|line| bare(line)).collect();
            screen.show(&lines);
        } else {
            screen.show(&lines);
        }
    }

    fn leave(&mut self) {
        self.screen = None;
        let label = format!("{OWNER_LABEL}={}", world::owner());
        let lines = [
            "left at once: containers and volumes that are still there go in a few seconds"
                .to_owned(),
            "  if they stay: seaworthy gc".to_owned(),
            format!(
                "  or by hand:   docker ps -aq --filter label={label} | xargs -r docker rm -fv"
            ),
            format!(
                "                docker volume ls -q --filter label={label} | xargs -r docker volume rm"
            ),
        ];
        self.say(&lines.join("\n"));
    }
}

/// What a run goes on in. One thread works and that which waits for it attends to the terminal and to signals,
/// which then never wait for work. A second worker made runs slower, since they wait for the engine.
pub fn runtime() -> Result<Runtime, Fault> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let built = builder.worker_threads(1).enable_all().build();
    built.map_err(|error| local(&error))
}

fn local(error: &std::io::Error) -> Fault {
    Fault::new(FaultKind::Local, "begin the run", error.to_string())
}

/// What the terminal shows, as the locale says.
pub fn characters() -> Characters {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(world::variable)
        .find(|value| !value.is_empty());
    Characters::of_locale(&locale.unwrap_or_default())
}
