//! `Sift` and `Search`.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use crate::client::Peer;
use crate::wire::{Answer, Find, Held, Request, Searching};

fn searching(needles: &[&str], names: &[&str]) -> Searching {
    let bytes =
        |words: &[&str]| -> Vec<Vec<u8>> { words.iter().map(|w| w.as_bytes().to_vec()).collect() };
    Searching {
        needles: bytes(needles),
        pass: vec![b".pass".to_vec()],
        names: bytes(names),
        packages: bytes(&["/site-packages/", "/lib/perl"]),
        leave: bytes(&["tests", "doc"]),
        max_size: 8 << 20,
        max_each: 100,
        max_held: 16,
        before: 4,
        after: 6,
    }
}

type Found = (Vec<Held>, Vec<Find>, Vec<Vec<u8>>, Vec<(Vec<u8>, i32)>);

fn search(probe: &mut Peer, root: &str, searching: Searching) -> Found {
    let answer = probe.ask(&Request::Search {
        root: root.into(),
        skip: vec![format!("{root}/skipped").into_bytes()],
        searching,
    });
    let Answer::Searched {
        held,
        mut finds,
        cut,
        truncated: false,
        errors,
        ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    finds.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    (held, finds, cut, errors)
}

#[test]
fn words_are_found_with_what_stands_around_them() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    fs::create_dir_all(folder.path().join("skipped")).unwrap();
    fs::create_dir_all(folder.path().join("deep/er")).unwrap();
    fs::write(folder.path().join("skipped/a"), "needle").unwrap();
    fs::write(folder.path().join("deep/er/b"), "one\ntwo needle three\n").unwrap();
    fs::write(folder.path().join("c.pass"), "needle").unwrap();
    fs::write(folder.path().join("c"), "pinpin at the end: pin").unwrap();
    fs::write(
        folder.path().join(".env.local"),
        "A=1\nB=2\nC=3\nD=4\nE=5\n",
    )
    .unwrap();
    fs::write(folder.path().join("deep/.npmrc"), "x").unwrap();
    symlink("/etc/passwd", folder.path().join("link")).unwrap();
    let mut probe = Peer::serve();
    let asked = searching(&["needle", "pin"], &["/.npmrc", ".env*"]);
    let (mut held, finds, cut, errors) = search(&mut probe, root, asked);
    let told: Vec<(String, u32, u64, String)> = finds
        .iter()
        .map(|find| {
            let path = String::from_utf8(find.path.clone()).unwrap();
            let text = String::from_utf8(find.text.clone()).unwrap();
            (path.replacen(root, "", 1), find.needle, find.line, text)
        })
        .collect();
    let find = |path: &str, needle, line, text: &str| (path.to_owned(), needle, line, text.into());
    assert_eq!(
        told,
        [
            find("/c", 1, 1, "pinpin at"),
            find("/c", 1, 1, "pinpin at th"),
            find("/c", 1, 1, "nd: pin"),
            find("/deep/er/b", 0, 2, "two needle three"),
        ]
    );
    held.sort_by(|a, b| a.path.cmp(&b.path));
    let texts: Vec<(&[u8], u64, bool)> = held
        .iter()
        .map(|h| (h.content.data.as_slice(), h.size, h.content.truncated))
        .collect();
    assert_eq!(
        texts,
        [(&b"A=1\nB=2\nC=3\nD=4\n"[..], 20, true), (b"x", 1, false)]
    );
    assert_eq!((cut, errors), (vec![], vec![]));
}

#[test]
fn a_word_is_found_wherever_it_lies_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    // Around the places where one reading ends and the next begins.
    for at in [
        0,
        1,
        (256 << 10) - 9,
        (256 << 10) - 5,
        256 << 10,
        (512 << 10) - 20,
    ] {
        let mut text = vec![b'.'; 600 << 10];
        text[10] = b'\n';
        text[at..at + 9].copy_from_slice(b"haystacks");
        fs::write(folder.path().join("file"), &text).unwrap();
        let mut probe = Peer::serve();
        let asked = searching(&["haystacks", "stacks", "absent"], &[]);
        let (_, finds, ..) = search(&mut probe, root, asked);
        let lines: Vec<(u32, u64)> = finds.iter().map(|f| (f.needle, f.line)).collect();
        let line = if at > 10 { 2 } else { 1 };
        assert_eq!(lines, [(0, line), (1, line)], "{at}");
    }
}

#[test]
fn of_packages_examples_and_what_is_compiled_from_a_source_beside_it_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let searched = [
        "app/__pycache__/own.cpython-311.pyc",
        "app/own.py",
        "app/tests/a",
        "lib/perl5/b",
        "site-packages/p/__pycache__/.cpython-311.pyc",
        "site-packages/p/__pycache__/alone.cpython-311.pyc",
        "site-packages/p/__pycache__/folder.cpython-311.pyc",
        "site-packages/p/__pycache__/odd.pyc",
        "site-packages/p/odd.py",
        "site-packages/p/source.py",
        "site-packages/testing/c",
    ];
    let left = [
        "lib/perl5/doc/d",
        "site-packages/p/__pycache__/source.cpython-311.opt-1.pyc",
        "site-packages/p/__pycache__/source.cpython-311.pyc",
        "site-packages/p/_tests/deep/e",
        "site-packages/tests/f",
    ];
    for name in searched.iter().chain(&left) {
        let at = folder.path().join(name);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, "needle").unwrap();
    }
    fs::create_dir(folder.path().join("site-packages/p/folder.py")).unwrap();
    let mut probe = Peer::serve();
    let (_, finds, ..) = search(&mut probe, root, searching(&["needle"], &[]));
    let mut met: Vec<&str> = finds
        .iter()
        .map(|find| std::str::from_utf8(&find.path).unwrap())
        .map(|path| path.strip_prefix(root).unwrap().trim_start_matches('/'))
        .collect();
    met.sort_unstable();
    assert_eq!(met, searched);
}

#[test]
fn what_is_too_much_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    fs::write(folder.path().join("many"), "needle ".repeat(200)).unwrap();
    fs::write(folder.path().join("long"), vec![b' '; 9 << 20]).unwrap();
    let mut probe = Peer::serve();
    let (_, finds, mut cut, _) = search(&mut probe, root, searching(&["needle"], &[]));
    cut.sort();
    assert_eq!(finds.len(), 100);
    assert_eq!(cut.len(), 2);
    let short = probe.ask(&Request::Search {
        root: root.into(),
        skip: Vec::new(),
        searching: searching(&["x"], &[]),
    });
    assert!(matches!(short, Answer::Refused { .. }), "{short:?}");
    let (_, _, _, errors) = search(
        &mut probe,
        &format!("{root}/nothing"),
        searching(&["ab"], &[]),
    );
    assert_eq!(errors, []);
}

#[test]
fn a_pipe_and_a_device_hold_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    symlink("/dev/zero", folder.path().join("zero")).unwrap();
    let mut probe = Peer::serve();
    let asked = searching(&["needle"], &["pipe", "zero"]);
    assert_eq!(
        search(&mut probe, root, asked),
        (vec![], vec![], vec![], vec![])
    );
}

#[test]
fn files_are_picked_by_bits_and_attributes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    for (name, mode) in [("plain", 0o755), ("deep/user", 0o4711), ("group", 0o2755)] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    }
    fs::set_permissions(folder.path().join("deep"), Permissions::from_mode(0o2755)).unwrap();
    symlink("/usr/bin/su", folder.path().join("link")).unwrap();
    let mut probe = Peer::serve();
    let answer = probe.ask(&Request::Sift {
        root: root.into(),
        skip: Vec::new(),
        mode: 0o6000,
        attributes: vec![b"security.capability".to_vec()],
    });
    let Answer::Sifted {
        mut files,
        looked,
        truncated,
        errors,
    } = answer
    else {
        panic!("{answer:?}")
    };
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let modes: Vec<u16> = files.iter().map(|f| f.stat.mode).collect();
    assert_eq!(modes, [0o4711, 0o2755]);
    assert_eq!((looked, truncated, errors), (3, false, vec![]));
}
