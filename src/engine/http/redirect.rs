//! Where an answer leads on to.

use hyper::{Method, header};

use super::exchange::{Answer, Sent};

/// What is sent next; `None` where the answer is the last one. A container may point anywhere, so
/// only what stays on its host is followed.
pub(super) fn next(sent: &Sent, answer: &Answer) -> Option<Sent> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let (_, location) = answer.headers.iter().find(|(name, _)| name == "location")?;
    let url = sent.url.join(location).ok()?;
    if url.host != sent.url.host {
        return None;
    }
    let mut next = Sent {
        url,
        ..sent.clone()
    };
    let reads = matches!(sent.method, Method::GET | Method::HEAD);
    let turns = answer.status == 303 || (answer.status < 303 && sent.method == Method::POST);
    if turns && !reads {
        next.method = Method::GET;
        next.body = None;
        for name in [
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            header::CONTENT_LANGUAGE,
        ] {
            next.headers.remove(name);
        }
    }
    if !next.url.same_origin(&sent.url) {
        for name in [header::AUTHORIZATION, header::COOKIE, header::HOST] {
            next.headers.remove(name);
        }
    }
    Some(next)
}
