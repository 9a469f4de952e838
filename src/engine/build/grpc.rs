//! The little of gRPC that a build session serves: framed messages one way, a reply the other.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, Incoming};
use hyper::header::{HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;

/// The largest message that is taken; the engine's own bound.
const LARGEST: usize = 4 * 1024 * 1024;

/// gRPC's number for "there is no such method".
pub(super) const UNIMPLEMENTED: u8 = 12;
/// gRPC's number for "there is no such thing".
pub(super) const NOT_FOUND: u8 = 5;
/// gRPC's number for "this went wrong".
pub(super) const FAILED: u8 = 9;

/// The messages of a request, as they come.
pub(super) struct Messages {
    body: Incoming,
    held: BytesMut,
}

impl Messages {
    pub(super) fn new(body: Incoming) -> Self {
        Self {
            body,
            held: BytesMut::new(),
        }
    }

    /// The next message; none at the end, and where what comes is malformed.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        loop {
            match cut(&mut self.held) {
                Cut::Message(message) => return Some(message),
                Cut::Malformed => return None,
                Cut::More => {}
            }
            let frame = self.body.frame().await?.ok()?;
            if let Ok(data) = frame.into_data() {
                self.held.extend_from_slice(&data);
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Cut {
    Message(Bytes),
    More,
    Malformed,
}

/// Cuts one message off: a byte that says whether it is packed, four of its length, the message.
fn cut(held: &mut BytesMut) -> Cut {
    let Some((&[packed, a, b, c, d], _)) = held.split_first_chunk::<5>() else {
        return Cut::More;
    };
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    if packed != 0 || length > LARGEST {
        return Cut::Malformed;
    }
    if held.len() < length + 5 {
        return Cut::More;
    }
    held.advance(5);
    Cut::Message(held.split_to(length).freeze())
}

/// A message in its frame.
pub(super) fn framed(message: &[u8]) -> Frame<Bytes> {
    let mut bytes = BytesMut::with_capacity(message.len() + 5);
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    bytes.extend_from_slice(message);
    Frame::data(bytes.freeze())
}

/// The end of a reply: 0 for success, else what went wrong.
pub(super) fn end(status: u8, message: &str) -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from(u16::from(status)));
    let plain: String = message
        .chars()
        .map(|ch| {
            if matches!(ch, ' '..='~') && ch != '%' {
                ch
            } else {
                ' '
            }
        })
        .collect();
    if let Ok(text) = HeaderValue::from_str(&plain) {
        trailers.insert("grpc-message", text);
    }
    Frame::trailers(trailers)
}

/// The body of a reply, fed through a channel.
pub(super) struct Reply(mpsc::Receiver<Frame<Bytes>>);

impl hyper::body::Body for Reply {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|frame| frame.map(Ok))
    }
}

/// A reply that goes on for a while, and the end to feed it by.
pub(super) fn streaming() -> (mpsc::Sender<Frame<Bytes>>, Response<Reply>) {
    let (sender, receiver) = mpsc::channel(4);
    let mut response = Response::new(Reply(receiver));
    *response.status_mut() = StatusCode::OK;
    let kind = HeaderValue::from_static("application/grpc");
    response
        .headers_mut()
        .insert(hyper::header::CONTENT_TYPE, kind);
    (sender, response)
}

/// A reply of one message.
pub(super) fn single(message: &[u8]) -> Response<Reply> {
    let (sender, response) = streaming();
    // The channel holds four: neither can fail.
    let _ = sender.try_send(framed(message));
    let _ = sender.try_send(end(0, ""));
    response
}

/// A reply that says why there is none.
pub(super) fn refused(status: u8, message: &str) -> Response<Reply> {
    let (sender, response) = streaming();
    let _ = sender.try_send(end(status, message));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_wherever_the_pieces_end() {
        let mut whole = BytesMut::new();
        for text in ["", "hello", "x"] {
            whole.extend_from_slice(&framed(text.as_bytes()).into_data().expect("data"));
        }
        let mut held = BytesMut::new();
        let mut seen = Vec::new();
        for byte in whole {
            held.put_u8(byte);
            if let Cut::Message(message) = cut(&mut held) {
                seen.push(message);
            }
        }
        assert_eq!(seen, ["", "hello", "x"]);
        assert!(held.is_empty());
    }

    #[test]
    fn packed_and_giant_messages_are_refused() {
        assert_eq!(
            cut(&mut BytesMut::from(&[1, 0, 0, 0, 0][..])),
            Cut::Malformed
        );
        assert_eq!(
            cut(&mut BytesMut::from(&[0, 0xff, 0, 0, 0][..])),
            Cut::Malformed
        );
    }

    #[test]
    fn the_end_carries_any_text() {
        let trailers = end(9, "a\nb % ü").into_trailers().expect("trailers");
        assert_eq!(trailers["grpc-status"], "9");
        assert_eq!(trailers["grpc-message"], "a b    ");
    }
}
