//! Many connections that start in a running container, over one conversation with the probe in it.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::containers::exec::Exec;
use super::http::Unconnected;
use super::probe::PROGRAM;
use super::probe::wire::{
    Answer, Failure, HEADER, MAX_FRAME, Request, Wire as _, first_frame, frame,
};
use super::streams::{Output, Stdin, Streams};
use super::{Engine, Result};

/// How many pieces of what came over a connection wait for who reads them.
const WAITING: usize = 64;
/// How much longer than a connection itself may take the probe may take to tell of it.
const TELLING: Duration = Duration::from_secs(10);
/// What is said of connections whose other end may be as well as ever.
const ENDED: &str = "the probe that opens connections has ended";

/// What the probe says of one connection.
#[derive(Debug)]
enum News {
    Open,
    NotOpen(Failure, String),
    Data(Bytes),
    End(i32),
}

type Lines = Arc<Mutex<HashMap<u32, mpsc::Sender<News>>>>;

/// A way to open connections in a container. It ends, and they with it, when the last clone is gone.
#[derive(Debug, Clone)]
pub struct Relays {
    orders: mpsc::UnboundedSender<Vec<u8>>,
    lines: Lines,
    next: Arc<AtomicU32>,
    over: Arc<AtomicBool>,
    _tasks: Arc<JoinSet<()>>,
}

impl Relays {
    /// Begins the conversation.
    pub async fn open(engine: &Engine, container: &str) -> Result<Self> {
        let mut exec = Exec::new([PROGRAM, "relays"]);
        exec.user = Some("0:0".to_owned());
        exec.stdin = true;
        let id = engine.containers().exec_create(container, &exec).await?;
        let Streams { stdin, output } = engine.containers().exec_start(&id, false).await?;
        Ok(Self::over(stdin, output))
    }

    fn over(stdin: Stdin, output: Output) -> Self {
        let lines = Lines::default();
        let over = Arc::new(AtomicBool::new(false));
        let (orders, given) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(speak(stdin, given));
        tasks.spawn(hear(output, Arc::clone(&lines), Arc::clone(&over)));
        Self {
            orders,
            lines,
            next: Arc::default(),
            over,
            _tasks: Arc::new(tasks),
        }
    }

    /// Why no connection can be made any more, and why those that were have ended.
    pub fn ended(&self) -> Option<String> {
        let over = self.over.load(Ordering::SeqCst);
        over.then(|| ENDED.to_owned())
    }

    /// Connects to a host as the container sees it.
    pub async fn dial(
        &self,
        host: &str,
        port: u16,
        within: Duration,
    ) -> std::result::Result<Line, Unconnected> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, news) = mpsc::channel(WAITING);
        locked(&self.lines).insert(number, sender);
        // From here on it is hung up however this ends.
        let mut line = Line {
            number,
            news,
            rest: Bytes::new(),
            ended: None,
            relays: self.clone(),
        };
        self.order(&Request::Dial {
            line: number,
            host: host.as_bytes().to_vec(),
            port,
            timeout_ms: u32::try_from(within.as_millis()).unwrap_or(u32::MAX),
        });
        let gone = || Unconnected::Untried(ENDED.to_owned());
        let first = tokio::time::timeout(within + TELLING, line.news.recv()).await;
        match first.ok().flatten() {
            Some(News::Open) => Ok(line),
            Some(News::NotOpen(failure, text)) => Err(match failure {
                Failure::Refused | Failure::Unreachable => Unconnected::Refused(text),
                Failure::TimedOut => Unconnected::Timeout(text),
                Failure::Dns => Unconnected::Dns(text),
                Failure::Reset => Unconnected::Other(text),
                Failure::Other => Unconnected::Untried(text),
            }),
            _ => Err(gone()),
        }
    }

    /// Where nobody takes orders any more, the connection finds its news ended.
    fn order(&self, request: &Request) {
        if let Some(frame) = frame(&request.encode()) {
            let _ = self.orders.send(frame);
        }
    }
}

fn locked(lines: &Lines) -> std::sync::MutexGuard<'_, HashMap<u32, mpsc::Sender<News>>> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Passes orders on, those at hand in one go.
async fn speak(mut stdin: Stdin, mut orders: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(mut bytes) = orders.recv().await {
        while let Ok(more) = orders.try_recv() {
            bytes.extend(more);
        }
        let sent = async {
            stdin.write_all(&bytes).await?;
            stdin.flush().await
        };
        if sent.await.is_err() {
            return;
        }
    }
}

/// Hands what comes to the connections. When it ends, so do all of them.
async fn hear(mut output: Output, lines: Lines, over: Arc<AtomicBool>) {
    let mut buffer = Vec::new();
    while let Ok(count) = output.read_buf(&mut buffer).await {
        let mut at = 0;
        while let Ok(Some(payload)) = first_frame(&buffer[at..], MAX_FRAME) {
            at += HEADER + payload.len();
            let (number, news) = match Answer::decode(payload) {
                Ok(Answer::Dialled { line, .. }) => (line, News::Open),
                Ok(Answer::NotDialled {
                    line,
                    failure,
                    text,
                }) => (line, News::NotOpen(failure, text)),
                Ok(Answer::Heard { line, data }) => (line, News::Data(data.into())),
                Ok(Answer::HungUp { line, errno }) => (line, News::End(errno)),
                _ => continue,
            };
            let sender = locked(&lines).get(&number).cloned();
            if let Some(sender) = sender {
                // Who has hung up wants to know no more of it.
                let _ = sender.send(news).await;
            }
        }
        buffer.drain(..at);
        if count == 0 || first_frame(&buffer, MAX_FRAME).is_err() {
            break;
        }
    }
    // Whoever finds its connection ended is to find this too.
    over.store(true, Ordering::SeqCst);
    locked(&lines).clear();
}

/// One connection. It is hung up when dropped.
#[derive(Debug)]
pub struct Line {
    number: u32,
    news: mpsc::Receiver<News>,
    rest: Bytes,
    /// The error number that it ended with.
    ended: Option<i32>,
    relays: Relays,
}

impl Drop for Line {
    fn drop(&mut self) {
        locked(&self.relays.lines).remove(&self.number);
        self.relays.order(&Request::HangUp { line: self.number });
    }
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        target: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let line = self.get_mut();
        loop {
            if !line.rest.is_empty() {
                let count = line.rest.len().min(target.remaining());
                target.put_slice(&line.rest[..count]);
                line.rest.advance(count);
                return Poll::Ready(Ok(()));
            }
            match line.ended {
                Some(0) => return Poll::Ready(Ok(())),
                Some(errno) => return Poll::Ready(Err(io::Error::from_raw_os_error(errno))),
                None => {}
            }
            match std::task::ready!(line.news.poll_recv(context)) {
                Some(News::Data(data)) => line.rest = data,
                Some(News::End(errno)) => line.ended = Some(errno),
                Some(News::Open | News::NotOpen(..)) => {}
                None => return Poll::Ready(Err(io::Error::other(ENDED))),
            }
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.relays.order(&Request::Say {
            line: self.number,
            data: bytes.to_vec(),
        });
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // It is hung up as a whole, when dropped.
        Poll::Ready(Ok(()))
    }
}
