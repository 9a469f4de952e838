//! The streams of a process in a container, while it runs: exec and attach.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf, WriteHalf, split};

use super::demux::{Channel, Demux};
use super::transport::Duplex;

/// The most that is kept of what a process says on standard error, its beginning.
const STDERR_LIMIT: usize = 64 * 1024;

/// How much is read at once.
const BUFFER: usize = 32 * 1024;

/// Both directions of a process's streams.
#[derive(Debug)]
pub struct Streams {
    /// Its standard input; shut it down to end it.
    pub stdin: Stdin,
    /// Its standard output, with standard error kept beside it.
    pub output: Output,
}

/// The standard input of a process.
pub struct Stdin(WriteHalf<Box<dyn Duplex>>);

/// The standard output of a process: reads give its bytes only. A stream that is cut within a
/// piece is an error and not an end.
pub struct Output {
    io: ReadHalf<Box<dyn Duplex>>,
    demux: Demux,
    buffer: Box<[u8]>,
    from: usize,
    to: usize,
    stderr: Captured,
}

/// What a process has said on standard error so far. Clones are the same text.
#[derive(Clone, Debug, Default)]
pub struct Captured(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    cut: bool,
}

impl Streams {
    /// Over an upgraded connection, raw where the process has a terminal.
    pub fn new(io: Box<dyn Duplex>, terminal: bool) -> Self {
        let (read, write) = split(io);
        Self {
            stdin: Stdin(write),
            output: Output {
                io: read,
                demux: Demux::new(terminal),
                buffer: vec![0; BUFFER].into(),
                from: 0,
                to: 0,
                stderr: Captured::default(),
            },
        }
    }
}

impl Output {
    /// What the process has said on standard error so far.
    pub fn stderr(&self) -> Captured {
        self.stderr.clone()
    }

    /// Fills as much of `target` as is at hand. `false` where nothing is.
    fn at_hand(&mut self, target: &mut ReadBuf<'_>) -> io::Result<bool> {
        while self.from < self.to {
            // A piece may be longer than the room for it: it is taken no further than that.
            let end = self.to.min(self.from + target.remaining().max(1));
            let mut bytes = &self.buffer[self.from..end];
            let before = bytes.len();
            let piece = self
                .demux
                .take(&mut bytes)
                .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))?;
            self.from += before - bytes.len();
            match piece {
                Some(piece) if piece.channel == Channel::Stdout => {
                    target.put_slice(piece.bytes);
                    return Ok(true);
                }
                Some(piece) => self.stderr.add(piece.bytes),
                None => {}
            }
        }
        Ok(false)
    }
}

impl AsyncRead for Output {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        target: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let output = self.get_mut();
        if target.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        while !output.at_hand(target)? {
            let mut buffer = ReadBuf::new(&mut output.buffer);
            ready!(Pin::new(&mut output.io).poll_read(context, &mut buffer))?;
            output.from = 0;
            output.to = buffer.filled().len();
            if output.to == 0 {
                return Poll::Ready(if output.demux.between_pieces() {
                    Ok(())
                } else {
                    Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "the engine closed the stream within a piece of output",
                    ))
                });
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stdin {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

impl Captured {
    /// The bytes so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    /// Whether there was more than is kept.
    pub fn is_cut(&self) -> bool {
        self.lock().cut
    }

    fn add(&self, more: &[u8]) {
        let mut kept = self.lock();
        let room = STDERR_LIMIT
            .saturating_sub(kept.bytes.len())
            .min(more.len());
        kept.cut |= room < more.len();
        kept.bytes.extend_from_slice(&more[..room]);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Stdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stdin")
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output")
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    async fn read(sent: &'static [u8], buffer: usize) -> (io::Result<Vec<u8>>, Captured) {
        let (mut engine, ours) = duplex(7);
        let mut streams = Streams::new(Box::new(ours), false);
        let sender = tokio::spawn(async move { engine.write_all(sent).await });
        let mut seen = Vec::new();
        let mut small = vec![0; buffer];
        let result = loop {
            match streams.output.read(&mut small).await {
                Ok(0) => break Ok(seen),
                Ok(count) => seen.extend_from_slice(&small[..count]),
                Err(error) => break Err(error),
            }
        };
        let stderr = streams.output.stderr();
        // A sender that was not heard out ends when nobody listens.
        drop(streams);
        let _ = sender.await;
        (result, stderr)
    }

    #[tokio::test]
    async fn output_is_read_with_any_buffer_and_errors_are_kept_aside() {
        let sent = b"\x01\0\0\0\0\0\0\x05hello\x02\0\0\0\0\0\0\x04oops\x01\0\0\0\0\0\0\x01!";
        for buffer in [1, 2, 3, 100] {
            let (seen, stderr) = read(sent, buffer).await;
            assert_eq!(seen.unwrap(), b"hello!");
            assert_eq!(
                (stderr.bytes().as_slice(), stderr.is_cut()),
                (&b"oops"[..], false)
            );
        }
    }

    #[tokio::test]
    async fn a_cut_stream_is_an_error() {
        let (seen, _) = read(b"\x01\0\0\0\0\0\0\x05hel", 100).await;
        assert_eq!(seen.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let (seen, _) = read(b"\x01\0\0", 100).await;
        assert_eq!(seen.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let (seen, _) = read(b"not a stream of an engine", 100).await;
        assert_eq!(seen.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn standard_error_is_bounded() {
        let captured = Captured::default();
        captured.add(&vec![b'x'; STDERR_LIMIT]);
        assert!(!captured.is_cut());
        captured.add(b"y");
        assert!(captured.is_cut());
        assert_eq!(captured.bytes().len(), STDERR_LIMIT);
    }
}
