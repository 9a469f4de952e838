use crate::claim::trial::{errs_unseen, fails_ended, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::blob::Blob;
use crate::fact::process::{Process, Processes};
use crate::fact::question::Question;

const PASSWD: &str = "root:x:0:0::/root:/bin/sh\nweb:x:33:33::/:/bin/false\n";

fn process(pid: u32, parent: u32, uid: u32, state: &str, threads: u32, line: &str) -> Process {
    let command: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let name = command
        .first()
        .map_or("gone", |first| first.rsplit('/').next().unwrap());
    Process {
        pid,
        parent,
        name: name.to_owned(),
        state: state.to_owned(),
        uids: [uid; 4],
        threads,
        command,
        ..Process::default()
    }
}

fn seen(question: &Question) -> Fact {
    match question {
        Question::Read { path, .. } if path.contains("passwd") => {
            Fact::Read(Some(Blob::whole(PASSWD)))
        }
        Question::Read { .. } => Fact::Read(None),
        _ => {
            let mut script = process(
                9,
                7,
                33,
                "S",
                3,
                "/usr/bin/python3 /app/bin/gunicorn app:app",
            );
            script.name = "gunicorn".to_owned();
            let mut other = process(10, 7, 33, "S", 3, "worker [app] -x");
            other.uids = [33, 33, 0, 33];
            Fact::Processes(Processes {
                all: vec![
                    process(1, 0, 0, "S", 1, "/sbin/docker-init -- serve"),
                    process(7, 1, 0, "S", 1, "/usr/sbin/nginx -g daemon"),
                    process(8, 7, 33, "S", 1, "nginx"),
                    script,
                    other,
                    process(11, 7, 33, "Z", 1, ""),
                    // Its first thread has ended, the others go on.
                    process(12, 7, 33, "Z", 4, ""),
                ],
                init: true,
            })
        }
    }
}

#[test]
fn a_plain_name_is_a_program_or_a_whole_command_line() {
    for holds in [
        "{ main: nginx }",
        "{ main: /usr/sbin/nginx -g daemon }",
        "{ main: { starts_with: /usr/sbin/, not: { contains: x11 } } }",
        "{ running: [nginx, gunicorn, python3] }",
        "{ running: [{ command: gunicorn, user: web, threads: 3 }] }",
        "{ running: [{ command: nginx, count: 2 }] }",
        "{ running: [{ command: nginx, user: root, count: 1 }] }",
        "{ running: [{ command: nginx, user: 33 }] }",
        "{ running: [{ command: sshd, count: 0 }] }",
        "{ running: [{ user: 9, count: 0 }, { count: { at_most: 6 } }] }",
        "{ zombies: 1 }",
        "{ running: [{ command: { contains: [python3, gunicorn] }, threads: { above: 2 } }] }",
    ] {
        assert_eq!(misses_of("processes", holds, seen), [""; 0], "{holds}");
    }
}

#[test]
fn what_is_not_so_is_said_with_what_there_is() {
    for (fails, said) in [
        (
            "{ main: docker-init }",
            "main: expected \"docker-init\", actual /usr/sbin/nginx -g daemon",
        ),
        (
            "{ main: ngin }",
            "main: expected \"ngin\", actual /usr/sbin/nginx -g daemon",
        ),
        (
            "{ running: [{ command: nginx, count: 3 }] }",
            "processes \"nginx\": expected 3, actual 2 | there is process 7 of root (0): /usr/sbin/nginx -g daemon and process 8 of web (33): nginx",
        ),
        (
            "{ running: [{ command: gunicorn, user: root }] }",
            "processes \"gunicorn\" of root: expected at least 1, actual 0 | there is process 9 of web (33): /usr/bin/python3 /app/bin/gunicorn app:app",
        ),
        (
            "{ running: [{ command: gunicorn, threads: { at_least: 4 } }] }",
            "threads of process 9: /usr/bin/python3 /app/bin/gunicorn app:app: expected at least 4, actual 3",
        ),
        (
            "{ zombies: 0 }",
            "zombies: expected 0, actual 1 | there is process 11: [gone]",
        ),
        (
            // One that can become root again is not web.
            "{ running: [{ command: worker, user: web }] }",
            "processes \"worker\" of web: expected at least 1, actual 0, and 1 that are so in part or can be | there is process 10 of web (33): worker [app] -x",
        ),
    ] {
        assert_eq!(misses_of("processes", fails, seen), [said]);
    }
    let nothing = misses_of("processes", "{ running: [sshd] }", seen);
    assert!(nothing[0].contains("process 1 of root"), "{nothing:?}");
}

#[test]
fn an_ended_process_does_not_run() {
    let gone = misses_of(
        "processes",
        "{ running: [{ command: \"[gone]\", count: 1 }] }",
        seen,
    );
    assert_eq!(gone, [""; 0], "the one with threads left runs");
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    errs_unseen("processes", "{ running: [nginx] }", seen);
    errs_unseen("processes", "{ zombies: 0 }", seen);
    fails_ended("processes", "{ running: [{ command: sshd, count: 0 }] }");
    fails_ended("processes", "{ zombies: 0 }");
}

#[test]
fn what_says_nothing_is_refused() {
    assert!(refused("processes", "{ running: [] }").contains("at least one kind"));
    assert!(refused("processes", "{ running: [{}] }").contains("says nothing"));
    assert!(refused("processes", "{ running: nginx }").contains("a list"));
    assert!(refused("processes", "{ zombie: 0 }").contains("unknown key"));
}

#[test]
fn nobody_of_a_user_means_nobody_in_part_either() {
    // Real 1000, effective 0, as after a setuid program; the image has no accounts.
    let status = "Name:\ts\nPPid:\t0\nUid:\t1000\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\n";
    let fact = |question: &Question| match question {
        Question::Read { .. } => Fact::Read(None),
        _ => Fact::Processes(Processes {
            all: vec![Process::parse(1, status, b"/s\0").unwrap()],
            init: false,
        }),
    };
    let said = |text: &str| misses_of("processes", text, fact);
    assert_eq!(said("{ running: [{ user: root, count: 0 }] }").len(), 1);
    assert_eq!(said("{ running: [{ user: root, count: 1 }] }").len(), 1);
    assert_eq!(
        said("{ running: [{ user: nosuchuser, count: 0 }] }").len(),
        1
    );
    assert_eq!(said("{ running: [{ user: 7, count: 0 }] }"), [""; 0]);
}

#[test]
fn a_long_name_that_the_kernel_cut_is_not_surely_another() {
    let of = |name: &'static str, line: &'static str| {
        move |question: &Question| match question {
            Question::Read { .. } => seen(question),
            _ => {
                let mut renamed = process(1, 0, 0, "S", 1, line);
                renamed.name = name.to_owned();
                Fact::Processes(Processes {
                    all: vec![renamed],
                    init: false,
                })
            }
        }
    };
    let none = "{ running: [{ command: a-long-program-name, count: 0 }] }";
    let said = misses_of("processes", none, of("a-long-program-", "innocent"));
    assert!(
        said[0].contains("expected 0, actual 0, and 1 that are so in part or can be")
            && said[0].contains("innocent"),
        "{said:?}"
    );
    assert_eq!(
        misses_of("processes", none, of("a-long-other-na", "innocent")),
        [""; 0]
    );
    let one = "{ running: [a-long-program-name] }";
    let renamed = misses_of("processes", one, of("a-long-program-", "innocent"));
    assert_eq!(renamed.len(), 1);
    let called = of("a-long-program-", "/bin/a-long-program-name");
    assert_eq!(misses_of("processes", one, called), [""; 0]);
    assert_eq!(misses_of("processes", none, called).len(), 1);
}
