//! A child of the probe that becomes another user, beside an exec as that user: both say the same.

use std::process::Command;

use crate::client::Peer;
use crate::engine::{Stand, done};
use crate::wire::{Answer, Request};

const PASSWD: &str = "root:x:0:0:root:/:/none\nann:x:1000:100:Ann:/:/none\n";
const GROUP: &str = "root:x:0:\nusers:x:100:\nmedia:x:7:bob,ann\nmore:x:8:ann\n";

/// A path, whether it is a folder, its mode, and whose it is.
const FILES: [(&str, bool, u32, (u64, u64)); 9] = [
    ("root", false, 0o644, (0, 0)),
    ("all", false, 0o666, (0, 0)),
    ("media", false, 0o660, (0, 7)),
    ("users", false, 0o664, (0, 100)),
    ("ann", false, 0o200, (1000, 0)),
    ("sticky", true, 0o1777, (0, 0)),
    ("listed", true, 0o766, (0, 0)),
    ("closed", true, 0o700, (0, 0)),
    ("closed/all", false, 0o666, (0, 0)),
];

/// More paths to try: not there, read-only, and a device.
const MORE: [&str; 4] = ["/none", "/sealed", "/free", "/dev/null"];

type User = (
    &'static str,
    (u32, u32),
    &'static [u32],
    &'static [&'static str],
);

/// The users, as they are written for an exec, in numbers, and what each may write to.
const USERS: [User; 4] = [
    (
        "ann",
        (1000, 100),
        &[7, 8],
        &[
            "/all",
            "/media",
            "/users",
            "/ann",
            "/sticky",
            "/free",
            "/dev/null",
        ],
    ),
    (
        "1000:8",
        (1000, 8),
        &[],
        &["/all", "/ann", "/sticky", "/free", "/dev/null"],
    ),
    (
        "65534:65534",
        (65534, 65534),
        &[],
        &["/all", "/sticky", "/free", "/dev/null"],
    ),
    (
        "4711",
        (4711, 0),
        &[],
        &["/all", "/sticky", "/free", "/dev/null"],
    ),
];

fn stand(name: &str) -> Stand {
    Stand::with(name, |tree| {
        let mut put = |path: &str, folder: bool, mode, (uid, gid), content: &[u8]| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(match folder {
                true => tar::EntryType::Directory,
                false => tar::EntryType::Regular,
            });
            header.set_mode(mode);
            header.set_uid(uid);
            header.set_gid(gid);
            header.set_size(content.len() as u64);
            tree.append_data(&mut header, path, content).unwrap();
        };
        put("etc/passwd", false, 0o644, (0, 0), PASSWD.as_bytes());
        put("etc/group", false, 0o644, (0, 0), GROUP.as_bytes());
        for (path, folder, mode, owner) in FILES {
            put(path, folder, mode, owner, b"");
        }
    })
}

/// A container in which the probe waits.
fn container(stand: &Stand, more: &[&str]) -> String {
    let label = format!("io.seaworthy.run={}", stand.run);
    let mut arguments = vec!["run", "--detach", "--interactive", "--label", &label];
    arguments.extend([
        "--tmpfs",
        "/sealed:ro,mode=1777",
        "--tmpfs",
        "/free:mode=1777",
    ]);
    arguments.extend(more);
    arguments.extend([stand.image.as_str(), "/probe", "serve"]);
    done(&arguments)
}

fn exec(container: &str, user: &str) -> Peer {
    let mut exec = Command::new("docker");
    exec.args([
        "exec",
        "--interactive",
        "--user",
        user,
        container,
        "/probe",
        "serve",
    ]);
    Peer::start(exec)
}

fn others(uid: u32, gid: u32, groups: &[u32], paths: &[String]) -> Request {
    Request::OtherMayWrite {
        uid,
        gid,
        groups: groups.to_vec(),
        paths: paths.iter().map(|path| path.clone().into_bytes()).collect(),
    }
}

fn paths() -> Vec<String> {
    let files = FILES.iter().map(|(path, ..)| format!("/{path}"));
    files.chain(MORE.map(str::to_owned)).collect()
}

#[test]
fn a_child_that_becomes_a_user_says_what_an_exec_as_that_user_says() {
    let stand = stand("others");
    let container = container(&stand, &[]);
    let mut root = exec(&container, "0:0");
    let paths = paths();
    for (user, (uid, gid), groups, may) in USERS {
        let mut own = exec(&container, user);
        let said: Vec<i32> = paths
            .iter()
            .map(|path| {
                match own.ask(&Request::MayWrite {
                    path: path.clone().into(),
                }) {
                    Answer::MayWrite { errno } => errno,
                    other => panic!("{other:?}"),
                }
            })
            .collect();
        let answer = root.ask(&others(uid, gid, groups, &paths));
        assert_eq!(
            answer,
            Answer::OtherMayWrite {
                errnos: said.clone()
            },
            "{user}: {paths:?}"
        );
        let can = paths.iter().zip(said).filter(|(_, errno)| *errno == 0);
        let can: Vec<&str> = can.map(|(path, _)| path.as_str()).collect();
        assert_eq!(can, may, "{user}");
    }
    // The probe itself is still root.
    let answer = root.ask(&Request::MayWrite {
        path: b"/closed/all".to_vec(),
    });
    assert_eq!(answer, Answer::MayWrite { errno: 0 });
}

#[test]
fn what_is_not_the_same_to_each_process_is_left_to_an_exec() {
    let stand = stand("aside");
    let mut root = exec(&container(&stand, &[]), "0:0");
    let refused = Answer::Errno { errno: 22 };
    // Pipes of an exec are made over to its user.
    for path in [
        "/dev/stdout",
        "/dev/fd/1",
        "/proc/self/oom_score_adj",
        "/proc",
    ] {
        let paths = ["/all".to_owned(), path.to_owned()];
        assert_eq!(root.ask(&others(1000, 100, &[], &paths)), refused, "{path}");
    }
    assert_eq!(root.ask(&others(0, 0, &[], &paths())), refused);
}

#[test]
fn a_probe_that_may_not_become_others_says_so() {
    for (name, right) in [("all", "ALL"), ("user", "SETUID"), ("group", "SETGID")] {
        let stand = stand(name);
        let mut root = exec(&container(&stand, &["--cap-drop", right]), "0:0");
        let answer = root.ask(&others(1000, 100, &[7], &paths()));
        assert_eq!(answer, Answer::Errno { errno: 1 }, "{right}");
    }
}
