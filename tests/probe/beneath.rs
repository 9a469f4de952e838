//! `SearchBeneath`: what a layer holds that is not seen through those above it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::client::Peer;
use crate::wire::{Answer, Request, Searching};

/// Folders, each with files that hold a word, with `->` in their names links, and with `=` at their ends pipes, for what
/// is no file and no folder, as marks of what is taken away are.
fn lay(root: &Path, layers: &[(&str, &[&str])]) {
    for (layer, files) in layers {
        fs::create_dir_all(root.join(layer)).unwrap();
        for file in *files {
            let (at, target) = file
                .split_once("->")
                .map_or((*file, None), |(at, target)| (at, Some(target)));
            let at = root.join(layer).join(at.trim_end_matches('='));
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            if file.ends_with('=') {
                let made = Command::new("mkfifo").arg(at).status().unwrap();
                assert!(made.success());
                continue;
            }
            match target {
                Some(target) => symlink(target, at).unwrap(),
                None => fs::write(at, "a needle").unwrap(),
            }
        }
    }
}

/// The files of a layer that are searched, in order, and whether all could be read.
fn found(root: &Path, layer: &str, above: &[&str]) -> Vec<String> {
    let whole = |name: &str| root.join(name).to_str().unwrap().as_bytes().to_vec();
    let answer = Peer::serve().ask(&Request::SearchBeneath {
        layer: whole(layer),
        seen: whole("seen"),
        above: above.iter().map(|name| whole(name)).collect(),
        covered: vec![b"/etc/hosts".to_vec()],
        skip: vec![whole(&format!("{layer}/skipped"))],
        searching: Searching {
            needles: vec![b"needle".to_vec()],
            pass: Vec::new(),
            names: Vec::new(),
            packages: vec![b"/site-packages/".to_vec()],
            leave: vec![b"tests".to_vec()],
            max_size: 1 << 20,
            max_each: 9,
            max_held: 16,
            before: 0,
            after: 0,
        },
    });
    let Answer::Searched {
        finds,
        truncated: false,
        errors,
        ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    assert_eq!(errors, []);
    let paths = finds.into_iter().map(|find| {
        let path = String::from_utf8(find.path).unwrap();
        let start = root.join(layer);
        path.replacen(start.to_str().unwrap(), "", 1)
    });
    let mut paths: Vec<String> = paths.collect();
    paths.sort();
    paths
}

#[test]
fn what_is_gone_or_covered_is_searched_and_what_is_seen_is_not() {
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[
            (
                "one",
                &[
                    "kept",
                    "gone",
                    "anew",
                    "only/here",
                    "both/kept",
                    "both/gone",
                    "both/deep/gone",
                    "emptied/old",
                    "emptied/under/old",
                    "file/was/folder",
                    "link/was/folder",
                    "skipped/gone",
                ],
            ),
            (
                "two",
                &[
                    "anew",
                    "both/other",
                    "emptied/new",
                    "file",
                    "link->/both",
                    "late",
                ],
            ),
            (
                "seen",
                &[
                    "kept",
                    "anew",
                    "only/here",
                    "both/kept",
                    "both/other",
                    "emptied/new",
                    "file",
                    "link->/both",
                    "late",
                ],
            ),
        ],
    );
    assert_eq!(
        found(folder.path(), "one", &["two"]),
        [
            "/anew",
            "/both/deep/gone",
            "/both/gone",
            "/emptied/old",
            "/emptied/under/old",
            "/file/was/folder",
            "/gone",
            "/link/was/folder",
        ]
    );
    // All of the last one is seen.
    assert_eq!(found(folder.path(), "two", &[]), [""; 0]);
}

#[test]
fn what_two_layers_wrote_and_a_third_took_away_is_searched_in_both() {
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[
            ("one", &["a/key", "a/back", "a/stays"]),
            ("two", &["a/key", "a/back"]),
            ("three", &["a/more", "a/key=", "a/back="]),
            ("four", &["a/back"]),
            ("seen", &["a/more", "a/back", "a/stays"]),
        ],
    );
    let above = ["two", "three", "four"];
    assert_eq!(found(folder.path(), "one", &above), ["/a/back", "/a/key"]);
    assert_eq!(
        found(folder.path(), "two", &above[1..]),
        ["/a/back", "/a/key"]
    );
    assert_eq!(found(folder.path(), "three", &above[2..]), [""; 0]);
}

#[test]
fn of_packages_what_is_made_of_sources_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let packages = |rest: &str| format!("site-packages/{rest}");
    let files = [
        packages("a.py"),
        packages("__pycache__/a.cpython-311.pyc"),
        packages("__pycache__/b.cpython-311.pyc"),
        packages("p/tests/key"),
        "own/__pycache__/b.cpython-311.pyc".to_owned(),
    ];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    lay(
        folder.path(),
        &[("one", &files), ("two", &["other"]), ("seen", &["other"])],
    );
    assert_eq!(
        found(folder.path(), "one", &["two"]),
        ["/own/__pycache__/b.cpython-311.pyc", "/site-packages/a.py"]
    );
}

#[test]
fn what_the_engine_lays_its_own_over_is_searched_in_the_layer_that_has_it_last() {
    let folder = tempfile::tempdir().unwrap();
    lay(
        folder.path(),
        &[
            ("one", &["etc/hosts", "etc/other"]),
            ("two", &["etc/hosts"]),
            ("three", &["etc/more"]),
            ("seen", &["etc/hosts", "etc/other", "etc/more"]),
        ],
    );
    let above = ["two", "three"];
    assert_eq!(found(folder.path(), "one", &above), ["/etc/hosts"]);
    assert_eq!(found(folder.path(), "two", &above[1..]), ["/etc/hosts"]);
    assert_eq!(found(folder.path(), "three", &[]), [""; 0]);
}
