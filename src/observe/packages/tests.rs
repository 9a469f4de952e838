use super::*;
use crate::engine::probe::wire::{Content, Kind as Type, Stat};

fn stat(kind: Type, mode: u16, size: u64) -> Stat {
    Stat {
        mode,
        size,
        ..crate::observe::read::tests::stat(kind)
    }
}

fn file(path: &str, mode: u16, head: Option<&str>) -> wire::Found {
    wire::Found {
        path: path.into(),
        link: None,
        there: Ok(stat(Type::File, mode, 9)),
        content: head.map(|head| {
            Ok(Content {
                data: head.into(),
                truncated: false,
            })
        }),
    }
}

fn finds(found: Vec<wire::Found>, errors: &[(&str, i32)]) -> Told {
    let errors = errors.iter().map(|(at, errno)| ((*at).into(), *errno));
    Told::Finds {
        found,
        truncated: false,
        errors: errors.collect(),
    }
}

/// An image that holds nothing but what stands at these paths.
fn told(things: &[(&str, Told)], folders: &[&str]) -> Vec<Told> {
    let folders: Vec<String> = folders.iter().map(|f| (*f).to_owned()).collect();
    let requests = wanted(&folders).requests;
    let answer = |request: &Request| {
        let (at, none) = match request {
            Request::Read { path, .. } => (path, Told::Errno { errno: 2 }),
            Request::Stat { path, .. } => {
                let (chain, result) = (Vec::new(), Err(2));
                (path, Told::Stat { chain, result })
            }
            Request::Find { root, .. } => (root, finds(Vec::new(), &[])),
            other => panic!("{other:?}"),
        };
        let known = things
            .iter()
            .find(|(path, _)| path.as_bytes() == at.as_slice());
        known.map_or(none, |(_, told)| told.clone())
    };
    requests.iter().map(answer).collect()
}

fn packages(things: &[(&str, Told)], folders: &[&str]) -> Packages {
    match fact(told(things, folders)) {
        Answer::Seen(Fact::Packages(seen)) => *seen,
        other => panic!("{other:?}"),
    }
}

fn bytes(text: &str) -> Told {
    Told::Bytes {
        data: text.into(),
        size: text.len() as u64,
        truncated: false,
    }
}

fn there(size: u64, kind: Type) -> Told {
    Told::Stat {
        chain: Vec::new(),
        result: Ok(stat(kind, 0o644, size)),
    }
}

#[test]
fn an_empty_image_holds_nothing_and_that_is_known() {
    let seen = packages(&[], &["/bin"]);
    assert_eq!(seen, Packages::default());
}

#[test]
fn each_kind_is_found_where_it_is() {
    let piece = "Package: libssl3\nVersion: 3\n";
    let seen = packages(
        &[
            (
                "/var/lib/dpkg/status",
                bytes("Package: gcc\nStatus: install ok installed\nVersion: 12\n"),
            ),
            ("/var/lib/dpkg/info", there(0, Type::Directory)),
            ("/lib/apk/db/installed", bytes("P:musl\nV:1\n")),
            ("/usr/lib/apk/db/installed", bytes("P:musl\nV:1\n")),
            ("/var/lib/rpm/rpmdb.sqlite-wal", there(0, Type::File)),
            (
                PIECES,
                finds(
                    vec![
                        file("/d/libssl3", 0o644, Some(piece)),
                        file("/d/libssl3.md5sums", 0o644, Some("d41d8 x")),
                    ],
                    &[],
                ),
            ),
            (
                "/",
                finds(
                    vec![file(
                        "/v/a-1.dist-info/METADATA",
                        0o644,
                        Some("Name: A\nVersion: 1\n"),
                    )],
                    &[],
                ),
            ),
            (
                "/bin",
                finds(
                    vec![
                        wire::Found {
                            there: Err(2),
                            ..file("/bin/dead", 0o755, None)
                        },
                        wire::Found {
                            there: Ok(stat(Type::Directory, 0o755, 0)),
                            ..file("/bin", 0o755, None)
                        },
                        file("/bin/sh", 0o755, None),
                        file("/bin/data", 0o644, None),
                    ],
                    &[],
                ),
            ),
            ("/none", finds(vec![], &[("/none", 2)])),
        ],
        &["/bin", "/none"],
    );
    let all: Vec<String> = seen
        .all
        .iter()
        .map(|p| format!("{}: {}", p.name, p.shown()))
        .collect();
    assert_eq!(
        all,
        [
            "A: Python 1 in /v/a-1.dist-info",
            "gcc: dpkg 12",
            "libssl3: dpkg 3",
            "musl: apk 1",
            "sh: command /bin/sh",
        ]
    );
    assert_eq!(seen.unread, [""; 0]);
}

#[test]
fn what_may_hold_more_is_told() {
    for (at, answer, said) in [
        (
            "/var/lib/dpkg/status",
            bytes("\0\0"),
            "entry 1 names no package",
        ),
        (
            "/var/lib/dpkg/status",
            Told::Errno { errno: 13 },
            "cannot read /var/lib/dpkg/status: Permission denied",
        ),
        (
            "/lib/apk/db/installed",
            Told::Bytes {
                data: b"P:a\n".to_vec(),
                size: 99,
                truncated: true,
            },
            "holds 99 bytes, more than are read",
        ),
        (
            "/var/lib/rpm/rpmdb.sqlite",
            bytes("no"),
            "/var/lib/rpm/rpmdb.sqlite is no SQLite file",
        ),
        (
            "/var/lib/rpm/rpmdb.sqlite-wal",
            there(32, Type::File),
            "changes that were not merged",
        ),
        (
            "/var/lib/rpm/Packages",
            there(32, Type::File),
            "rpm's database as Berkeley DB",
        ),
        (
            "/var/lib/rpm/Packages.db",
            there(32, Type::File),
            "rpm's database as ndb",
        ),
        (
            "/var/lib/pacman/local",
            there(0, Type::Directory),
            "a database of pacman",
        ),
        (
            "/var/lib/dpkg/info",
            there(0, Type::Directory),
            "the list of packages beside it is not",
        ),
        (
            PIECES,
            finds(vec![], &[(PIECES, 13)]),
            "/var/lib/dpkg/status.d could not be looked into",
        ),
        (
            "/",
            finds(vec![], &[("/srv", 13)]),
            "/srv could not be looked into: Permission denied",
        ),
        (
            "/bin",
            finds(vec![], &[("/bin", 13)]),
            "/bin could not be looked into",
        ),
        (
            "/bin",
            Told::Refused {
                text: "too much".to_owned(),
            },
            "programs could not be looked for: too much",
        ),
        (
            "/",
            Told::Finds {
                found: vec![],
                truncated: true,
                errors: vec![],
            },
            "Python packages were looked for among the first 400000 files only",
        ),
    ] {
        let seen = packages(&[(at, answer)], &["/bin"]);
        assert_eq!(seen.unread.len(), 1, "{at}: {:?}", seen.unread);
        assert!(seen.unread[0].contains(said), "{at}: {:?}", seen.unread);
    }
}

#[test]
fn a_list_of_dpkg_that_was_emptied_proves_nothing() {
    let info = ("/var/lib/dpkg/info", there(0, Type::Directory));
    let status = || ("/var/lib/dpkg/status", bytes(""));
    let seen = packages(&[status(), info], &["/bin"]);
    assert!(seen.unread[0].ends_with("or is empty"), "{seen:?}");
    // Where dpkg never was, there is nothing to miss.
    assert_eq!(packages(&[status()], &["/bin"]).unread, [""; 0]);
}

#[test]
fn answers_that_are_missing_are_no_absence() {
    let all = told(&[], &["/bin"]);
    for count in 0..all.len() - 1 {
        match fact(all[..count].to_vec()) {
            Answer::Unseen(_) => {}
            Answer::Seen(Fact::Packages(seen)) => assert!(!seen.unread.is_empty(), "{count}"),
            other => panic!("{other:?}"),
        }
    }
}
