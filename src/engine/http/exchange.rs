//! One request and its answer on one connection.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request as Head, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::rustls::pki_types::ServerName;

use super::stream::{Counted, Spoken, Top, Watch};
use super::{Credentials, Deadline, Failed, Line, Stopped, tls};
use crate::fact::blob::Blob;
use crate::fact::http::{Failure, Request, Tls};
use crate::text::url::{Scheme, Url};

/// Bytes of an answer's head.
const MOST_HEAD: usize = 256 << 10;
/// Headers of an answer.
const MOST_HEADERS: usize = 500;

/// What is sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) url: Url,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Blob,
}

/// A request that is to be made on a connection of its own.
#[derive(Debug)]
pub(super) struct Exchange<'a> {
    pub(super) sent: &'a Sent,
    pub(super) tls: &'a Tls,
    pub(super) credentials: &'a Credentials,
    pub(super) most_body: usize,
}

impl Sent {
    /// The request as the suite has it; or why it cannot be written.
    pub(super) fn first(request: &Request) -> Result<Self, String> {
        let url = Url::parse(&request.url).map_err(|why| format!("{}: {why}", request.url))?;
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| format!("{} is no method of a request", request.method))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let wrong = || format!("the header {name} cannot be sent");
            headers.append(
                HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?,
                HeaderValue::from_str(value).map_err(|_| wrong())?,
            );
        }
        Ok(Self {
            url,
            method,
            headers,
            body: request.body.clone(),
        })
    }

    /// The head and body as they go out.
    fn written(&self) -> Result<Head<Full<Bytes>>, String> {
        const AGENT: &str = concat!("seaworthy/", env!("CARGO_PKG_VERSION"));
        let body = Bytes::from(self.body.clone().unwrap_or_default());
        let mut head = Head::builder()
            .method(self.method.clone())
            .uri(&self.url.target);
        if let Some(headers) = head.headers_mut() {
            headers.clone_from(&self.headers);
            let host = HeaderValue::from_str(&self.url.authority());
            headers
                .entry(header::HOST)
                .or_insert(host.map_err(|error| error.to_string())?);
            headers
                .entry(header::USER_AGENT)
                .or_insert(HeaderValue::from_static(AGENT));
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            let sends = matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
            if sends || self.body.is_some() {
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
            }
        }
        head.body(Full::new(body))
            .map_err(|error| error.to_string())
    }
}

impl Exchange<'_> {
    /// Speaks on the line. It is closed on return, however that comes.
    pub(super) async fn over<S>(
        &self,
        line: Line<S>,
        deadline: &Deadline,
    ) -> Result<Answer, Stopped>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let request = self.sent.written().map_err(Stopped::Untried)?;
        let relayed = line.relayed;
        let watch = Arc::new(Watch::default());
        // Closed by the program, or by what stands before it.
        let stopped = |failed: Failed| match relayed && watch.is_silent() {
            true => Stopped::Silent(failed),
            false => Stopped::Failed(failed),
        };
        let stream = Counted::new(line.stream, &watch);
        let spoken = match self.sent.url.scheme {
            Scheme::Http => Spoken::Clear(stream),
            Scheme::Https => {
                let connector =
                    tls::connector(self.tls, self.credentials).map_err(Stopped::Untried)?;
                let name = self.server_name()?;
                let handshake = connector.connect(name, stream);
                let stream = deadline
                    .hold("no end of the TLS handshake", handshake)
                    .await?
                    .map_err(|error| stopped(Failed::in_handshake(&error)))?;
                Spoken::Tls(Box::new(stream))
            }
        };
        let failed = |error: hyper::Error| stopped(Failed::in_exchange(&error, &watch));
        let (mut sender, connection) = http1::Builder::new()
            .title_case_headers(true)
            .max_buf_size(MOST_HEAD)
            .max_headers(MOST_HEADERS)
            .handshake(TokioIo::new(Top::new(spoken, &watch)))
            .await
            .map_err(failed)?;
        // The connection makes progress only while it is polled. Its own end says nothing that the
        // exchange does not, and what it has received is still to be taken from it.
        let carried = async move {
            let _ = connection.await;
            std::future::pending::<Infallible>().await
        };
        let exchange = async {
            // Of one that did not come in time it is said how much did.
            let late = |failed: Failed| failed.having(watch.answered());
            let response = deadline
                .hold("no answer", sender.send_request(request))
                .await
                .map_err(late)?
                .map_err(failed)?;
            let status = response.status().as_u16();
            let body = deadline.hold("no end of the answer", self.body(response));
            let begun = |failed| late(failed).begun(status);
            body.await
                .map_err(begun)?
                .map_err(|error| stopped(Failed::in_exchange(&error, &watch).begun(status)))
        };
        tokio::select! {
            answer = exchange => answer,
            never = carried => match never {},
        }
    }

    fn server_name(&self) -> Result<ServerName<'static>, Failed> {
        let host = &self.sent.url.host;
        ServerName::try_from(host.clone()).map_err(|_| {
            let text = format!("`{host}` is not a name that a certificate can hold");
            Failed::new(Failure::Tls, text)
        })
    }

    async fn body(&self, response: Response<Incoming>) -> Result<Answer, hyper::Error> {
        let (head, mut incoming) = response.into_parts();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect();
        let mut body = Blob::default();
        // To its end, however much of it is kept: one that breaks off or stands still is no answer.
        while let Some(frame) = incoming.frame().await {
            let frame = frame?;
            let Some(data) = frame.data_ref() else {
                continue;
            };
            let room = self.most_body.saturating_sub(body.bytes.len());
            body.bytes.extend_from_slice(&data[..data.len().min(room)]);
            body.total += data.len() as u64;
        }
        Ok(Answer {
            status: head.status.as_u16(),
            headers,
            body,
        })
    }
}
