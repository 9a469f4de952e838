//! `Create` and `Real`.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use crate::client::{Peer, bytes};
use crate::wire::{Answer, Request};

fn create(probe: &mut Peer, folder: impl AsRef<std::path::Path>) -> Answer {
    probe.ask(&Request::Create {
        folder: bytes(folder),
    })
}

#[test]
fn a_file_is_made_and_nothing_is_left_of_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old"), "").unwrap();
    let before = fs::metadata(folder.path()).unwrap();
    let mut probe = Peer::serve();
    assert_eq!(create(&mut probe, folder.path()), Answer::Created);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1);
    let after = fs::metadata(folder.path()).unwrap();
    let modified = |m: &fs::Metadata| (m.mtime(), m.mtime_nsec());
    assert_eq!(modified(&after), modified(&before));
}

#[test]
fn why_none_can_be_made_is_the_kernels_word() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let mut probe = Peer::serve();
    let nowhere = folder.path().join("nowhere");
    assert_eq!(create(&mut probe, nowhere), Answer::Errno { errno: 2 });
    assert_eq!(create(&mut probe, file), Answer::Errno { errno: 20 });
    // Not even root makes files there.
    let refused = create(&mut probe, "/proc");
    assert!(
        matches!(refused, Answer::Errno { errno: 1 | 2 | 13 }),
        "{refused:?}"
    );
}

#[test]
fn a_path_is_told_without_links() {
    let folder = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(folder.path()).unwrap();
    fs::create_dir(root.join("run")).unwrap();
    fs::write(root.join("run/socket"), "").unwrap();
    symlink("run", root.join("var")).unwrap();
    let mut probe = Peer::serve();
    let real = |probe: &mut Peer, path: &str| {
        probe.ask(&Request::Real {
            path: bytes(root.join(path)),
        })
    };
    let there = Answer::Path {
        path: bytes(root.join("run/socket")),
    };
    assert_eq!(real(&mut probe, "var/socket"), there);
    assert_eq!(real(&mut probe, "run/../var/socket"), there);
    assert_eq!(real(&mut probe, "var/none"), Answer::Errno { errno: 2 });
}
