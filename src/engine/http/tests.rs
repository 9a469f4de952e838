//! The client against servers of its own, on sockets.
#![expect(clippy::disallowed_methods, reason = "a server must listen somewhere")]

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::fact::http::Tls;

mod broken;
mod tls;

/// More than any of these takes on a slow machine.
const LONG: u64 = 20_000;

pub(in crate::engine) fn request(url: &str) -> Request {
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
pub(in crate::engine) async fn serving<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> u16
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
#[derive(Debug, Clone, Default)]
pub(crate) struct Here {
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
    let credentials = credentials(request);
    let got = fetch(request, &credentials, &mut Here { relayed }, most).await;
    got.unwrap()
}

/// Names in a request stand for themselves here: an authority is its own PEM.
fn credentials(request: &Request) -> Credentials {
    Credentials {
        ca: request.tls.ca.clone(),
        identity: None,
    }
}

async fn answer(request: &Request) -> Response {
    match fetched(request, 1 << 20, false).await {
        Outcome::Answered(response) => response,
        other => panic!("{other:?}"),
    }
}

async fn failure(request: &Request, relayed: bool) -> (Failure, String) {
    match fetched(request, 1 << 20, relayed).await {
        Outcome::Failed { failure, text } => (failure, text),
        other => panic!("{other:?}"),
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
    match fetched(&request, 1 << 20, false).await {
        Outcome::Circled { text } => assert!(text.contains("more than 10 redirects"), "{text}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(asked.lock().unwrap().len(), 11);
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
        let got = fetch(
            &request("https://[::1]"),
            &Credentials::default(),
            &mut Nowhere(Some(why)),
            1,
        )
        .await;
        let expected = how
            .map(|failure| Outcome::Failed {
                failure,
                text: text(),
            })
            .ok_or(Untried(text()));
        assert_eq!(got, expected);
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
