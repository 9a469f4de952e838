use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::process::{Process, Processes};
use crate::fact::question::Question;

fn process(pid: u32, parent: u32, uid: u32) -> Process {
    Process {
        pid,
        parent,
        uids: [uid; 4],
        gids: [uid; 4],
        groups: vec![uid, 999],
        command: vec!["serve".to_owned()],
        ..Process::default()
    }
}

/// A program that a start script made `app`, with a child of root, in a container without a `USER`.
fn seen(question: &Question) -> Fact {
    let read = |text: &str| Fact::Read(Some(Blob::whole(text)));
    match question {
        Question::Read { path, .. } if path == "/etc/passwd" => {
            read("root:x:0:0::/:\napp:x:1000:1000::/:\n")
        }
        Question::Read { .. } => read("root:x:0:\napp:x:1000:\ndocker:x:999:app\n"),
        Question::Processes => Fact::Processes(Processes {
            all: vec![process(1, 0, 1000), process(7, 1, 0)],
            init: false,
        }),
        Question::ExecUser => Fact::ExecUser(Ok(process(0, 0, 0))),
        other => panic!("{other:?}"),
    }
}

fn misses(text: &str) -> Vec<String> {
    misses_of("whoami", text, seen)
}

#[test]
fn the_program_and_what_is_executed_are_two_things() {
    for holds in [
        "app",
        "1000",
        "{ user: app, exec: root }",
        "{ exec: 0 }",
        "{ uid: 1000, gid: app, groups: { only: [app, docker] } }",
    ] {
        assert_eq!(misses(holds), [""; 0], "{holds}");
    }
    for (fails, said) in [
        ("root", "user: expected root, actual app (1000)"),
        ("{ exec: app }", "exec: expected app, actual root (0)"),
        (
            "{ user: app, exec: '1000' }",
            "exec: expected 1000, actual root (0)",
        ),
        (
            "{ user: app, processes: all }",
            "user of serve (process 7): expected app, actual root (0)",
        ),
    ] {
        assert_eq!(misses(fails), [said], "{fails}");
    }
}

#[test]
fn one_that_can_become_another_again_is_neither_by_name_nor_by_number() {
    let with = |uids: [u32; 4], gids: [u32; 4]| {
        move |question: &Question| match question {
            Question::Processes => {
                let own = Process {
                    uids,
                    gids,
                    groups: vec![gids[1]],
                    ..process(1, 0, 1000)
                };
                Fact::Processes(Processes {
                    all: vec![own],
                    init: false,
                })
            }
            other => seen(other),
        }
    };
    let all = [1000; 4];
    let saved = "real user app (1000), effective user app (1000) and saved user root (0)";
    for (text, uids, gids, said) in [
        ("app", [1000, 1000, 0, 1000], all, format!("user: expected app, actual app (1000) for now only | {saved}")),
        ("{ uid: 1000 }", [1000, 1000, 0, 1000], all, format!("uid: expected 1000, actual app (1000) for now only | {saved}")),
        (
            "{ uid: 1000 }",
            [0, 1000, 1000, 1000],
            all,
            "uid: expected 1000, actual app (1000) for now only | real user root (0), effective user app (1000) and saved user app (1000)".to_owned(),
        ),
        (
            "{ gid: app }",
            all,
            [1000, 1000, 0, 1000],
            "gid: expected app, actual app (1000) for now only | real group app (1000), effective group app (1000) and saved group root (0)".to_owned(),
        ),
    ] {
        assert_eq!(misses_of("whoami", text, with(uids, gids)), [said], "{text}");
    }
    let groups = misses_of(
        "whoami",
        "{ groups: { only: [app] } }",
        with(all, [1000, 1000, 0, 1000]),
    );
    assert_eq!(groups.len(), 1, "{groups:?}");
    assert!(
        groups[0].contains("root") && groups[0].contains("saved group root (0)"),
        "{groups:?}"
    );
    assert_eq!(
        misses_of("whoami", "{ uid: 1000, gid: app }", with(all, all)),
        [""; 0]
    );
}

#[test]
fn a_number_without_a_name_is_said_to_have_none() {
    let nameless = |question: &Question| match question {
        Question::Read { .. } => Fact::Read(None),
        other => seen(other),
    };
    let said = misses_of("whoami", "{ user: app, exec: nobody }", nameless);
    assert_eq!(
        said,
        [
            "user: expected app, actual 1000, which has no name in /etc/passwd",
            "exec: expected nobody, actual 0, which has no name in /etc/passwd",
        ]
    );
}

#[test]
fn an_exec_that_is_not_started_is_nobodys() {
    let refusing = |question: &Question| match question {
        Question::ExecUser => Fact::ExecUser(Err("no such user".to_owned())),
        other => seen(other),
    };
    let said = misses_of("whoami", "{ exec: app }", refusing);
    let why = "the engine starts nothing in it: no such user";
    assert_eq!(said, [format!("exec: expected app, actual {why}")]);
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    for text in ["app", "{ exec: root }", "{ user: app, exec: root }"] {
        errs_unseen("whoami", text, seen);
        fails_ended("whoami", text);
    }
    for text in ["{}", "{ processes: all }"] {
        let found = judged("whoami", text, seen);
        assert_eq!(found.unseen, ["nothing is claimed of who it is"], "{text}");
    }
}
