//! `probe relays`: many connections over one conversation, against listeners of our own.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::thread;

use crate::client::Peer;
use crate::wire::{Answer, Failure, Request, Wire as _, frame};

fn order(peer: &mut Peer, request: &Request) {
    peer.send(&frame(&request.encode()).unwrap());
}

fn dial(peer: &mut Peer, line: u32, port: u16) {
    let request = Request::Dial {
        line,
        host: b"127.0.0.1".to_vec(),
        port,
        timeout_ms: 20_000,
    };
    order(peer, &request);
}

/// What comes over connections until so many have ended, with the error numbers that they ended with.
fn heard(peer: &mut Peer, count: usize) -> BTreeMap<u32, (Vec<u8>, Option<i32>)> {
    let mut all: BTreeMap<u32, (Vec<u8>, Option<i32>)> = BTreeMap::new();
    while all.values().filter(|(_, end)| end.is_some()).count() < count {
        match peer.next().unwrap() {
            Answer::Heard { line, data } => all.entry(line).or_default().0.extend(data),
            Answer::HungUp { line, errno } => all.entry(line).or_default().1 = Some(errno),
            other => panic!("{other:?}"),
        }
    }
    all
}

#[test]
fn connections_do_not_wait_for_each_other() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        // The second is answered, then the first.
        let mut streams: Vec<_> = (0..2).map(|_| listener.accept().unwrap().0).collect();
        while let Some(mut stream) = streams.pop() {
            let mut asked = [0; 3];
            stream.read_exact(&mut asked).unwrap();
            stream.write_all(&asked.repeat(50_000)).unwrap();
        }
    });
    let mut peer = Peer::native(&["relays"]);
    for line in [7, 8] {
        dial(&mut peer, line, port);
        let said = peer.next().unwrap();
        assert!(
            matches!(said, Answer::Dialled { line: l, peer } if l == line && peer.port() == port),
            "{said:?}"
        );
        let data = format!("a-{line}").into_bytes();
        order(&mut peer, &Request::Say { line, data });
    }
    let said = heard(&mut peer, 2);
    for line in [7, 8] {
        let data = format!("a-{line}").repeat(50_000).into_bytes();
        assert!(said[&line] == (data, Some(0)), "{line}");
    }
    server.join().unwrap();
    peer.stdin = None;
    assert_eq!(peer.finish(), Some(0));
}

#[test]
fn who_is_not_there_is_told_apart_from_who_goes() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut peer = Peer::native(&["relays"]);
    dial(&mut peer, 1, port);
    let (mut stream, _) = listener.accept().unwrap();
    drop(listener);
    assert!(matches!(
        peer.next().unwrap(),
        Answer::Dialled { line: 1, .. }
    ));
    dial(&mut peer, 2, port);
    let said = peer.next().unwrap();
    assert!(
        matches!(
            said,
            Answer::NotDialled {
                line: 2,
                failure: Failure::Refused,
                ..
            }
        ),
        "{said:?}"
    );
    // What is hung up is closed for the other end too.
    order(&mut peer, &Request::HangUp { line: 1 });
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
    let _ = stream.shutdown(Shutdown::Both);
    peer.stdin = None;
    assert_eq!(peer.finish(), Some(0));
}
