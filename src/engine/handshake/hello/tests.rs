//! What servers answer, and bytes that no server should.

use super::*;

/// What a server answers that goes on in a version.
fn server(version: u16, extension: Option<u16>) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend([7; 32]);
    body.extend(part(1, &[1; 32]));
    body.extend([0x13, 0x01, 0]);
    if let Some(chosen) = extension {
        let mut all = vec![0, 43];
        all.extend(part(2, &chosen.to_be_bytes()));
        body.extend(part(2, &all));
    }
    let mut message = vec![2];
    message.extend(part(3, &body));
    message
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut all = vec![kind, 3, 3];
    all.extend(part(2, body));
    all
}

#[test]
fn what_a_server_answers_is_told_apart() {
    let refused = |text: &str| Some(Reply::Refused(text.to_owned()));
    for (asked, bytes, said) in [
        (
            Version::Tls10,
            record(22, &server(0x301, None)),
            Some(Reply::Accepted),
        ),
        (
            Version::Tls12,
            record(22, &server(0x303, None)),
            Some(Reply::Accepted),
        ),
        (
            Version::Tls13,
            record(22, &server(0x303, Some(0x304))),
            Some(Reply::Accepted),
        ),
        (
            Version::Tls13,
            record(22, &server(0x303, None)),
            refused("it answers in TLSv1.2"),
        ),
        (
            Version::Tls12,
            record(22, &server(0x301, None)),
            refused("it answers in TLSv1.0"),
        ),
        (
            Version::Tls10,
            record(21, &[2, 70]),
            refused("protocol version"),
        ),
        (Version::Tls10, record(21, &[2, 3]), refused("alert 3")),
        (
            Version::Tls10,
            b"HTTP/1.1 400 Bad Request\r\n".to_vec(),
            Some(stranger()),
        ),
        (Version::Tls10, b"S".to_vec(), Some(stranger())),
        (Version::Tls10, record(22, &[11, 0, 0, 1]), Some(stranger())),
        (Version::Tls10, Vec::new(), None),
    ] {
        assert_eq!(reply(asked, &bytes), said, "{bytes:?}");
    }
    let unknown = reply(Version::Tls12, &record(21, &[2, 112]));
    assert!(matches!(unknown, Some(Reply::Unknown(_))));
}

#[test]
fn an_answer_may_come_in_pieces_of_any_size() {
    let whole = server(0x303, Some(0x304));
    let (first, second) = whole.split_at(17);
    let mut bytes = record(22, first);
    bytes.extend(record(22, second));
    for end in 0..bytes.len() {
        assert_eq!(reply(Version::Tls13, &bytes[..end]), None, "{end}");
    }
    assert_eq!(reply(Version::Tls13, &bytes), Some(Reply::Accepted));
}

#[test]
fn any_bytes_are_answered_without_harm() {
    let bytes = record(22, &server(0x303, Some(0x304)));
    for at in 0..bytes.len() {
        for byte in [0, 1, 2, 20, 43, 127, 255] {
            let mut changed = bytes.clone();
            changed[at] = byte;
            let _ = reply(Version::Tls13, &changed);
        }
    }
}

#[test]
fn lengths_of_a_hello_fit() {
    for version in Version::ALL {
        let bytes = client(version, "app", [1; 64]);
        let mut record = Cursor(&bytes);
        assert_eq!(record.number(1), Some(22));
        record.take(2).unwrap();
        let length = record.number(2).unwrap();
        assert_eq!(record.0.len(), length);
        assert_eq!(record.number(1), Some(1));
        let length = record.number(3).unwrap();
        assert_eq!(record.0.len(), length);
        let named = bytes.windows(3).any(|part| part == b"app");
        assert_eq!(named, version > Version::Ssl3);
    }
    let bytes = client(Version::Tls12, "10.0.0.1", [1; 64]);
    assert!(!bytes.windows(8).any(|part| part == b"10.0.0.1"));
}
