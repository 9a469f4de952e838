//! Bytes that nobody should send, in both directions.

use std::process::Command;

use crate::client::{PROBE, Peer};
use crate::wire::{Answer, MAX_FRAME, ROOM, Request, TooLong, Wire, first_frame, frame};

/// Numbers that look random and are the same each time (xorshift).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, below: u64) -> Vec<u8> {
        (0..self.next() % below)
            .map(|_| self.next().to_le_bytes()[3])
            .collect()
    }
}

#[test]
fn lists_take_no_more_memory_than_there_is_for_them() {
    let list = |count: u32, bytes: usize| {
        let message = [&count.to_le_bytes()[..], &vec![0; bytes]].concat();
        Vec::<Vec<u8>>::decode(&message).map(|list| list.len())
    };
    let refused = |count, bytes| list(count, bytes).unwrap_err().what;
    assert_eq!(refused(u32::MAX, 64), "a list is longer than its message");
    assert_eq!(list(16, 64), Ok(16));
    // Four bytes of the message each, and six times as many in memory.
    let most = ROOM / size_of::<Vec<u8>>();
    let count = u32::try_from(most).unwrap();
    assert_eq!(list(count, most * 4), Ok(most));
    let more = refused(count + 1, (most + 1) * 4);
    assert_eq!(more, "its lists take too much memory");
    assert!((most + 1) * 4 < MAX_FRAME, "no frame is so long");
}

fn samples() -> Vec<Request> {
    let command = crate::wire::Command {
        argv: vec![b"true".to_vec(), b"x".to_vec()],
        env: vec![(b"A".to_vec(), Some(b"1".to_vec())), (b"B".to_vec(), None)],
        cwd: Some(b"/".to_vec()),
        stdin: b"in".to_vec(),
        timeout_ms: 1,
        max_output: 2,
    };
    vec![
        Request::Hello,
        Request::Stat {
            path: b"/x".to_vec(),
            follow: true,
        },
        Request::Walk {
            root: b"/".to_vec(),
            max_depth: 1,
            max_entries: 2,
            same_device: false,
            skip: vec![b"/a".to_vec(), vec![]],
        },
        Request::Run { command },
        Request::Find {
            root: b"/".to_vec(),
            max_depth: 1,
            max_entries: 2,
            same_device: true,
            skip: vec![b"/a".to_vec()],
            ends: vec![(b".d".to_vec(), b"x".to_vec())],
            max_each: 3,
        },
        Request::Digest {
            path: b"/x".to_vec(),
            max: 1,
        },
        Request::MayWrite {
            path: b"/x".to_vec(),
        },
        Request::OtherMayWrite {
            uid: 1,
            gid: 2,
            groups: vec![3, 4],
            paths: vec![b"/x".to_vec()],
        },
        Request::Resolve {
            name: b"a".to_vec(),
            timeout_ms: 1,
        },
    ]
}

#[test]
fn requests_survive_the_journey_and_no_part_of_one_passes_for_one() {
    for request in samples() {
        let bytes = request.encode();
        assert_eq!(Request::decode(&bytes), Ok(request));
        for end in 0..bytes.len() {
            assert!(Request::decode(&bytes[..end]).is_err());
        }
        assert!(Request::decode(&[bytes, vec![0]].concat()).is_err());
    }
}

#[test]
fn any_bytes_decode_to_a_value_or_an_error() {
    let mut noise = Noise(0x5ea_0417);
    for _ in 0..200_000 {
        let mut bytes = noise.bytes(64);
        if let Some(first) = bytes.first_mut() {
            *first %= 40;
        }
        // What is accepted is exactly what would have been sent.
        if let Ok(value) = Request::decode(&bytes) {
            assert_eq!(value.encode(), bytes);
        }
        if let Ok(value) = Answer::decode(&bytes) {
            assert_eq!(value.encode(), bytes);
        }
    }
}

#[test]
fn a_length_in_a_message_takes_no_memory() {
    let mut huge = Request::Stat {
        path: Vec::new(),
        follow: true,
    }
    .encode();
    huge[1..5].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(Request::decode(&huge).is_err());
    // A list of lists, each said to be endless.
    let lists = [&[5][..], &[0xff; 64]].concat();
    assert!(Request::decode(&lists).is_err());
}

#[test]
fn frames_are_bounded() {
    assert_eq!(first_frame(&[1, 0, 0], 10), Ok(None));
    assert_eq!(first_frame(&[2, 0, 0, 0, 7], 10), Ok(None));
    assert_eq!(
        first_frame(&[2, 0, 0, 0, 7, 8, 9], 10),
        Ok(Some(&[7, 8][..]))
    );
    assert_eq!(
        first_frame(&[11, 0, 0, 0], 10),
        Err(TooLong {
            announced: 11,
            limit: 10
        })
    );
    assert_eq!(frame(&vec![0; MAX_FRAME + 1]), None);
}

#[test]
fn nonsense_is_refused_and_the_conversation_goes_on() {
    let mut probe = Peer::serve();
    let mut noise = Noise(77);
    for _ in 0..2000 {
        let mut bytes = noise.bytes(40);
        if let Some(first) = bytes.first_mut() {
            *first |= 0x80;
        }
        probe.send(&frame(&bytes).unwrap());
        assert!(matches!(probe.next(), Some(Answer::Refused { .. })));
    }
    assert!(matches!(probe.ask(&Request::Hello), Answer::Hello { .. }));
}

#[test]
fn a_frame_that_is_too_long_ends_the_conversation_with_a_reason() {
    let mut probe = Peer::serve();
    probe.send(&frame(&Request::Hello.encode()).unwrap());
    probe.send(&[0xff; 4]);
    assert!(matches!(probe.next(), Some(Answer::Hello { .. })));
    let Some(Answer::Refused { text }) = probe.next() else {
        panic!()
    };
    assert!(text.contains("4294967295"), "{text}");
    assert_eq!(probe.next(), None);
    assert_eq!(probe.finish(), Some(1));
}

#[test]
fn an_input_that_ends_early_is_an_error_and_one_that_ends_is_not() {
    let mut probe = Peer::serve();
    probe.send(&[9, 0, 0, 0, 1, 2]);
    assert_eq!(probe.finish(), Some(1));
    assert_eq!(Peer::serve().finish(), Some(0));
}

#[test]
fn a_request_may_come_byte_by_byte() {
    let mut probe = Peer::serve();
    for byte in frame(
        &Request::Stat {
            path: b"/".to_vec(),
            follow: false,
        }
        .encode(),
    )
    .unwrap()
    {
        probe.send(&[byte]);
    }
    assert!(matches!(
        probe.next(),
        Some(Answer::Stat { result: Ok(_), .. })
    ));
}

#[test]
fn nobody_listening_is_no_failure() {
    use std::process::Stdio;
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(PROBE);
    command
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(writer)
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, &frame(&Request::Hello.encode()).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), vec![]));
}

#[test]
fn any_other_argument_gets_the_usage() {
    let wrong: [&[&str]; 6] = [
        &[],
        &["help"],
        &["serve", "x"],
        &["install"],
        &["relay", "a", "b", "c"],
        &["relay", "a", "70000", "1"],
    ];
    for arguments in wrong {
        let output = Command::new(PROBE).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stderr.starts_with(b"usage: probe serve"));
    }
}
