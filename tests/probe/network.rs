//! `Connect` and `probe relay`, against listeners of our own.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::client::Peer;
use crate::wire::{Answer, Connection, Failure, Finish, Request};

/// A server for one connection.
fn serve<T: Send + 'static>(
    act: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (u16, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (
        port,
        thread::spawn(move || act(listener.accept().unwrap().0)),
    )
}

fn unused_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn connect(host: &str, port: u16, send: &[u8], max_receive: u32, receive_ms: u32) -> Answer {
    Peer::serve().ask(&Request::Connect {
        host: host.into(),
        port,
        timeout_ms: 2000,
        send: send.to_vec(),
        max_receive,
        receive_ms,
    })
}

fn connected(answer: Answer) -> Connection {
    match answer {
        Answer::Connected { connection } => connection,
        other => panic!("{other:?}"),
    }
}

fn echo_line(mut stream: TcpStream) {
    let mut line = [0; 5];
    stream.read_exact(&mut line).unwrap();
    stream.write_all(&line).unwrap();
}

#[test]
fn an_address_is_its_own_or_anothers() {
    let is_own = |address: &str| {
        let address = address.parse().unwrap();
        Peer::serve().ask(&Request::Own { address })
    };
    assert_eq!(is_own("127.0.0.1"), Answer::Own { own: true });
    assert_eq!(is_own("203.0.113.1"), Answer::Own { own: false });
}

#[test]
fn connects_sends_and_receives() {
    let (port, server) = serve(echo_line);
    let made = connected(connect("localhost", port, b"hello", 100, 20_000));
    server.join().unwrap();
    assert_eq!(
        (made.received.as_slice(), made.finish),
        (&b"hello"[..], Finish::Closed)
    );
    assert_eq!(
        (made.peer.port(), made.local.ip().is_loopback()),
        (port, true)
    );
}

#[test]
fn receiving_ends_when_enough_came_or_time_is_up() {
    let (port, server) = serve(echo_line);
    let made = connected(connect("127.0.0.1", port, b"hello", 3, 20_000));
    server.join().unwrap();
    assert_eq!(
        (made.received.as_slice(), made.finish),
        (&b"hel"[..], Finish::Full)
    );
    let (port, server) = serve(|mut stream| stream.read(&mut [0; 9]).unwrap());
    let made = connected(connect("127.0.0.1", port, b"", 3, 50));
    assert_eq!(
        (made.received.len(), made.finish, server.join().unwrap()),
        (0, Finish::TimeUp, 0)
    );
    let (port, server) = serve(drop);
    assert_eq!(
        connected(connect("127.0.0.1", port, b"", 0, 0)).finish,
        Finish::Unasked
    );
    server.join().unwrap();
}

#[test]
fn says_how_connecting_failed() {
    let Answer::ConnectFailed {
        failure,
        errno,
        text,
    } = connect("127.0.0.1", unused_port(), b"", 0, 0)
    else {
        panic!()
    };
    assert_eq!((failure, errno), (Failure::Refused, 111));
    assert!(text.starts_with("127.0.0.1:"), "{text}");
    let Answer::ConnectFailed { failure, errno, .. } = connect("two..dots", 1, b"", 0, 0) else {
        panic!()
    };
    assert_eq!((failure, errno), (Failure::Dns, 0));
    let Answer::ConnectFailed { failure, .. } = connect("255.255.255.255", 1, b"", 0, 0) else {
        panic!()
    };
    assert!(matches!(failure, Failure::Unreachable | Failure::Other));
    let mut probe = Peer::serve();
    let request = Request::Connect {
        host: b"127.0.0.1".to_vec(),
        port: 1,
        timeout_ms: 0,
        send: vec![],
        max_receive: 0,
        receive_ms: 0,
    };
    let Answer::ConnectFailed { failure, .. } = probe.ask(&request) else {
        panic!()
    };
    assert_eq!(failure, Failure::TimedOut);
}

fn relay(port: u16) -> Peer {
    let mut relay = Peer::native(&["relay", "127.0.0.1", &port.to_string(), "5000"]);
    let made = connected(relay.next().unwrap());
    assert_eq!(made.peer.port(), port);
    relay
}

#[test]
fn a_relay_carries_much_both_ways_and_each_end_by_itself() {
    let (port, server) = serve(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        // The other way is still open.
        stream.write_all(&all).unwrap();
        all.len()
    });
    let mut relay = relay(port);
    let sent: Vec<u8> = (0..3_000_000_u32)
        .map(|number| number.to_le_bytes()[1])
        .collect();
    relay.send(&sent);
    relay.stdin = None;
    assert_eq!(relay.rest(), sent);
    assert_eq!(server.join().unwrap(), sent.len());
    assert_eq!(relay.finish(), Some(0));
}

#[test]
fn a_relay_ends_soon_after_the_other_end_and_shows_its_end_at_once() {
    let (port, server) = serve(|mut stream| stream.write_all(b"bye").unwrap());
    let mut relay = relay(port);
    // Its input stays open all the while.
    assert_eq!(relay.rest(), b"bye");
    let began = Instant::now();
    assert_eq!(relay.child.wait().unwrap().code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(20));
    server.join().unwrap();
}

#[test]
fn after_the_other_end_has_ended_its_half_what_was_sent_still_arrives() {
    let (ended, has_ended) = std::sync::mpsc::channel();
    let (port, server) = serve(move |mut stream| {
        stream.write_all(b"bye").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // More was sent than any buffer takes, so the relay has most of it still ahead.
        has_ended.recv().unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all.len()
    });
    let mut relay = relay(port);
    let mut stdin = relay.stdin.take().unwrap();
    let writer = thread::spawn(move || stdin.write_all(&vec![b'x'; 20_000_000]));
    assert_eq!(relay.rest(), b"bye");
    ended.send(()).unwrap();
    assert_eq!(server.join().unwrap(), 20_000_000);
    writer.join().unwrap().unwrap();
    assert_eq!(relay.finish(), Some(0));
}

#[test]
fn a_relay_that_nobody_reads_lets_go_of_its_connection() {
    use std::process::{Command, Stdio};
    let (port, server) = serve(|mut stream| stream.read(&mut [0; 9]));
    let (reader, writer) = std::io::pipe().unwrap();
    let mut command = Command::new(crate::client::PROBE);
    command
        .args(["relay", "127.0.0.1", &port.to_string(), "5000"])
        .stdin(Stdio::piped())
        .stdout(writer);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut reader = reader;
    assert!(reader.read(&mut [0; 512]).unwrap() > 4);
    drop(reader);
    assert!(matches!(server.join().unwrap(), Ok(0) | Err(_)));
    child.wait().unwrap();
}

#[test]
fn a_relay_that_cannot_connect_says_so_in_its_frame() {
    let mut relay = Peer::native(&["relay", "127.0.0.1", &unused_port().to_string(), "5000"]);
    let Some(Answer::ConnectFailed { failure, .. }) = relay.next() else {
        panic!()
    };
    assert_eq!(failure, Failure::Refused);
    assert_eq!(relay.next(), None);
    assert_eq!(relay.finish(), Some(0));
}
