//! Reading the engine's answers: bounded in size and in time, never cut short unnoticed.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Response, StatusCode};
use serde::Deserialize;
use tokio::time::timeout;

use super::wire::{Exchange, Wire, broken_off, went};
use super::{Fault, FaultKind, Result};

/// The most that is read of an answer that is taken whole.
pub const WHOLE_LIMIT: usize = 64 * 1024 * 1024;

/// The most that is read of a refusal.
const REFUSAL_LIMIT: usize = 64 * 1024;

/// How long an answer may pause between two of its pieces.
pub const PAUSE: Duration = Duration::from_mins(1);

/// An answer's next piece, or `None` at its proper end.
pub(crate) async fn piece(
    doing: &str,
    body: &mut Incoming,
    within: Duration,
) -> Result<Option<Bytes>> {
    loop {
        let frame = timeout(within, body.frame()).await.map_err(|_| {
            Fault::new(
                FaultKind::TimedOut,
                doing,
                format!("the engine began its answer and then said nothing for {within:?}"),
            )
        })?;
        match frame {
            None => return Ok(None),
            Some(Err(error)) => return Err(went(broken_off(doing, &error))),
            Some(Ok(frame)) => {
                // What is not data are trailers, of which engines have none to tell.
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

/// The whole of an answer, at most `limit` bytes of it.
pub(crate) async fn whole(doing: &str, body: &mut Incoming, limit: usize) -> Result<Bytes> {
    whole_with_pauses(doing, body, limit, PAUSE).await
}

/// The whole of an answer that may pause for longer than others.
pub(crate) async fn whole_with_pauses(
    doing: &str,
    body: &mut Incoming,
    limit: usize,
    pause: Duration,
) -> Result<Bytes> {
    let mut all = BytesMut::new();
    while let Some(more) = piece(doing, body, pause).await? {
        if all.len() + more.len() > limit {
            return Err(Fault::new(
                FaultKind::Broken,
                doing,
                format!("the engine's answer is larger than {limit} bytes"),
            ));
        }
        all.extend_from_slice(&more);
    }
    Ok(all.freeze())
}

/// Passes an answer that agrees, turns any other into the fault that it tells of.
pub(crate) async fn agreed(wire: &Wire, doing: &str, exchange: Exchange) -> Result<Exchange> {
    let status = exchange.response.status();
    // 304 is the engine's way to say "it is so already".
    if status.is_success()
        || status == StatusCode::NOT_MODIFIED
        || status == StatusCode::SWITCHING_PROTOCOLS
    {
        return Ok(exchange);
    }
    let Exchange {
        mut response,
        connection,
    } = exchange;
    let said = whole(doing, response.body_mut(), REFUSAL_LIMIT).await;
    if said.is_ok() {
        wire.keep(connection);
    }
    let said = said.unwrap_or_default();
    Err(refusal(doing, &response, &said))
}

fn refusal(doing: &str, response: &Response<Incoming>, said: &[u8]) -> Fault {
    #[derive(Deserialize)]
    struct Refusal {
        message: Option<String>,
        // podman puts the reason here and only a prefix into `message`.
        cause: Option<String>,
    }
    let status = response.status().as_u16();
    let text = match serde_json::from_slice::<Refusal>(said) {
        Ok(Refusal {
            message: Some(message),
            cause,
        }) => match cause {
            Some(cause) if !message.contains(&cause) => format!("{message}: {cause}"),
            _ => message,
        },
        _ => String::from_utf8_lossy(said).into_owned(),
    };
    Fault::refused(doing, status, &text)
}

/// Reads JSON into a value.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(doing: &str, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        Fault::new(
            FaultKind::Broken,
            doing,
            format!("the engine's answer is not what it should be: {error}"),
        )
    })
}
