//! `Hello`, `Stat` and `Read`.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::client::{PROBE, Peer, bytes};
use crate::wire::{Answer, Kind, Request, WIRE_VERSION, fnv1a};

fn stat(probe: &mut Peer, path: impl AsRef<Path>, follow: bool) -> Answer {
    probe.ask(&Request::Stat {
        path: bytes(path),
        follow,
    })
}

fn read(probe: &mut Peer, path: impl AsRef<Path>, from: u64, max: u64) -> Answer {
    probe.ask(&Request::Read {
        path: bytes(path),
        from,
        max,
    })
}

fn fifo(at: &Path) {
    assert!(Command::new("mkfifo").arg(at).status().unwrap().success());
}

#[test]
fn says_who_it_is() {
    let mut probe = Peer::serve();
    let program = fs::read(PROBE).unwrap();
    let seen = fs::metadata(format!("/proc/{}", probe.child.id())).unwrap();
    let expected = Answer::Hello {
        wire_version: WIRE_VERSION,
        exe_len: program.len() as u64,
        exe_hash: fnv1a(&program),
        uid: seen.uid(),
        gid: seen.gid(),
        pid: probe.child.id(),
    };
    assert_eq!(probe.ask(&Request::Hello), expected);
    assert_eq!(probe.finish(), Some(0));
}

#[test]
fn looks_at_files_of_every_kind() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "12345").unwrap();
    fs::set_permissions(at("file"), Permissions::from_mode(0o4751)).unwrap();
    fifo(&at("pipe"));
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    symlink("file", at("link")).unwrap();
    let mut probe = Peer::serve();
    let Answer::Stat {
        chain,
        result: Ok(found),
    } = stat(&mut probe, at("file"), false)
    else {
        panic!()
    };
    let known = fs::metadata(at("file")).unwrap();
    assert_eq!(
        (found.kind, found.mode, found.size),
        (Kind::File, 0o4751, 5)
    );
    assert_eq!(
        (found.uid, found.gid, found.nlink),
        (known.uid(), known.gid(), 1)
    );
    assert_eq!(
        (found.dev, found.ino, found.mtime_secs),
        (known.dev(), known.ino(), known.mtime())
    );
    assert_eq!((chain, found.target), (vec![], None));
    let kinds = [
        ("pipe", Kind::Fifo),
        ("socket", Kind::Socket),
        ("link", Kind::Link),
        (".", Kind::Directory),
    ];
    for (name, kind) in kinds {
        let Answer::Stat {
            result: Ok(found), ..
        } = stat(&mut probe, at(name), false)
        else {
            panic!()
        };
        assert_eq!(found.kind, kind, "{name}");
        assert_eq!(found.target.is_some(), name == "link");
    }
    let Answer::Stat {
        result: Ok(found), ..
    } = stat(&mut probe, "/dev/null", false)
    else {
        panic!()
    };
    assert_eq!(found.kind, Kind::CharDevice);
    for (path, errno) in [
        ("/no/such", 2),
        ("/dev/null/below", 20),
        ("", 2),
        ("/nul\0inside", 22),
    ] {
        let expected = Answer::Stat {
            chain: vec![],
            result: Err(errno),
        };
        assert_eq!(stat(&mut probe, path, false), expected, "{path:?}");
        assert_eq!(stat(&mut probe, path, true), expected, "{path:?}");
    }
}

#[test]
fn follows_links_and_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::create_dir_all(root.join("x/y")).unwrap();
    fs::write(root.join("x/file"), "1").unwrap();
    symlink("x/y", root.join("short")).unwrap();
    symlink("short/../file", root.join("a")).unwrap();
    symlink("a", root.join("b")).unwrap();
    symlink("gone", root.join("dangling")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    let mut probe = Peer::serve();
    let Answer::Stat { chain, result } = stat(&mut probe, root.join("b"), true) else {
        panic!()
    };
    assert_eq!(chain, [bytes(root.join("a")), bytes(root.join("x/file"))]);
    assert_eq!(result.unwrap().kind, Kind::File);
    let Answer::Stat { chain, result } = stat(&mut probe, root.join("dangling"), true) else {
        panic!()
    };
    assert_eq!((chain, result), (vec![bytes(root.join("gone"))], Err(2)));
    let Answer::Stat { result, .. } = stat(&mut probe, root.join("loop"), true) else {
        panic!()
    };
    assert_eq!(result, Err(40));
    // Where this leads is no path, and there it is all the same.
    let Answer::Stat { chain, result } = stat(&mut probe, "/proc/self/fd/0", true) else {
        panic!()
    };
    assert_eq!((chain.len(), result.unwrap().kind), (1, Kind::Fifo));
}

#[test]
fn reads_regular_files_only_and_never_waits() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "0123456789").unwrap();
    fifo(&at("pipe"));
    symlink("pipe", at("to-pipe")).unwrap();
    let mut probe = Peer::serve();
    let part = |data: &[u8], truncated| Answer::Bytes {
        data: data.to_vec(),
        size: 10,
        truncated,
    };
    assert_eq!(
        read(&mut probe, at("file"), 0, 10),
        part(b"0123456789", false)
    );
    assert_eq!(read(&mut probe, at("file"), 0, 9), part(b"012345678", true));
    assert_eq!(read(&mut probe, at("file"), 4, 2), part(b"45", true));
    assert_eq!(read(&mut probe, at("file"), 99, 2), part(b"", false));
    assert_eq!(
        read(&mut probe, at("file"), u64::MAX, u64::MAX),
        Answer::Errno { errno: 22 }
    );
    assert_eq!(
        read(&mut probe, at("pipe"), 0, 9),
        Answer::NotRegular { kind: Kind::Fifo }
    );
    assert_eq!(
        read(&mut probe, at("to-pipe"), 0, 9),
        Answer::NotRegular { kind: Kind::Fifo }
    );
    assert_eq!(
        read(&mut probe, "/dev/zero", 0, 9),
        Answer::NotRegular {
            kind: Kind::CharDevice
        }
    );
    assert_eq!(read(&mut probe, at("."), 0, 9), Answer::Errno { errno: 21 });
    assert_eq!(
        read(&mut probe, at("none"), 0, 9),
        Answer::Errno { errno: 2 }
    );
    let Answer::Bytes {
        data,
        size,
        truncated,
    } = read(&mut probe, "/proc/self/status", 0, 1 << 16)
    else {
        panic!()
    };
    assert!(data.starts_with(b"Name:\tprobe\n"));
    assert_eq!((size, truncated), (0, false));
}

#[test]
fn an_enormous_file_is_cut_to_what_one_answer_carries() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("sparse");
    fs::File::create(&at).unwrap().set_len(1 << 40).unwrap();
    let mut probe = Peer::serve();
    let Answer::Bytes {
        data,
        size,
        truncated,
    } = read(&mut probe, &at, 0, u64::MAX)
    else {
        panic!()
    };
    assert_eq!(
        (data.len(), size, truncated),
        (crate::wire::MAX_CONTENT, 1 << 40, true)
    );
}

#[test]
fn a_digest_is_that_of_the_whole_file_within_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut probe = Peer::serve();
    let mut digest = |name: &str, max| {
        let path = bytes(at(name));
        probe.ask(&Request::Digest { path, max })
    };
    // Lengths around those at which the padding takes another block.
    for length in [0_usize, 1, 55, 56, 57, 63, 64, 65, 65_536, 65_537, 200_000] {
        let content: Vec<u8> = (0..length)
            .map(|i| (i * 7 + length).to_le_bytes()[0])
            .collect();
        fs::write(at("file"), &content).unwrap();
        let output = Command::new("sha256sum").arg(at("file")).output().unwrap();
        let known = String::from_utf8(output.stdout).unwrap();
        let Answer::Digest { sha256, size } = digest("file", 200_000) else {
            panic!()
        };
        let hex: String = sha256.unwrap().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!((&known[..64], length as u64), (hex.as_str(), size));
    }
    let large = fs::File::create(at("large")).unwrap();
    large.set_len(5 << 30).unwrap();
    let too_large = Answer::Digest {
        sha256: None,
        size: 5 << 30,
    };
    assert_eq!(digest("large", 1 << 30), too_large);
    fifo(&at("pipe"));
    let pipe = Answer::NotRegular { kind: Kind::Fifo };
    assert_eq!(digest("pipe", 9), pipe);
    assert_eq!(digest("none", 9), Answer::Errno { errno: 2 });
}

#[test]
fn the_kernel_says_whether_it_may_write() {
    let mut probe = Peer::serve();
    let mut may = |path: &str| probe.ask(&Request::MayWrite { path: path.into() });
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    fifo(&pipe);
    // A pipe that nobody reads would be waited for by whoever opens it.
    for path in [folder.path(), &pipe] {
        let path = path.to_str().unwrap();
        assert_eq!(may(path), Answer::MayWrite { errno: 0 }, "{path}");
    }
    for (path, errno) in [("/no/such", 2), ("/nul\0inside", 22), ("/dev/null/x", 20)] {
        assert_eq!(may(path), Answer::MayWrite { errno }, "{path:?}");
    }
}
