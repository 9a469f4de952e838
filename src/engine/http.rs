//! Requests to containers: HTTP/1.1 over any stream, with TLS where the address asks for it.
//!
//! Whoever calls [`fetch`] knows how to reach a host; here is only how to speak with it. What a
//! container answers is bounded in size, and in time by the request's own deadline. Each
//! connection carries one request and is closed right after.

mod exchange;
mod failed;
mod redirect;
mod stream;
mod tls;

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::time::{Instant, timeout_at};

use super::clock;
use crate::fact::http::{Failure, Outcome, Request, Response};
use crate::text::url::Url;
use exchange::{Exchange, Sent};
pub use failed::Failed;
pub use tls::Credentials;
pub(super) use tls::certificates_of;

/// A stream to the other end of a connection.
#[derive(Debug)]
pub struct Line<S> {
    /// The stream.
    pub stream: S,
    /// Whether something in between took the connection before the program did, as the engine's
    /// proxy of published ports does: one that is closed without a byte may then have been refused,
    /// and a second one tells.
    pub relayed: bool,
}

/// Where a connection is to lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Name or IP address, as the request has it.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Whoever knows the way to a peer.
pub trait Connect {
    /// What leads there.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send;

    /// Gets ready to connect. What this takes is our own time and not the request's; what goes wrong
    /// here says nothing of the container unless it says so itself.
    fn prepare(&mut self, _: &Peer) -> impl Future<Output = Result<(), Unconnected>> + Send {
        std::future::ready(Ok(()))
    }

    /// Why nothing can be told of what became of the last connection: what it went through, and not its
    /// other end, has ended.
    fn cut(&self) -> Option<String> {
        None
    }

    /// Opens a connection. It is dropped unfinished when the request's time is up.
    fn connect(
        &mut self,
        peer: Peer,
    ) -> impl Future<Output = Result<Line<Self::Stream>, Unconnected>> + Send;
}

/// Why there is no connection, in the words of whoever tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unconnected {
    /// Nothing listens there.
    Refused(String),
    /// No answer in time.
    Timeout(String),
    /// The name is not known.
    Dns(String),
    /// It failed in another way, which says something of the container.
    Other(String),
    /// It could not be tried, which says nothing of the container.
    Untried(String),
}

/// Why it cannot be told what a request gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untried(pub String);

/// By when a connection that nobody takes is closed by what stands before the program.
const CLOSED_BY: Duration = Duration::from_millis(500);
/// Redirects that are followed.
const REDIRECTS: usize = 10;

/// Makes a request and follows its redirects. Of a body at most `most_body` bytes are kept.
pub async fn fetch<C: Connect>(
    request: &Request,
    credentials: &Credentials,
    connect: &mut C,
    most_body: usize,
) -> Result<Outcome, Untried> {
    let begun = clock::now();
    let time = Duration::from_millis(request.timeout_millis);
    // A time that no clock can hold is a year, which is as good.
    let year = Duration::from_hours(365 * 24);
    let mut deadline = Deadline {
        at: begun + time.min(year),
        time,
        ours: Duration::ZERO,
    };
    let mut sent = Sent::first(request).map_err(Untried)?;
    for _ in 0..=REDIRECTS {
        let exchange = Exchange {
            sent: &sent,
            tls: &request.tls,
            credentials,
            most_body,
        };
        let answer = match once(&exchange, connect, &mut deadline).await {
            Ok(answer) => answer,
            Err(Stopped::Failed(failed) | Stopped::Silent(failed)) => {
                return connect
                    .cut()
                    .map_or(Ok(failed.into()), |why| Err(Untried(why)));
            }
            Err(Stopped::Untried(why)) => return Err(Untried(why)),
        };
        let next = match request.follow {
            true => redirect::next(&sent, &answer),
            false => None,
        };
        match next {
            Some(next) => sent = next,
            None => {
                return Ok(Outcome::Answered(Response {
                    url: sent.url.to_string(),
                    status: answer.status,
                    headers: answer.headers,
                    body: answer.body,
                    micros: micros((clock::now() - begun).saturating_sub(deadline.ours)),
                }));
            }
        }
    }
    let text = format!(
        "more than {REDIRECTS} redirects, the last one to {}",
        sent.url
    );
    Ok(Outcome::Circled { text })
}

/// Why a request has come to no answer.
#[derive(Debug)]
enum Stopped {
    Failed(Failed),
    /// The connection was closed without a byte, and something in between may have done that; if
    /// the program did, this is how the request failed.
    Silent(Failed),
    Untried(String),
}

impl From<Failed> for Stopped {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<Unconnected> for Stopped {
    fn from(why: Unconnected) -> Self {
        let (failure, text) = match why {
            Unconnected::Refused(text) => (Failure::Refused, text),
            Unconnected::Timeout(text) => (Failure::Timeout, text),
            Unconnected::Dns(text) => (Failure::Dns, text),
            Unconnected::Other(text) => (Failure::Any, text),
            Unconnected::Untried(text) => return Self::Untried(text),
        };
        Self::Failed(Failed::new(failure, text))
    }
}

/// When a request must have been answered.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    at: Instant,
    time: Duration,
    /// What getting ready has taken, which moved the end.
    ours: Duration,
}

impl Deadline {
    /// The step's end, or the failure that it was not reached in time.
    async fn hold<T>(&self, step: &str, future: impl Future<Output = T>) -> Result<T, Failed> {
        timeout_at(self.at, future).await.map_err(|_| {
            let time = crate::text::units::show_time(self.time);
            Failed::new(Failure::Timeout, format!("{step} after {time}"))
        })
    }
}

/// One connection and one exchange on it.
async fn once<C: Connect>(
    exchange: &Exchange<'_>,
    connect: &mut C,
    deadline: &mut Deadline,
) -> Result<exchange::Answer, Stopped> {
    let url: &Url = &exchange.sent.url;
    let peer = Peer {
        host: url.host.clone(),
        port: url.port,
    };
    let before = clock::now();
    connect.prepare(&peer).await?;
    let ours = clock::now() - before;
    deadline.at += ours;
    deadline.ours += ours;
    let line = deadline
        .hold("not connected", connect.connect(peer.clone()))
        .await??;
    match Box::pin(exchange.over(line, deadline)).await {
        Err(Stopped::Silent(_)) if !is_open(connect, peer, deadline).await? => {
            Err(Failed::at_the_door().into())
        }
        stopped => stopped,
    }
}

/// Whether a connection on which nothing is said stays open: then a program has taken it. One that
/// nobody took is closed by what stands before the program, as soon as that has found out.
async fn is_open<C: Connect>(
    connect: &mut C,
    peer: Peer,
    deadline: &Deadline,
) -> Result<bool, Stopped> {
    let mut line = deadline
        .hold("not connected", connect.connect(peer))
        .await??;
    let until = deadline.at.min(clock::now() + CLOSED_BY);
    let first = timeout_at(until, line.stream.read_u8()).await;
    Ok(!matches!(first, Ok(Err(_))))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
pub(in crate::engine) mod tests;
