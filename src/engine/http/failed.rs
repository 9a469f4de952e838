//! Requests that got no answer: in which of the ways that a suite can name, and in which words.

mod tls;

use std::error::Error;
use std::io::ErrorKind;

use tokio_rustls::rustls;

use super::stream::Watch;
use crate::fact::http::{Failure, Outcome};
use crate::text::units::Bytes;

/// How a request failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// In which way; `any` for one that has no word of its own.
    pub failure: Failure,
    /// What happened.
    pub text: String,
}

impl From<Failed> for Outcome {
    fn from(failed: Failed) -> Self {
        Self::Failed {
            failure: failed.failure,
            text: failed.text,
        }
    }
}

impl Failed {
    /// A failure in one of the ways, with its words.
    pub(super) fn new(failure: Failure, text: impl Into<String>) -> Self {
        Self {
            failure,
            text: text.into(),
        }
    }

    /// The same, with the bytes of an answer that came all the same.
    pub(super) fn having(mut self, bytes: u64) -> Self {
        if bytes > 0 {
            self.text
                .push_str(&format!("; {} of one came", Bytes(bytes)));
        }
        self
    }

    /// The same, with the status of an answer that began.
    pub(super) fn begun(mut self, status: u16) -> Self {
        self.text.push_str(&format!(" (status {status})"));
        self
    }

    /// What a connection says that is taken and closed at once, without a word.
    pub(super) fn at_the_door() -> Self {
        let text = "the connection was closed at once: nothing listens there";
        Self::new(Failure::Refused, text)
    }

    /// What the end of a TLS handshake says.
    pub(in crate::engine) fn in_handshake(error: &std::io::Error) -> Self {
        if let Some(why) = tls_error(error) {
            return Self::new(Failure::Tls, tls::words(why));
        }
        let text = match error.kind() {
            ErrorKind::UnexpectedEof => {
                "the connection was closed during the handshake, as one does that speaks no TLS: then write http://, or name the port that does".to_owned()
            }
            _ => format!("the connection broke off during the handshake ({error})"),
        };
        Self::new(Failure::Tls, text)
    }

    /// What the end of an exchange says.
    pub(super) fn in_exchange(error: &hyper::Error, watch: &Watch) -> Self {
        if let Some(why) = tls_error(error) {
            return Self::new(Failure::Tls, tls::words(why));
        }
        if error.is_parse() {
            let text = match watch.began_as_tls() {
                true => "what answered speaks TLS: write https://".to_owned(),
                false => format!("what answered does not speak HTTP ({})", chain(error)),
            };
            return Self::new(Failure::Any, text);
        }
        if watch.is_unaccepted() {
            let text = "the server closed the connection before it had taken part in the handshake to its end, as one does that misses a certificate";
            return Self::new(Failure::Tls, text);
        }
        let text = match watch.has_answer() {
            false => "the connection was closed before any answer came".to_owned(),
            true => format!("the answer broke off ({})", chain(error)),
        };
        Self::new(Failure::Any, text)
    }
}

/// The TLS error among the causes of an error.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        // An I/O error shows the causes of what it carries, not what it carries.
        let carried = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        next = match carried {
            Some(carried) => Some(carried),
            None => error.source(),
        };
    }
    None
}

/// An error and what caused it, in one line.
fn chain(error: &hyper::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        source = cause.source();
    }
    text
}
