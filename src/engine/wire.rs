//! HTTP/1.1 exchanges with the engine, over a few connections that are kept for the next ones.

use std::error::Error as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::ask::Ask;
use super::body::Body;
use super::transport::{Complaint, Dialer};
use super::{Fault, FaultKind, Result};

/// The most connections that are kept idle.
const IDLE_LIMIT: usize = 8;

/// Older idle connections are not trusted: something between us may have forgotten them.
const IDLE_AGE: Duration = Duration::from_secs(20);

/// How long a connection may take to open, whatever the request allows.
const DIAL: Duration = Duration::from_secs(35);

/// What to do about an engine that was there.
const WENT: &str = "it has answered before: find out whether it was stopped, restarted or ended for lack of memory (its log tells; \
                    with systemd `journalctl -u docker`), and run this again once it answers";

/// Connections to one engine.
#[derive(Debug)]
pub struct Wire {
    dialer: Dialer,
    idle: Mutex<Vec<Connection>>,
    /// Whether it has answered.
    met: AtomicBool,
}

/// One HTTP/1.1 connection on which no request is under way.
#[derive(Debug)]
pub struct Connection {
    sender: SendRequest<Body>,
    complaint: Option<Complaint>,
    since: Instant,
}

/// An answer whose body is still to be read, and the connection that it comes on.
#[derive(Debug)]
pub struct Exchange {
    /// Status, headers and body.
    pub response: Response<Incoming>,
    /// To give back once the body is read whole.
    pub connection: Connection,
}

impl Wire {
    /// Connections that this dialer opens when they are needed.
    pub fn new(dialer: Dialer) -> Arc<Self> {
        Arc::new(Self {
            dialer,
            idle: Mutex::default(),
            met: AtomicBool::new(false),
        })
    }

    /// The dialer of these connections.
    pub fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// Sends a request and waits for the head of its answer, whatever its status.
    /// `prefix` comes before the path: the API's version.
    pub async fn exchange(&self, prefix: &str, ask: Ask) -> Result<Exchange> {
        let Ask { doing, within, .. } = &ask;
        let (doing, within) = (doing.clone(), *within);
        let request = request(prefix, ask)?;
        match timeout(within, self.attempt(&doing, request)).await {
            Ok(Ok(exchange)) => {
                self.met.store(true, Ordering::Relaxed);
                Ok(exchange)
            }
            Ok(Err(fault)) => Err(self.gone(fault)),
            Err(_) => Err(Fault::new(
                FaultKind::TimedOut,
                doing,
                format!("the engine gave no answer within {within:?}"),
            )),
        }
    }

    /// Keeps a connection whose last answer was read whole.
    pub fn keep(&self, mut connection: Connection) {
        if connection.sender.is_closed() {
            return;
        }
        connection.since = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_LIMIT {
            idle.push(connection);
        }
    }

    async fn attempt(&self, doing: &str, mut request: Request<Body>) -> Result<Exchange> {
        // A kept connection may have been closed meanwhile: what was not sent goes out on the next,
        // and so does a read, which may be asked twice.
        while let Some(mut connection) = self.take() {
            if connection.sender.ready().await.is_err() {
                continue;
            }
            let again = copy_of_read(&request);
            match connection.sender.try_send_request(request).await {
                Ok(response) => {
                    return Ok(Exchange {
                        response,
                        connection,
                    });
                }
                Err(mut error) => {
                    let Some(unsent) = error.take_message().or(again) else {
                        let complaint = connection.complaint.as_ref();
                        return Err(with_words(doing, error.error(), complaint).await);
                    };
                    request = unsent;
                }
            }
        }
        let mut connection = self.open(doing).await?;
        match connection.sender.send_request(request).await {
            Ok(response) => Ok(Exchange {
                response,
                connection,
            }),
            Err(error) => Err(with_words(doing, &error, connection.complaint.as_ref()).await),
        }
    }

    /// What is said of one that has answered before differs from what is said of one that was never there.
    fn gone(&self, fault: Fault) -> Fault {
        match self.met.load(Ordering::Relaxed) {
            true => went(fault),
            false => fault,
        }
    }

    fn take(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| {
            !connection.sender.is_closed() && connection.since.elapsed() < IDLE_AGE
        });
        idle.pop()
    }

    async fn open(&self, doing: &str) -> Result<Connection> {
        let line = timeout(DIAL, self.dialer.dial()).await.map_err(|_| {
            Fault::new(
                FaultKind::Unreachable,
                doing,
                format!("no connection to {} within {DIAL:?}", self.dialer.address()),
            )
        })??;
        let (sender, connection) = http1::handshake(TokioIo::new(line.io))
            .await
            .map_err(|error| broken_off(doing, &error))?;
        // Ends when its sender and the last body are gone; its error reaches whoever waits on it.
        tokio::spawn(connection.with_upgrades());
        Ok(Connection {
            sender,
            complaint: line.complaint,
            since: Instant::now(),
        })
    }
}

/// A second copy of a request that changes nothing.
fn copy_of_read(request: &Request<Body>) -> Option<Request<Body>> {
    (request.method() == Method::GET && matches!(request.body(), Body::Empty)).then(|| {
        let mut copy = Request::new(Body::Empty);
        *copy.uri_mut() = request.uri().clone();
        *copy.headers_mut() = request.headers().clone();
        copy
    })
}

fn request(prefix: &str, ask: Ask) -> Result<Request<Body>> {
    let malformed = |error: &dyn std::fmt::Display| {
        Fault::new(
            FaultKind::Local,
            ask.doing.clone(),
            format!("the request cannot be written: {error}"),
        )
    };
    let mut request = Request::builder()
        .method(ask.method)
        .uri(format!("{prefix}{}", ask.path))
        .header(HOST, "docker");
    for (name, value) in &ask.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| malformed(&error))?;
        let value = HeaderValue::from_str(value).map_err(|error| malformed(&error))?;
        request = request.header(name, value);
    }
    request.body(ask.body).map_err(|error| malformed(&error))
}

/// The same fault, where it is that an engine went away.
pub fn went(fault: Fault) -> Fault {
    match fault.kind {
        FaultKind::Unreachable => fault.help(WENT),
        _ => fault,
    }
}

/// The fault of a connection that ended before the answer did.
pub fn broken_off(doing: &str, error: &hyper::Error) -> Fault {
    let (kind, mut message) = if error.is_parse() {
        (
            FaultKind::Broken,
            "what answered does not speak HTTP as an engine does".to_owned(),
        )
    } else {
        (
            FaultKind::Unreachable,
            "the engine closed the connection before its answer was complete".to_owned(),
        )
    };
    message.push_str(" (");
    message.push_str(&chain(error));
    message.push(')');
    Fault::new(kind, doing, message)
}

/// The same, with what the program that carried the connection said of it.
async fn with_words(doing: &str, error: &hyper::Error, complaint: Option<&Complaint>) -> Fault {
    let mut fault = broken_off(doing, error);
    if let Some(complaint) = complaint {
        let said = complaint.last_words().await;
        if !said.is_empty() {
            fault.message = format!("{}; ssh says: {said}", fault.message);
        }
    }
    fault
}

/// An error and what caused it, in one line.
fn chain(error: &hyper::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
