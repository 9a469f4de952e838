//! The resolver, against a name server of our own.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Peer;
use crate::resolve::{Settings, addresses, ask_all, in_hosts};
use crate::wire::{Answer, Request, Unresolved};

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

/// The name and the kind that a query asks for.
fn asked(query: &[u8]) -> (String, u16) {
    let mut labels = Vec::new();
    let mut at = 12;
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(std::str::from_utf8(&query[at + 1..end]).unwrap().to_owned());
        at = end;
    }
    (
        labels.join("."),
        u16::from_be_bytes([query[at + 1], query[at + 2]]),
    )
}

/// A reply with these flags' low byte, this cut bit, and one alias before the addresses.
fn reply(query: &[u8], code: u8, cut: bool, addresses: &[[u8; 4]]) -> Vec<u8> {
    let mut bytes = query.to_vec();
    bytes[2] = 0x81 | if cut { 2 } else { 0 };
    bytes[3] = 0x80 | code;
    bytes[7] = u8::try_from(addresses.len() + 1).unwrap();
    bytes.extend([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 4, 1, b'x', 0xc0, 12]);
    for address in addresses {
        bytes.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4]);
        bytes.extend(address);
    }
    bytes
}

/// How the server of these tests answers, by name.
fn served(query: &[u8], by_tcp: bool) -> Option<Vec<u8>> {
    let (name, kind) = asked(query);
    Some(match (name.as_str(), kind) {
        ("db.corp.test" | "full.test", 1) => {
            reply(query, 0, false, &[[10, 0, 0, 7], [10, 0, 0, 8]])
        }
        ("long.test", 1) if by_tcp => reply(query, 0, false, &[[10, 0, 0, 9]]),
        ("long.test", 1) => reply(query, 0, true, &[]),
        ("db.corp.test" | "full.test" | "long.test" | "empty.test", _) => {
            reply(query, 0, false, &[])
        }
        ("ill.test", _) => reply(query, 2, false, &[]),
        ("silent.test", _) => return None,
        _ => reply(query, 3, false, &[]),
    })
}

fn server() -> SocketAddr {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = udp.local_addr().unwrap();
    let tcp = TcpListener::bind(address).unwrap();
    thread::spawn(move || {
        let mut query = [0; 512];
        while let Ok((length, from)) = udp.recv_from(&mut query) {
            // First something forged: the number is wrong.
            let mut forged = reply(&query[..length], 0, false, &[[6, 6, 6, 6]]);
            forged[0] ^= 1;
            udp.send_to(&forged, from).unwrap();
            if let Some(answer) = served(&query[..length], false) {
                udp.send_to(&answer, from).unwrap();
            }
        }
    });
    thread::spawn(move || {
        for mut stream in tcp.incoming().map_while(Result::ok) {
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut query).unwrap();
            let answer = served(&query, true).unwrap();
            let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
            stream
                .write_all(&[&length, answer.as_slice()].concat())
                .unwrap();
        }
    });
    address
}

fn settings(servers: Vec<SocketAddr>) -> Settings {
    let timeout = Duration::from_millis(300);
    Settings {
        servers,
        search: vec!["corp.test".into()],
        ndots: 1,
        timeout,
        attempts: 1,
    }
}

#[test]
fn names_are_found_as_a_c_library_finds_them() {
    let settings = settings(vec![server()]);
    let ask = |name: &str| ask_all(name, &settings, soon());
    let two: Vec<IpAddr> = vec![
        Ipv4Addr::new(10, 0, 0, 7).into(),
        Ipv4Addr::new(10, 0, 0, 8).into(),
    ];
    assert_eq!(ask("db"), Ok(two.clone()), "by the search list");
    assert_eq!(ask("full.test"), Ok(two.clone()));
    assert_eq!(ask("full.test."), Ok(two));
    assert_eq!(
        ask("long.test"),
        Ok(vec![Ipv4Addr::new(10, 0, 0, 9).into()]),
        "by TCP"
    );
    let why = |name: &str| ask(name).unwrap_err().why;
    assert_eq!(why("db."), Unresolved::NotFound);
    assert_eq!(why("none"), Unresolved::NotFound);
    assert_eq!(why("empty.test"), Unresolved::NoAddress);
    assert_eq!(why("ill.test"), Unresolved::ServerFailure);
    assert_eq!(why("silent.test"), Unresolved::TimedOut);
    assert_eq!(why("two..dots"), Unresolved::BadName);
    assert_eq!(why(&"x".repeat(64)), Unresolved::BadName);
}

#[test]
fn a_server_that_is_down_gives_way_to_the_next_and_none_is_a_reason() {
    let gone = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert!(ask_all("full.test", &settings(vec![gone, server()]), soon()).is_ok());
    let only = ask_all("full.test", &settings(vec![gone]), soon()).unwrap_err();
    assert_eq!(only.why, Unresolved::ServerFailure, "{}", only.text);
    assert_eq!(
        ask_all("full.test", &settings(vec![]), soon())
            .unwrap_err()
            .why,
        Unresolved::NoServers
    );
    let late = ask_all("full.test", &settings(vec![gone]), Instant::now()).unwrap_err();
    assert_eq!(late.why, Unresolved::TimedOut);
}

#[test]
fn settings_are_read_as_a_c_library_reads_them() {
    let text = "# a note\nnameserver 127.0.0.11 ; another\nnameserver bad\nnameserver fe80::1\n\
                domain first\nsearch a.test b.test.\noptions ndots:0 timeout:2 attempts:99 rotate ndots:x\n";
    let read = Settings::parse(text);
    let servers: Vec<SocketAddr> = vec![
        "127.0.0.11:53".parse().unwrap(),
        "[fe80::1]:53".parse().unwrap(),
    ];
    let search = vec!["a.test".to_owned(), "b.test".to_owned()];
    let timeout = Duration::from_secs(2);
    assert_eq!(
        read,
        Settings {
            servers,
            search,
            ndots: 0,
            timeout,
            attempts: 5
        }
    );
}

#[test]
fn the_hosts_file_comes_first() {
    let text =
        "127.0.0.1 localhost\n::1 Localhost ip6\n10.0.0.1 db # app\nnonsense app\n10.0.0.1\tdb\n";
    let found = |name: &str| in_hosts(text, name);
    assert_eq!(
        found("LOCALHOST"),
        ["127.0.0.1", "::1"].map(|address| address.parse::<IpAddr>().unwrap())
    );
    assert_eq!(found("db.").len(), 1);
    assert_eq!(found("app"), Vec::<IpAddr>::new());
    let mut probe = Peer::serve();
    let mut resolve = |name: &str| {
        probe.ask(&Request::Resolve {
            name: name.into(),
            timeout_ms: 1,
        })
    };
    let Answer::Addresses { addresses: local } = resolve("localhost") else {
        panic!()
    };
    assert!(local.contains(&Ipv4Addr::LOCALHOST.into()), "by /etc/hosts");
    let six = Answer::Addresses {
        addresses: vec!["::1".parse().unwrap()],
    };
    assert_eq!(resolve("[::1]"), six);
    assert_eq!(
        addresses(b"\xff", soon()).unwrap_err().why,
        Unresolved::BadName
    );
    assert!(matches!(resolve("\u{0}\u{ff}"), Answer::NotResolved { .. }));
}
