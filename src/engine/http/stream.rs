//! The stream under an exchange, watched so that its end can be explained.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ProtocolVersion;

/// What went over a connection so far.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Bytes that came, of TLS or in the clear.
    raw: AtomicU64,
    /// The first two of them.
    first: AtomicU32,
    /// Bytes of answers that came.
    answer: AtomicU64,
    /// Whether TLS 1.3 is spoken and the server has not shown that it took the handshake.
    unaccepted: AtomicBool,
}

impl Watch {
    /// Whether nothing came at all.
    pub(super) fn is_silent(&self) -> bool {
        self.raw.load(Ordering::Relaxed) == 0
    }

    /// Bytes of an answer that came.
    pub(super) fn answered(&self) -> u64 {
        self.answer.load(Ordering::Relaxed)
    }

    /// Whether some of an answer came.
    pub(super) fn has_answer(&self) -> bool {
        self.answered() > 0
    }

    /// Whether the server may have refused the handshake though it ended well here: in TLS 1.3 the
    /// client's part comes last, and only what the server sends then shows that it was taken.
    pub(super) fn is_unaccepted(&self) -> bool {
        self.unaccepted.load(Ordering::Relaxed) && !self.has_answer()
    }

    /// Whether the first bytes are those of a TLS alert or handshake.
    pub(super) fn began_as_tls(&self) -> bool {
        matches!(self.first.load(Ordering::Relaxed), 0x1503 | 0x1603)
    }

    fn came(&self, bytes: &[u8]) {
        for (at, byte) in (self.raw.load(Ordering::Relaxed)..2).zip(bytes) {
            let byte = u32::from(*byte) << (8 * (1 - at));
            self.first.fetch_or(byte, Ordering::Relaxed);
        }
        self.raw.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
}

/// A stream that counts what comes.
#[derive(Debug)]
pub(super) struct Counted<S> {
    stream: S,
    watch: Arc<Watch>,
}

impl<S> Counted<S> {
    pub(super) fn new(stream: S, watch: &Arc<Watch>) -> Self {
        Self {
            stream,
            watch: Arc::clone(watch),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.watch.came(&buf.filled()[before..]);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// What HTTP is spoken over.
#[derive(Debug)]
pub(super) enum Spoken<S> {
    /// The stream itself.
    Clear(Counted<S>),
    /// TLS on the stream.
    Tls(Box<TlsStream<Counted<S>>>),
}

/// The top of a connection. A server that has no room or has heard enough may answer before a
/// request is written whole, and close: so nothing is read before something was written, what can
/// no longer be written is dropped, and the end is found by reading.
#[derive(Debug)]
pub(super) struct Top<S> {
    spoken: Spoken<S>,
    watch: Arc<Watch>,
    /// Whether something was written, or who waits for that.
    begun: bool,
    waiting: Option<Waker>,
    /// Whether the other end takes no more.
    deaf: bool,
}

impl<S> Top<S> {
    pub(super) fn new(spoken: Spoken<S>, watch: &Arc<Watch>) -> Self {
        let top = Self {
            spoken,
            watch: Arc::clone(watch),
            begun: false,
            waiting: None,
            deaf: false,
        };
        top.note_acceptance();
        top
    }

    /// From now on it is read.
    fn begin(&mut self) {
        self.begun = true;
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Session tickets come once a server has taken the client's part of the handshake.
    fn note_acceptance(&self) {
        if let Spoken::Tls(stream) = &self.spoken {
            let connection = stream.get_ref().1;
            let last = connection.protocol_version() == Some(ProtocolVersion::TLSv1_3);
            let unaccepted = last && connection.tls13_tickets_received() == 0;
            self.watch.unaccepted.store(unaccepted, Ordering::Relaxed);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Top<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.begun {
            self.waiting = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let polled = match &mut self.spoken {
            Spoken::Clear(stream) => Pin::new(stream).poll_read(cx, buf),
            Spoken::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
        };
        let came = (buf.filled().len() - before) as u64;
        self.watch.answer.fetch_add(came, Ordering::Relaxed);
        self.note_acceptance();
        match polled {
            // Many servers end TLS without saying so. An answer that is cut short by it is found
            // by its length, where it has one.
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Poll::Ready(Ok(()))
            }
            polled => polled,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Top<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.deaf {
            self.begin();
            return Poll::Ready(Ok(bytes.len()));
        }
        let polled = match &mut self.spoken {
            Spoken::Clear(stream) => Pin::new(stream).poll_write(cx, bytes),
            Spoken::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        };
        if polled.is_ready() {
            self.begin();
        }
        polled.map(|written| {
            self.deaf = written.is_err();
            Ok(written.unwrap_or(bytes.len()))
        })
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.deaf {
            return Poll::Ready(Ok(()));
        }
        let polled = match &mut self.spoken {
            Spoken::Clear(stream) => Pin::new(stream).poll_flush(cx),
            Spoken::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        };
        polled.map(|flushed| {
            self.deaf = flushed.is_err();
            Ok(())
        })
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.spoken {
            Spoken::Clear(stream) => Pin::new(stream).poll_shutdown(cx),
            Spoken::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
