//! `Walk` and `Processes`.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::client::{Peer, bytes};
use crate::wire::{Answer, Entry, Request};

struct Walk {
    depth: u32,
    entries: u32,
    same_device: bool,
    skip: Vec<Vec<u8>>,
}

const WHOLE: Walk = Walk {
    depth: 99,
    entries: 9999,
    same_device: true,
    skip: Vec::new(),
};

type Found = (Vec<Entry>, bool, Vec<(Vec<u8>, i32)>);

fn walk(probe: &mut Peer, root: &str, walk: Walk) -> Found {
    let answer = probe.ask(&Request::Walk {
        root: root.into(),
        max_depth: walk.depth,
        max_entries: walk.entries,
        same_device: walk.same_device,
        skip: walk.skip,
    });
    let Answer::Entries {
        entries,
        truncated,
        errors,
    } = answer
    else {
        panic!("{answer:?}")
    };
    (entries, truncated, errors)
}

#[test]
fn walks_in_order_and_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    for name in ["b/2", "b/1/deep", "a"] {
        fs::create_dir_all(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("b.txt"), "").unwrap();
    symlink("b", folder.path().join("link")).unwrap();
    let names = |entries: &[Entry]| -> Vec<String> {
        let name = |entry: &Entry| {
            String::from_utf8(entry.path.clone())
                .unwrap()
                .replacen(root, "", 1)
        };
        entries.iter().map(name).collect()
    };
    let mut probe = Peer::serve();
    let (all, truncated, errors) = walk(&mut probe, root, WHOLE);
    assert_eq!(
        names(&all),
        [
            "",
            "/a",
            "/b",
            "/b/1",
            "/b/1/deep",
            "/b/2",
            "/b.txt",
            "/link"
        ]
    );
    assert_eq!((truncated, errors), (false, vec![]));
    assert_eq!(all[7].stat.target.as_deref(), Some(&b"b"[..]));
    let (some, truncated, _) = walk(&mut probe, root, Walk { depth: 1, ..WHOLE });
    assert_eq!((names(&some).len(), truncated), (5, false));
    let skip = vec![bytes(folder.path().join("b"))];
    let (some, ..) = walk(&mut probe, root, Walk { skip, ..WHOLE });
    assert_eq!(names(&some), ["", "/a", "/b", "/b.txt", "/link"]);
    let behind = folder.path().join("link");
    let (some, ..) = walk(&mut probe, behind.to_str().unwrap(), WHOLE);
    assert!(
        some.len() > 1,
        "a root that is a link is followed: {some:?}"
    );
    for entries in 0..8 {
        let (some, truncated, _) = walk(&mut probe, root, Walk { entries, ..WHOLE });
        assert_eq!((some.len(), truncated), (entries as usize, true));
    }
    let (some, truncated, _) = walk(
        &mut probe,
        root,
        Walk {
            entries: 8,
            ..WHOLE
        },
    );
    assert_eq!((some.len(), truncated), (8, false));
    let (none, _, errors) = walk(&mut probe, "/no/such", WHOLE);
    assert_eq!((none, errors), (vec![], vec![(b"/no/such".to_vec(), 2)]));
}

#[test]
fn walks_stay_on_one_file_system_when_told() {
    let mut probe = Peer::serve();
    let bounds = |same_device| Walk {
        depth: 2,
        same_device,
        ..WHOLE
    };
    let below = |entries: &[Entry]| {
        entries
            .iter()
            .any(|entry| entry.path.starts_with(b"/dev/pts/"))
    };
    let (within, ..) = walk(&mut probe, "/dev", bounds(true));
    let (across, ..) = walk(&mut probe, "/dev", bounds(false));
    assert!(
        within.iter().any(|entry| entry.path == b"/dev/pts"),
        "the mount point itself is listed"
    );
    assert!(!below(&within) && below(&across));
}

#[test]
fn reads_every_process_and_knows_itself() {
    let mut sleeper = Command::new("sleep")
        .arg("300")
        .env("MARK", "here")
        .spawn()
        .unwrap();
    let mut probe = Peer::serve();
    let files = ["cmdline", "environ", "no-such"]
        .map(|name| name.as_bytes().to_vec())
        .to_vec();
    let links = ["exe", "ns/net"]
        .map(|name| name.as_bytes().to_vec())
        .to_vec();
    let answer = probe.ask(&Request::Processes {
        files,
        links,
        max_each: 7,
    });
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    let Answer::Processes {
        own,
        processes,
        truncated,
    } = answer
    else {
        panic!()
    };
    assert_eq!((own, truncated), (probe.child.id(), false));
    assert!(processes.is_sorted_by_key(|process| process.pid));
    assert!(processes.iter().any(|process| process.pid == own));
    let found = processes
        .iter()
        .find(|process| process.pid == sleeper.id())
        .unwrap();
    let command = found.files[0].as_ref().unwrap();
    assert_eq!(
        (command.data.as_slice(), command.truncated),
        (&b"sleep\x003"[..], true)
    );
    assert_eq!(found.files[2], Err(2));
    assert!(found.links[0].as_ref().unwrap().ends_with(b"sleep"));
    assert!(found.links[1].as_ref().unwrap().starts_with(b"net:["));
}

#[test]
fn finds_files_by_how_they_are_called_and_reads_their_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap().to_owned();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("lib/six.dist-info")).unwrap();
    fs::create_dir_all(at("skipped/seven.dist-info")).unwrap();
    fs::write(at("lib/six.dist-info/METADATA"), "Name: six").unwrap();
    fs::write(at("skipped/seven.dist-info/METADATA"), "Name: seven").unwrap();
    fs::write(at("lib/METADATA"), "no").unwrap();
    symlink("METADATA", at("lib/six.dist-info/xMETADATA")).unwrap();
    symlink("gone", at("lib/dead.egg-info")).unwrap();
    let mut probe = Peer::serve();
    let mut find = |max_entries, max_each| {
        let answer = probe.ask(&Request::Find {
            root: root.clone().into(),
            max_depth: 9,
            max_entries,
            same_device: true,
            skip: vec![format!("{root}/skipped").into()],
            ends: vec![
                (b".dist-info".to_vec(), b"METADATA".to_vec()),
                (vec![], b".egg-info".to_vec()),
            ],
            max_each,
        });
        let Answer::Finds {
            found,
            truncated,
            errors,
        } = answer
        else {
            panic!("{answer:?}")
        };
        assert_eq!(errors, []);
        let found: Vec<_> = found
            .into_iter()
            .map(|f| {
                let path = String::from_utf8(f.path).unwrap().replacen(&root, "", 1);
                let content = f
                    .content
                    .map(|c| String::from_utf8(c.unwrap().data).unwrap());
                (path, f.link.is_some(), f.there.err(), content)
            })
            .collect();
        (found, truncated)
    };
    let row = |path: &str, link, errno, content: Option<&str>| {
        (path.to_owned(), link, errno, content.map(str::to_owned))
    };
    let expected = vec![
        row("/lib/dead.egg-info", true, Some(2), None),
        row("/lib/six.dist-info/METADATA", false, None, Some("Name")),
        row("/lib/six.dist-info/xMETADATA", true, None, Some("Name")),
    ];
    assert_eq!(find(99, 4), (expected, false));
    let (few, cut) = find(3, 0);
    assert_eq!((few.len(), cut), (0, true));
}
