//! What a container has printed, and what it prints.

mod assemble;

use std::collections::VecDeque;
use std::time::Duration;

use hyper::body::Incoming;

use super::super::ask::Ask;
use super::super::demux::{Channel, Demux};
use super::super::{Fault, FaultKind, Result, answer};
use super::Containers;
use crate::fact::moment::Moment;
use assemble::{Assembler, Tail};

/// A line that a container printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Where it was printed to; with a terminal always standard output.
    pub channel: Channel,
    /// When, as the engine has it.
    pub at: Option<Moment>,
    /// The line without its end, as the container wrote it.
    pub bytes: Vec<u8>,
}

/// Lines that a container printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logs {
    /// The lines, the oldest first.
    pub lines: Vec<LogLine>,
    /// Older lines, or the rest of very long ones, were left out for their size.
    pub cut: bool,
}

/// How much of a log to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLimits {
    /// Bytes to keep: the newest.
    pub bytes: usize,
    /// Lines to ask for: the newest; none is all.
    pub tail: Option<usize>,
}

/// A log while it is written.
#[derive(Debug)]
pub struct Following {
    doing: String,
    body: Incoming,
    bytes: LogBytes,
    ended: bool,
}

/// The bytes of a log as an engine sends them, made lines.
#[derive(Debug)]
pub struct LogBytes {
    demux: Demux,
    assembler: Assembler,
    ready: VecDeque<LogLine>,
}

impl Containers {
    /// What it has printed so far. `terminal` says whether it was made with one.
    pub async fn logs(&self, id: &str, terminal: bool, limits: LogLimits) -> Result<Logs> {
        let tail = limits
            .tail
            .map_or("all".to_owned(), |lines| lines.to_string());
        let mut log = self.read_log(id, terminal, false, &tail).await?;
        let mut kept = Tail::new(limits.bytes);
        while let Some(line) = log.next(answer::PAUSE).await? {
            kept.add(line);
        }
        Ok(kept.into_logs(log.bytes.assembler.was_cut()))
    }

    /// What it prints, from its beginning, until it ends.
    pub async fn follow_logs(&self, id: &str, terminal: bool) -> Result<Following> {
        self.read_log(id, terminal, true, "all").await
    }

    async fn read_log(
        &self,
        id: &str,
        terminal: bool,
        follow: bool,
        tail: &str,
    ) -> Result<Following> {
        let doing = format!("read the log of container {id}");
        let path = super::path(id, "/logs")
            .query("stdout", "1")
            .query("stderr", "1")
            .query("timestamps", "1")
            .flag("follow", follow)
            .query("tail", tail);
        let response = self.api.send(Ask::get(&doing, path)).await?;
        Ok(Following {
            doing,
            body: response.into_body(),
            bytes: LogBytes::new(terminal),
            ended: false,
        })
    }
}

impl Following {
    /// The next line; `None` once the log has ended. Nothing new for `within` is a fault.
    pub async fn next(&mut self, within: Duration) -> Result<Option<LogLine>> {
        loop {
            if let Some(line) = self.bytes.line() {
                return Ok(Some(line));
            }
            if self.ended {
                return Ok(None);
            }
            let Some(bytes) = answer::piece(&self.doing, &mut self.body, within).await? else {
                self.end()?;
                continue;
            };
            let taken = self.bytes.take(&bytes);
            taken.map_err(|why| Fault::new(FaultKind::Broken, &self.doing, why))?;
        }
    }

    fn end(&mut self) -> Result<()> {
        self.ended = true;
        if self.bytes.end() {
            return Ok(());
        }
        Err(Fault::new(
            FaultKind::Unreachable,
            &self.doing,
            "the engine closed the log within a line",
        ))
    }
}

impl LogBytes {
    /// Those of a container that was made with a terminal, or without one.
    pub fn new(terminal: bool) -> Self {
        Self {
            demux: Demux::new(terminal),
            assembler: Assembler::default(),
            ready: VecDeque::new(),
        }
    }

    /// Takes what came. An error is a stream that is not the engine's.
    pub fn take(&mut self, mut bytes: &[u8]) -> std::result::Result<(), String> {
        while let Some(piece) = self.demux.take(&mut bytes)? {
            self.assembler.add(piece, &mut self.ready);
        }
        Ok(())
    }

    /// The next line that is whole.
    pub fn line(&mut self) -> Option<LogLine> {
        self.ready.pop_front()
    }

    /// No more comes: what has no end is a line too. Whether the stream may end here.
    pub fn end(&mut self) -> bool {
        self.assembler.end(&mut self.ready);
        self.demux.between_pieces()
    }
}
