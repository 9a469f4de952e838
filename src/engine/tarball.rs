//! Tar archives that come from the engine, read while they come: none is ever held whole.

use std::io::{self, Read};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use tokio::sync::mpsc;

use super::api::Api;
use super::ask::Ask;
use super::{Fault, FaultKind, Result, answer, off_thread};

/// How many pieces of an archive wait to be read.
const PIECES: usize = 16;

/// How long an engine may be silent in between.
const PAUSE: Duration = Duration::from_mins(2);

/// An archive as it comes, to be read on a thread of its own.
#[derive(Debug)]
pub struct Incoming {
    pieces: mpsc::Receiver<Result<Bytes>>,
    now: Bytes,
    fault: Option<Fault>,
}

impl Read for Incoming {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.now.is_empty() {
            match self.pieces.blocking_recv() {
                None => return Ok(0),
                Some(Ok(piece)) => self.now = piece,
                Some(Err(fault)) => {
                    let error = io::Error::other(fault.message.clone());
                    self.fault = Some(fault);
                    return Err(error);
                }
            }
        }
        let count = to.len().min(self.now.len());
        self.now
            .copy_to_slice(to.get_mut(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Reads an archive that the engine answers with, by `work`, which need not read it to its end.
pub async fn read<T: Send + 'static>(
    api: &Api,
    ask: Ask,
    work: impl FnOnce(&mut Incoming) -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let doing = ask.doing.clone();
    let mut response = api.send(ask).await?;
    let (sender, pieces) = mpsc::channel(PIECES);
    let mut incoming = Incoming {
        pieces,
        now: Bytes::new(),
        fault: None,
    };
    let body = response.body_mut();
    let feed = async {
        loop {
            let piece = match answer::piece(&doing, body, PAUSE).await {
                Ok(Some(piece)) => Ok(piece),
                Ok(None) => return drop(sender),
                Err(fault) => Err(fault),
            };
            let last = piece.is_err();
            // Nobody reads on once enough was read.
            if sender.send(piece).await.is_err() || last {
                return drop(sender);
            }
        }
    };
    let read = off_thread(move || {
        let result = work(&mut incoming);
        (result, incoming.fault)
    });
    let ((), read) = tokio::join!(feed, read);
    let broken = |message: String| Fault::new(FaultKind::Broken, &doing, message);
    match read.map_err(broken)? {
        (_, Some(fault)) => Err(fault),
        (Err(error), None) => Err(broken(format!("the archive makes no sense: {error}"))),
        (Ok(value), None) => Ok(value),
    }
}
