//! What a container has printed, and what it prints.

mod assemble;

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
    demux: Demux,
    assembler: Assembler,
    ready: std::collections::VecDeque<LogLine>,
    ended: bool,
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
        Ok(kept.into_logs(log.assembler.was_cut()))
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
            demux: Demux::new(terminal),
            assembler: Assembler::default(),
            ready: std::collections::VecDeque::new(),
            ended: false,
        })
    }
}

impl Following {
    /// The next line; `None` once the log has ended. Nothing new for `within` is a fault.
    pub async fn next(&mut self, within: Duration) -> Result<Option<LogLine>> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Ok(Some(line));
            }
            if self.ended {
                return Ok(None);
            }
            let Some(bytes) = answer::piece(&self.doing, &mut self.body, within).await? else {
                self.end()?;
                continue;
            };
            let mut rest = &bytes[..];
            loop {
                let piece = self.demux.take(&mut rest);
                match piece.map_err(|why| Fault::new(FaultKind::Broken, &self.doing, why))? {
                    Some(piece) => self.assembler.add(piece, &mut self.ready),
                    None => break,
                }
            }
        }
    }

    fn end(&mut self) -> Result<()> {
        self.ended = true;
        self.assembler.end(&mut self.ready);
        if self.demux.between_pieces() {
            return Ok(());
        }
        Err(Fault::new(
            FaultKind::Unreachable,
            &self.doing,
            "the engine closed the log within a line",
        ))
    }
}
