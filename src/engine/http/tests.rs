//! The client against servers of its own, on sockets.
#![expect(clippy::disallowed_methods, reason = "a server must listen somewhere")]

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::TLS12;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::*;
use crate::fact::http::{Tls, TlsVersion};

const CA: &str = include_str!("../../../fixtures/http/ca.pem");
const SIGNED: (&str, &str) = (
    include_str!("../../../fixtures/http/server.pem"),
    include_str!("../../../fixtures/http/server.key"),
);
const SELF_SIGNED: (&str, &str) = (
    include_str!("../../../fixtures/http/self.pem"),
    include_str!("../../../fixtures/http/self.key"),
);
/// More than any of these takes on a slow machine.
const LONG: u64 = 20_000;

fn request(url: &str) -> Request {
    Request {
        url: url.to_owned(),
        method: "GET".to_owned(),
        headers: Vec::new(),
        body: None,
        follow: false,
        from: "host".to_owned(),
        tls: Tls::default(),
        timeout_millis: LONG,
    }
}

/// A server that hands each connection to `serve`, and says where it listens.
async fn serving<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> u16
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    port
}

/// Reads a request's head, and its body where it says its length.
async fn heard(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(count) if count > 0 => text.push_str(&String::from_utf8_lossy(&buffer[..count])),
            _ => return text,
        }
    }
}

/// A server that gives these answers in turn, and keeps what it was asked.
async fn answering(answers: Vec<String>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&asked);
    let answers = Arc::new(Mutex::new(answers.into_iter()));
    let port = serving(move |mut stream| {
        let (keep, answers) = (Arc::clone(&keep), Arc::clone(&answers));
        async move {
            let text = heard(&mut stream).await;
            keep.lock().unwrap().push(text);
            let answer = answers.lock().unwrap().next().unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    })
    .await;
    (port, asked)
}

/// Leads to this machine, whatever the host.
struct Here {
    relayed: bool,
}

impl Connect for Here {
    type Stream = TcpStream;

    async fn connect(&mut self, peer: Peer) -> Result<Line<TcpStream>, Unconnected> {
        match TcpStream::connect(("127.0.0.1", peer.port)).await {
            Ok(stream) => Ok(Line {
                stream,
                relayed: self.relayed,
            }),
            Err(error) => Err(Unconnected::Refused(error.to_string())),
        }
    }
}

/// Leads nowhere, for this reason; without one, in no time.
struct Nowhere(Option<Unconnected>);

impl Connect for Nowhere {
    type Stream = TcpStream;

    async fn connect(&mut self, peer: Peer) -> Result<Line<TcpStream>, Unconnected> {
        assert_eq!((peer.host.as_str(), peer.port), ("::1", 443));
        match &self.0 {
            Some(why) => Err(why.clone()),
            None => std::future::pending().await,
        }
    }
}

/// Makes the request; whatever its host, the connection leads to this machine.
async fn fetched(request: &Request, most: usize, relayed: bool) -> Outcome {
    fetch(request, &mut Here { relayed }, most).await.unwrap()
}

async fn answer(request: &Request) -> Response {
    match fetched(request, 1 << 20, false).await {
        Outcome::Answered(response) => response,
        failed @ Outcome::Failed { .. } => panic!("{failed:?}"),
    }
}

async fn failure(request: &Request, relayed: bool) -> (Failure, String) {
    match fetched(request, 1 << 20, relayed).await {
        Outcome::Failed { failure, text } => (failure, text),
        Outcome::Answered(response) => panic!("{response:?}"),
    }
}

#[tokio::test]
async fn a_request_is_written_as_asked_and_its_answer_read() {
    let said = "HTTP/1.1 201 Created\r\nX-A: b\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\
                Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let (port, asked) = answering(vec![said.to_owned()]).await;
    let mut request = request(&format!("http://App:{port}/x?y=z"));
    request.method = "POST".to_owned();
    request.headers = vec![("X-Thing".to_owned(), "1".to_owned())];
    request.body = Some("hello".to_owned());
    let response = answer(&request).await;
    assert_eq!(
        (response.status, response.body.text().as_ref()),
        (201, "abcde")
    );
    assert_eq!(response.url, format!("http://app:{port}/x?y=z"));
    assert!(response.micros > 0);
    let headers: Vec<(&str, &str)> = response
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        headers[..3],
        [("x-a", "b"), ("set-cookie", "a"), ("set-cookie", "b")]
    );

    let asked = asked.lock().unwrap().remove(0);
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /x?y=z HTTP/1.1\r\n"), "{head}");
    for line in [
        format!("Host: app:{port}"),
        "X-Thing: 1".to_owned(),
        "Connection: close".to_owned(),
        "Content-Length: 5".to_owned(),
        format!("User-Agent: seaworthy/{}", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(head.lines().any(|l| l == line), "{line}: {head}");
    }
    assert_eq!(body, "hello");
}

#[tokio::test]
async fn a_host_header_of_the_suite_is_kept() {
    let (port, asked) = answering(vec!["HTTP/1.0 200 OK\r\n\r\nolder".to_owned()]).await;
    let mut request = request(&format!("http://app:{port}"));
    request.headers = vec![("Host".to_owned(), "shop.example".to_owned())];
    assert_eq!(answer(&request).await.body.text(), "older");
    let asked = asked.lock().unwrap().remove(0);
    assert!(
        asked.starts_with("GET / HTTP/1.1\r\nHost: shop.example\r\n"),
        "{asked}"
    );
    assert_eq!(asked.matches("Host: ").count(), 1);
}

#[tokio::test]
async fn the_connection_is_closed_after_the_answer() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = Arc::new(Mutex::new(Some(tell)));
    let port = serving(move |mut stream| {
        let tell = Arc::clone(&tell);
        async move {
            heard(&mut stream).await;
            let said = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            stream.write_all(said.as_bytes()).await.unwrap();
            let left = stream.read(&mut [0; 16]).await;
            let tell = tell.lock().unwrap().take().unwrap();
            tell.send(left.map_err(|error| error.kind())).unwrap();
        }
    })
    .await;
    assert_eq!(
        answer(&request(&format!("http://app:{port}"))).await.status,
        200
    );
    assert_eq!(told.await.unwrap(), Ok(0));
}

fn to(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn redirects_within_the_host_are_followed_when_asked() {
    let (other, seen) = answering(vec![OK.to_owned()]).await;
    let answers = vec![
        to(302, "b?c"),
        to(307, "/d"),
        to(303, &format!("http://APP:{other}/e#f")),
    ];
    let (port, asked) = answering(answers).await;
    let mut request = request(&format!("http://app:{port}/a/"));
    request.method = "PUT".to_owned();
    request.body = Some("text".to_owned());
    request.headers = vec![
        ("Authorization".to_owned(), "Bearer x".to_owned()),
        ("Content-Type".to_owned(), "text/plain".to_owned()),
    ];
    request.follow = true;
    let response = answer(&request).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.url, format!("http://app:{other}/e"));
    let asked = asked.lock().unwrap().clone();
    let first: Vec<&str> = asked.iter().map(|a| a.lines().next().unwrap()).collect();
    assert_eq!(
        first,
        ["PUT /a/ HTTP/1.1", "PUT /a/b?c HTTP/1.1", "PUT /d HTTP/1.1"]
    );
    assert!(
        asked
            .iter()
            .all(|a| a.contains("Bearer x") && a.ends_with("text"))
    );
    let last = seen.lock().unwrap().remove(0);
    assert!(last.starts_with("GET /e HTTP/1.1\r\n"), "{last}");
    for gone in ["Bearer", "Content-Type", "text"] {
        assert!(!last.contains(gone), "{last}");
    }
}

#[tokio::test]
async fn a_post_that_moved_is_read() {
    let (port, asked) = answering(vec![to(301, "/b"), OK.to_owned()]).await;
    let mut request = request(&format!("http://app:{port}/a"));
    request.method = "POST".to_owned();
    request.follow = true;
    answer(&request).await;
    let asked = asked.lock().unwrap().clone();
    assert!(asked[0].starts_with("POST /a ") && asked[0].contains("Content-Length: 0\r\n"));
    assert!(asked[1].starts_with("GET /b "), "{}", asked[1]);
}

#[tokio::test]
async fn other_redirects_are_the_answer() {
    for (follow, location) in [
        (false, "/b"),
        (true, "http://elsewhere/b"),
        (true, "http://169.254.169.254/"),
        (true, "mailto:a@b"),
    ] {
        let (port, _) = answering(vec![to(302, location)]).await;
        let mut request = request(&format!("http://app:{port}/a"));
        request.follow = follow;
        assert_eq!(answer(&request).await.status, 302, "{location}");
    }
}

#[tokio::test]
async fn redirects_come_to_an_end() {
    let (port, asked) = answering(vec![to(302, "/round"); 20]).await;
    let mut request = request(&format!("http://app:{port}/round"));
    request.follow = true;
    let (how, text) = failure(&request, false).await;
    assert_eq!(how, Failure::Any);
    assert!(text.contains("more than 10 redirects"), "{text}");
    assert_eq!(asked.lock().unwrap().len(), 11);
}

#[tokio::test]
async fn a_server_that_does_not_answer_in_time_is_a_timeout() {
    for (said, says) in [
        ("", "no answer after 200 ms"),
        ("HTTP/1.1 200 OK\r\n", "no answer after 200 ms"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            "no end of the answer after",
        ),
    ] {
        let port = serving(move |mut stream| async move {
            stream.write_all(said.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        })
        .await;
        let mut request = request(&format!("http://app:{port}"));
        request.timeout_millis = 200;
        let (how, text) = failure(&request, true).await;
        assert_eq!(how, Failure::Timeout, "{said}: {text}");
        assert!(text.contains(says), "{text}");
    }
    let port = serving(|stream| async move {
        let _open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let mut request = request(&format!("https://app:{port}"));
    request.tls.insecure = true;
    request.timeout_millis = 200;
    let (how, text) = failure(&request, false).await;
    assert_eq!(
        (how, text.as_str()),
        (Failure::Timeout, "no end of the TLS handshake after 200 ms")
    );
}

#[tokio::test]
async fn a_connection_that_takes_too_long_is_a_timeout() {
    let mut request = request("https://[::1]/");
    request.timeout_millis = 50;
    let got = fetch(&request, &mut Nowhere(None), 1).await;
    let Ok(Outcome::Failed { failure, text }) = got else {
        panic!("no failure");
    };
    assert_eq!(
        (failure, text.as_str()),
        (Failure::Timeout, "not connected after 50 ms")
    );
}

#[tokio::test]
async fn a_large_body_is_kept_in_part_and_counted() {
    let body = "x".repeat(100_000);
    let said = format!("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{body}");
    let (port, _) = answering(vec![said]).await;
    let request = request(&format!("http://app:{port}"));
    let Outcome::Answered(response) = fetched(&request, 1000, false).await else {
        panic!("no answer");
    };
    assert_eq!(
        (response.body.bytes.len(), response.body.total),
        (1000, 100_000)
    );
}

#[tokio::test]
async fn a_body_without_end_is_given_up() {
    let port = serving(|mut stream| async move {
        heard(&mut stream).await;
        let head = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        head.unwrap();
        let chunk = vec![b'x'; 1 << 20];
        while stream.write_all(&chunk).await.is_ok() {}
    })
    .await;
    let request = request(&format!("http://app:{port}"));
    let Outcome::Answered(response) = fetched(&request, 10, false).await else {
        panic!("no answer");
    };
    assert_eq!(response.body.bytes.len(), 10);
    assert!((64 << 20..128 << 20).contains(&response.body.total));
}

#[tokio::test]
async fn a_head_without_end_is_given_up() {
    let port = serving(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"X-Again: and again\r\n").await.is_ok() {}
    })
    .await;
    let (how, text) = failure(&request(&format!("http://app:{port}")), false).await;
    assert_eq!(how, Failure::Any);
    assert!(text.contains("does not speak HTTP"), "{text}");
}

#[tokio::test]
async fn connections_that_break_off_are_told_apart() {
    for (said, relayed, how, says) in [
        ("", false, Failure::Any, "closed before any answer"),
        ("", true, Failure::Any, "closed before any answer"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            true,
            Failure::Any,
            "broke off",
        ),
        ("HTTP/1.1 200", true, Failure::Any, "broke off"),
        (
            "SSH-2.0-OpenSSH_9.2\r\n",
            true,
            Failure::Any,
            "does not speak HTTP",
        ),
        (
            "\u{15}\u{3}\u{1}\0\u{2}\u{2}\n",
            true,
            Failure::Any,
            "speaks TLS",
        ),
    ] {
        for reset in [false, true] {
            let port = serving(move |mut stream| async move {
                // What was not read when a socket is closed makes the close a reset.
                match reset {
                    true => drop(stream.peek(&mut [0]).await),
                    false => drop(heard(&mut stream).await),
                }
                stream.write_all(said.as_bytes()).await.unwrap();
            })
            .await;
            let got = failure(&request(&format!("http://app:{port}")), relayed).await;
            assert_eq!(got.0, how, "{said} {reset}: {got:?}");
            assert!(got.1.contains(says), "{said} {reset}: {got:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_to_a_request_that_was_not_heard_out_is_an_answer() {
    let port = serving(|mut stream| async move {
        let said = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(said.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        // Taken in, but not as a request: the client must not depend on it.
        let _ = stream.read(&mut [0; 10]).await;
    })
    .await;
    let mut request = request(&format!("http://app:{port}"));
    request.method = "PUT".to_owned();
    request.body = Some("x".repeat(8 << 20));
    assert_eq!(answer(&request).await.status, 413);
}

/// The end of a connection that takes nothing more, and on which an answer waits.
struct Shut(&'static [u8]);

impl AsyncRead for Shut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Shut {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Err(std::io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Connect for Shut {
    type Stream = Self;

    async fn connect(&mut self, _: Peer) -> Result<Line<Self>, Unconnected> {
        Ok(Line {
            stream: Self(self.0),
            relayed: true,
        })
    }
}

#[tokio::test]
async fn an_answer_that_waits_behind_a_closed_door_is_read() {
    let request = request("http://app/");
    let got = fetch(&request, &mut Shut(OK.as_bytes()), 10).await;
    assert!(
        matches!(&got, Ok(Outcome::Answered(response)) if response.status == 200),
        "{got:?}"
    );
    let Ok(Outcome::Failed { failure, .. }) = fetch(&request, &mut Shut(b""), 10).await else {
        panic!("no failure");
    };
    assert_eq!(failure, Failure::Refused);
}

#[tokio::test]
async fn what_the_caller_says_of_a_connection_is_kept() {
    let text = || "words".to_owned();
    for (why, how) in [
        (Unconnected::Refused(text()), Some(Failure::Refused)),
        (Unconnected::Timeout(text()), Some(Failure::Timeout)),
        (Unconnected::Dns(text()), Some(Failure::Dns)),
        (Unconnected::Other(text()), Some(Failure::Any)),
        (Unconnected::Untried(text()), None),
    ] {
        let got = fetch(&request("https://[::1]"), &mut Nowhere(Some(why)), 1).await;
        let expected = how
            .map(|failure| Outcome::Failed {
                failure,
                text: text(),
            })
            .ok_or(Untried(text()));
        assert_eq!(got, expected);
    }
}

/// A TLS server that answers every request the same way.
async fn serving_tls(config: ServerConfig) -> u16 {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serving(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                heard(&mut stream).await;
                let _ = stream.write_all(OK.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        }
    })
    .await
}

fn server((certificate, key): (&str, &str), asks: bool, only_12: bool) -> ServerConfig {
    let certificates = CertificateDer::pem_slice_iter(certificate.as_bytes());
    let certificates = certificates.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = match only_12 {
        true => builder.with_protocol_versions(&[&TLS12]),
        false => builder.with_safe_default_protocol_versions(),
    };
    let builder = builder.unwrap();
    let builder = if asks {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_slice(CA.as_bytes()).unwrap();
        roots.add(ca).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    builder.with_single_cert(certificates, key).unwrap()
}

fn by_ca(url: &str) -> Request {
    let mut request = request(url);
    request.tls.ca = Some(CA.to_owned());
    request
}

#[tokio::test]
async fn a_certificate_of_the_named_authority_is_taken() {
    let port = serving_tls(server(SIGNED, false, false)).await;
    for host in ["app", "127.0.0.1"] {
        let response = answer(&by_ca(&format!("https://{host}:{port}/"))).await;
        assert_eq!(response.body.text(), "ok");
    }
}

#[tokio::test]
async fn other_certificates_are_refused_but_for_insecure() {
    let signed = serving_tls(server(SIGNED, false, false)).await;
    let alone = serving_tls(server(SELF_SIGNED, false, false)).await;
    for (port, host, ca) in [
        (signed, "other", true),
        (signed, "app", false),
        (alone, "app", true),
        (alone, "app", false),
    ] {
        let url = format!("https://{host}:{port}/");
        let mut request = if ca { by_ca(&url) } else { request(&url) };
        let (how, text) = failure(&request, true).await;
        assert_eq!(how, Failure::Tls, "{url}: {text}");
        assert!(text.contains("certificate"), "{text}");
        request.tls.insecure = true;
        assert_eq!(answer(&request).await.status, 200);
    }
}

#[tokio::test]
async fn a_version_is_pinned() {
    let old = serving_tls(server(SIGNED, false, true)).await;
    let both = serving_tls(server(SIGNED, false, false)).await;
    let mut request = by_ca(&format!("https://app:{old}/"));
    request.tls.version = Some(TlsVersion::Tls12);
    assert_eq!(answer(&request).await.status, 200);
    request.tls.version = Some(TlsVersion::Tls13);
    let (how, text) = failure(&request, true).await;
    assert_eq!(how, Failure::Tls);
    assert!(text.contains("ProtocolVersion"), "{text}");
    request.url = format!("https://app:{both}/");
    assert_eq!(answer(&request).await.status, 200);
}

#[tokio::test]
async fn a_server_that_misses_a_certificate_fails_in_tls() {
    for only_12 in [false, true] {
        let port = serving_tls(server(SIGNED, true, only_12)).await;
        let (how, text) = failure(&by_ca(&format!("https://app:{port}/")), true).await;
        assert_eq!(how, Failure::Tls, "{text}");
        assert!(text.contains("CertificateRequired"), "{text}");
    }
}

#[tokio::test]
async fn a_server_that_drops_the_connection_over_a_certificate_fails_in_tls() {
    // The server's part of TLS 1.3 ends before the client's: here the alert never gets through.
    let acceptor = TlsAcceptor::from(Arc::new(server(SIGNED, true, false)));
    let port = serving(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let (near, far) = tokio::io::duplex(1 << 16);
            let (mut server_says, mut server_hears) = tokio::io::split(near);
            let (mut client_says, mut client_hears) = stream.into_split();
            let refused = tokio::spawn(async move { acceptor.accept(far).await.is_err() });
            let (mut one, mut other) = (vec![0; 1 << 14], vec![0; 1 << 14]);
            let count = client_says.read(&mut one).await.unwrap();
            server_hears.write_all(&one[..count]).await.unwrap();
            let count = loop {
                tokio::select! {
                    count = client_says.read(&mut one) => break count.unwrap(),
                    count = server_says.read(&mut other) => {
                        client_hears.write_all(&other[..count.unwrap()]).await.unwrap();
                    }
                }
            };
            server_hears.write_all(&one[..count]).await.unwrap();
            let onward = tokio::io::copy(&mut client_says, &mut server_hears);
            let refused = tokio::select! {
                refused = refused => refused.unwrap(),
                _ = onward => false,
            };
            assert!(refused);
        }
    })
    .await;
    let (how, text) = failure(&by_ca(&format!("https://app:{port}/")), false).await;
    assert_eq!(how, Failure::Tls, "{text}");
    assert!(text.contains("misses a certificate"), "{text}");
}

#[tokio::test]
async fn a_server_without_tls_fails_in_tls() {
    let (port, _) = answering(vec!["HTTP/1.1 400 Bad Request\r\n\r\n".to_owned(); 1]).await;
    // It hears no request in a handshake, so it speaks first here.
    let early = serving(|mut stream| async move {
        stream.readable().await.unwrap();
        let said = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        stream.write_all(said).await.unwrap();
        let _ = stream.shutdown().await;
        let _ = stream.read(&mut [0; 2048]).await;
    })
    .await;
    let (how, text) = failure(&by_ca(&format!("https://app:{early}/")), true).await;
    assert_eq!(how, Failure::Tls);
    assert!(text.contains("does not speak TLS"), "{text}");
    let mut silent = by_ca(&format!("https://app:{port}/"));
    silent.timeout_millis = 200;
    assert_eq!(failure(&silent, true).await.0, Failure::Timeout);
}

#[tokio::test]
async fn what_is_taken_in_between_and_by_nobody_behind_is_refused() {
    for scheme in ["http", "https"] {
        for (relayed, patient, how) in [
            (true, false, Some(Failure::Refused)),
            (true, true, None),
            (false, false, None),
        ] {
            let port = serving(move |mut stream| async move {
                if patient {
                    let _ = stream.read(&mut [0; 1 << 14]).await;
                }
            })
            .await;
            let by_itself = match scheme {
                "http" => Failure::Any,
                _ => Failure::Tls,
            };
            let got = failure(&by_ca(&format!("{scheme}://app:{port}/")), relayed).await;
            let expected = how.unwrap_or(by_itself);
            assert_eq!(got.0, expected, "{scheme} {relayed} {patient}: {got:?}");
        }
    }
}

#[tokio::test]
async fn an_authority_that_cannot_be_read_is_no_failure_of_the_container() {
    let port = serving_tls(server(SIGNED, false, false)).await;
    for ca in [
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let mut request = request(&format!("https://app:{port}/"));
        request.tls.ca = Some(ca.to_owned());
        let got = fetch(&request, &mut Here { relayed: false }, 1).await;
        let Err(Untried(why)) = got else {
            panic!("tried");
        };
        assert!(why.contains("the authority"), "{why}");
    }
}

#[tokio::test]
async fn a_request_can_be_made_by_any_task() {
    let (port, _) = answering(vec![OK.to_owned()]).await;
    let request = request(&format!("http://app:{port}"));
    let task = tokio::spawn(async move { fetched(&request, 10, false).await });
    let done = tokio::time::timeout(Duration::from_millis(LONG), task).await;
    assert!(matches!(done.unwrap().unwrap(), Outcome::Answered(_)));
}
