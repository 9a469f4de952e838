//! Requests that got no answer: in which of the ways that a suite can name, and in which words.

use std::error::Error;

use tokio_rustls::rustls;
use tokio_rustls::rustls::CertificateError;

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

    /// What a connection says that is taken and closed at once, without a word.
    pub(super) fn at_the_door() -> Self {
        let text = "the connection was closed at once: nothing listens there";
        Self::new(Failure::Refused, text)
    }

    /// What the end of a TLS handshake says.
    pub(in crate::engine) fn in_handshake(error: &std::io::Error) -> Self {
        if let Some(tls) = tls_error(error) {
            return Self::new(Failure::Tls, of_tls(tls));
        }
        Self::new(
            Failure::Tls,
            format!("the connection was closed during the handshake ({error})"),
        )
    }

    /// What the end of an exchange says.
    pub(super) fn in_exchange(error: &hyper::Error, watch: &Watch) -> Self {
        if let Some(tls) = tls_error(error) {
            return Self::new(Failure::Tls, of_tls(tls));
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

fn of_tls(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidMessage(_) => format!("what answered does not speak TLS ({error})"),
        rustls::Error::AlertReceived(alert) => {
            format!("the server refused the handshake: {alert:?}")
        }
        rustls::Error::InvalidCertificate(why) => match of_certificate(why) {
            Some(words) => format!("the server's certificate is not believed: {words}"),
            None => error.to_string(),
        },
        error => error.to_string(),
    }
}

/// Why a certificate is not believed, where the library has a name for that and no words.
fn of_certificate(why: &CertificateError) -> Option<&'static str> {
    // The library that checks certificates says some of it by names of its own.
    let name = format!("{why:?}");
    match why {
        CertificateError::UnknownIssuer => Some(
            "who signed it is nobody that is believed here, or what lies between the two was not sent; \
             `tls: { ca: … }` names who is believed",
        ),
        CertificateError::BadSignature => {
            Some("the authority that it names has not signed it, but another one of that name")
        }
        CertificateError::BadEncoding => Some("it cannot be read"),
        _ if name.contains("CaUsedAsEndEntity") => Some(
            "it is that of an authority (`CA:TRUE`), as one that signs itself often is, and not of a server",
        ),
        _ if name.contains("EndEntityUsedAsCa") => {
            Some("what signed it is no authority (`CA:TRUE` is missing)")
        }
        _ => None,
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
