//! What the client makes of peers that are no engine, or that break off.

use std::time::{Duration, Instant};

use seaworthy::engine::api::Api;
use seaworthy::engine::ask::Ask;
use seaworthy::engine::find;
use seaworthy::engine::transport::Dialer;
use seaworthy::engine::{Engine, Fault, FaultKind};
use serde_json::{Value, json};

use crate::peer::{CLOSE, PING, peer};

const SOON: Duration = Duration::from_secs(20);

async fn open(dialer: Dialer, within: Duration) -> Result<Api, Fault> {
    Api::open(dialer, within).await
}

/// Asks a peer that answers the ping properly and then so.
async fn ask(answers: &'static [&'static str]) -> Result<Value, Fault> {
    let api = open(peer(answers).await, SOON).await.unwrap();
    // No read: of those, one that gets no answer at all is asked again.
    let ask = Ask::post("ask", "/x").within(Duration::from_millis(500));
    api.json(ask).await
}

#[tokio::test]
async fn what_is_no_engine_is_said_to_be_none() {
    let soon = Duration::from_millis(500);
    let web = peer(&["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"]).await;
    let fault = open(web, soon).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Broken);
    assert!(fault.message.contains("not a container engine"), "{fault}");

    let ssh = peer(&["SSH-2.0-OpenSSH_9.2\r\n"]).await;
    let fault = open(ssh, soon).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Broken, "{fault}");

    let began = Instant::now();
    let fault = open(peer(&[""]).await, soon).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::TimedOut);
    assert!(began.elapsed() < Duration::from_secs(5));

    let old = peer(&["HTTP/1.1 200 OK\r\nApi-Version: 1.30\r\nContent-Length: 0\r\n\r\n"]).await;
    let fault = open(old, soon).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unsupported);
    assert!(fault.to_string().contains("1.30"), "{fault}");

    // A port on which nothing listens, and a socket that is not there.
    for address in ["tcp://127.0.0.1:9", "unix:///no/such/engine.sock"] {
        let fault = Engine::find(Some(address)).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unreachable);
        assert!(fault.to_string().contains(address), "{fault}");
        assert!(fault.help.is_some());
    }
}

#[tokio::test]
async fn a_file_that_is_no_socket_and_a_socket_without_listener_are_faults() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let socket = folder.path().join("socket");
    drop(tokio::net::UnixListener::bind(&socket).unwrap());
    for path in [file, socket] {
        let address = find::address(path.to_str().unwrap(), false).unwrap();
        let fault = Engine::at(address).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unreachable, "{fault}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_fault_and_never_a_shorter_answer() {
    let cut = [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le",
    ];
    for answer in cut {
        let answers: &'static [&'static str] = Box::leak(Box::new([PING, answer]));
        let fault = ask(answers).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unreachable, "{answer}: {fault}");
        assert!(
            fault.message.contains("before its answer was complete"),
            "{fault}"
        );
    }
    let fault = ask(&[PING, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nnot json"]).await;
    assert_eq!(fault.unwrap_err().kind, FaultKind::Broken);
    let fault = ask(&[PING, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]).await;
    assert_eq!(fault.unwrap_err().kind, FaultKind::Broken);
    assert_eq!(
        ask(&[PING, ""]).await.unwrap_err().kind,
        FaultKind::TimedOut
    );
    let fault = ask(&[
        PING,
        "HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
    ])
    .await;
    assert_eq!(fault.unwrap_err().kind, FaultKind::Refused { status: 301 });
}

#[tokio::test]
async fn a_stream_of_values_that_breaks_off_is_a_fault() {
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"a\":1}\r\n\r\n";
    let answers: &'static [&'static str] = Box::leak(Box::new([PING, answer]));
    let api = open(peer(answers).await, SOON).await.unwrap();
    let mut lines = api
        .lines::<Value>(Ask::post("pull", "/x"), SOON)
        .await
        .unwrap();
    assert_eq!(lines.next().await.unwrap(), Some(json!({ "a": 1 })));
    let fault = lines.next().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable, "{fault}");
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_replaced() {
    // Each connection answers once: the ping's is closed when the next request comes.
    let answers = &["HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\n[]"];
    let api = open(peer(answers).await, SOON).await.unwrap();
    for _ in 0..20 {
        assert_eq!(
            api.json::<Value>(Ask::get("ask", "/x")).await.unwrap(),
            json!([])
        );
    }
}

#[tokio::test]
async fn a_read_is_asked_again_where_a_kept_connection_was_closed_on_it_and_a_change_is_not() {
    let answers = &[
        "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\n[]",
        CLOSE,
    ];
    // The ping's connection is kept, and closed when the next request has come.
    let api = open(peer(answers).await, SOON).await.unwrap();
    let read = api.json::<Value>(Ask::get("ask", "/x")).await.unwrap();
    assert_eq!(read, json!([]));
    // So is the read's: this may have been done, and nobody can tell.
    let change = api.json::<Value>(Ask::post("change", "/x")).await;
    assert_eq!(change.unwrap_err().kind, FaultKind::Unreachable);
}

#[tokio::test]
async fn an_engine_that_refuses_a_stream_is_a_fault() {
    let plain = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let answers: &'static [&'static str] = Box::leak(Box::new([PING, plain]));
    let api = open(peer(answers).await, SOON).await.unwrap();
    let refused = api
        .upgrade(Ask::post("attach", "/x"), "tcp")
        .await
        .map(drop);
    assert_eq!(refused.unwrap_err().kind, FaultKind::Unsupported);
}
