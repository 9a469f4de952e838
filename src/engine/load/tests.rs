//! Requests without a pause against servers of our own, which do not behave.
#![expect(clippy::disallowed_methods, reason = "a server must listen somewhere")]

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::engine::http::tests::{Here, request};
use crate::engine::http::{Line, Peer, Unconnected};

/// More than any of these takes on a slow machine.
const LONG: u64 = 20_000;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const NOT_OK: &[u8] = b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno";

/// Leads nowhere, which is nobody's fault.
#[derive(Debug, Clone)]
struct Lost;

impl Connect for Lost {
    type Stream = TcpStream;

    async fn connect(&mut self, _: Peer) -> Result<Line<TcpStream>, Unconnected> {
        Err(Unconnected::Untried("no more files".to_owned()))
    }
}

/// What would else be waited for forever, where what is tested is broken.
async fn soon<T>(wanted: impl Future<Output = T>) -> T {
    let came = tokio::time::timeout(Duration::from_mins(1), wanted).await;
    came.expect("it has not come to this within a minute")
}

/// A server that gives its requests, counted from 0, these answers; none for one that is dropped.
struct Server {
    port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start(
        answer: impl Fn(usize) -> Option<&'static [u8]> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answer, count) = (Arc::new(answer), Arc::new(AtomicUsize::new(0)));
        let task = tokio::spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, count) = (Arc::clone(&answer), Arc::clone(&count));
                open.spawn(async move {
                    let _ = stream.read(&mut [0; 4096]).await;
                    if let Some(bytes) = answer(count.fetch_add(1, Ordering::SeqCst)) {
                        let _ = stream.write_all(bytes).await;
                    }
                });
            }
        });
        Self { port, task }
    }

    /// Listens no more.
    async fn end(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

fn wanted(port: u16, timeout_millis: u64) -> Wanted {
    Wanted {
        request: Request {
            timeout_millis,
            ..request(&format!("http://app:{port}/"))
        },
        credentials: Credentials::default(),
        sort: Arc::new(|outcome| match outcome {
            Outcome::Answered(response) if response.status == 200 => None,
            _ => Some("not as claimed".to_owned()),
        }),
    }
}

#[tokio::test]
async fn each_client_is_answered_before_and_after_what_is_done() {
    let server = Server::start(|_| Some(OK)).await;
    let load = Load::begin(wanted(server.port, LONG), vec![Here::default(); 5]);
    assert!(soon(load.flows()).await);
    let before = load.shared.state().traffic.counts.ok;
    assert!(before >= 5, "{before}");
    load.mark("stop");
    let seen = soon(load.done()).await.unwrap();
    assert!(seen.counts.ok >= before + 5, "{seen:?}");
    assert_eq!((seen.counts.refused, seen.counts.failed()), (0, 0));
    assert_eq!((seen.clients, seen.lost.len(), seen.marks.len()), (5, 0, 1));
    assert!(seen.times.percentile(99).unwrap() > Duration::ZERO);
}

#[tokio::test]
async fn what_is_dropped_or_answered_otherwise_is_told_apart() {
    let server = Server::start(|count| match count % 3 {
        0 => Some(OK),
        1 => None,
        _ => Some(NOT_OK),
    })
    .await;
    let load = Load::begin(wanted(server.port, LONG), vec![Here::default(); 3]);
    soon(load.flows()).await;
    let until = |state: &State| state.traffic.counts.all() >= 30;
    soon(load.shared.until(until)).await;
    let counts = soon(load.done()).await.unwrap().counts;
    let third = counts.all() / 3;
    for count in [counts.ok, counts.reset, counts.wrong] {
        assert!(count.abs_diff(third) <= 3, "{counts:?}");
    }
    assert_eq!((counts.refused, counts.late), (0, 0));
}

#[tokio::test]
async fn a_server_that_goes_drops_what_it_has_and_then_nobody_is_there() {
    // The first four are answered, and whoever comes then waits.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let mut held = Vec::new();
        for count in 0..8 {
            let mut stream = listener.accept().await.unwrap().0;
            if count < 4 {
                let _ = stream.read(&mut [0; 4096]).await;
                stream.write_all(OK).await.unwrap();
            } else {
                held.push(stream);
            }
        }
        drop(listener);
        held
    });
    let load = Load::begin(wanted(port, LONG), vec![Here::default(); 4]);
    assert!(soon(load.flows()).await);
    // As if the kernel had held some for the server when it was first asked.
    let looks = std::cell::Cell::new(0);
    let held = || {
        looks.set(looks.get() + 1);
        let first = looks.get() == 1;
        async move { first }
    };
    soon(load.settles(held)).await;
    assert_eq!(looks.get(), 2);
    assert!(load.shared.state().is_settled());
    let held = soon(server).await.unwrap();
    load.mark("stop");
    drop(held);
    let seen = soon(load.done()).await.unwrap();
    assert_eq!((seen.counts.ok, seen.counts.reset), (4, 4), "{seen:?}");
    assert!(
        seen.counts.refused >= 4 && seen.counts.late == 0,
        "{seen:?}"
    );
    assert_eq!(seen.since(seen.lost[0].micros).unwrap().0, "stop");
}

#[tokio::test]
async fn who_never_answers_is_late_and_is_not_waited_for_forever() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let load = Load::begin(wanted(port, 50), vec![Here::default(); 2]);
    assert!(!soon(load.flows()).await);
    let counts = soon(load.done()).await.unwrap().counts;
    assert!(
        counts.late >= 4 && counts.late == counts.all(),
        "{counts:?}"
    );
}

#[tokio::test]
async fn a_client_that_was_dropped_once_is_waited_for_until_it_is_answered() {
    let server = Server::start(|count| (count >= 4).then_some(OK)).await;
    let load = Load::begin(wanted(server.port, LONG), vec![Here::default(); 2]);
    assert!(soon(load.flows()).await);
    let state = load.shared.state();
    assert!(state.clients.iter().all(|client| client.answered));
}

#[tokio::test]
async fn who_comes_back_is_found_again() {
    let server = Server::start(|_| Some(OK)).await;
    let port = server.port;
    let load = Load::begin(wanted(port, LONG), vec![Here::default(); 2]);
    assert!(soon(load.flows()).await);
    server.end().await;
    soon(load.shared.until(|state| state.traffic.counts.refused > 0)).await;
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let before = load.shared.state().traffic.counts.ok;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(OK).await;
        }
    });
    soon(load.shared.until(|state| state.traffic.counts.ok > before)).await;
    soon(load.done()).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_tried_ends_it_and_says_why() {
    let load = Load::begin(wanted(1, LONG), vec![Lost; 3]);
    assert!(!soon(load.flows()).await);
    assert_eq!(soon(load.done()).await.unwrap_err(), "no more files");
}
