use super::*;
use crate::engine::probe::wire::Content;

/// What an inode says of which nothing matters but its kind.
pub(in crate::observe) fn stat(kind: wire::Kind) -> wire::Stat {
    wire::Stat {
        kind,
        mode: 0,
        uid: 0,
        gid: 0,
        size: 0,
        mtime_secs: 0,
        dev: 0,
        ino: 0,
        nlink: 1,
        target: None,
    }
}

fn process(pid: u32, parent: u32, environ: Option<&str>) -> wire::Process {
    let content = |data: &str| {
        Ok(Content {
            data: data.as_bytes().to_vec(),
            truncated: false,
        })
    };
    let name = if pid == 20 { "probe" } else { "app" };
    let status = format!("Name:\t{name}\nPPid:\t{parent}\nUid:\t5\t5\t5\t5\nGid:\t5\t5\t5\t5\n");
    let environ = environ.map_or(Err(13), content);
    wire::Process {
        pid,
        files: vec![content(&status), content("p\0"), environ],
        links: Vec::new(),
    }
}

#[test]
fn our_own_processes_are_taken_out() {
    let told = [
        process(1, 0, None),
        process(7, 1, None),
        process(20, 0, None),
        process(21, 20, None),
    ];
    let view = View {
        own: vec![20],
        init: false,
    };
    let seen = running(&told, &view).unwrap();
    let pids: Vec<u32> = seen.all.iter().map(|p| p.pid).collect();
    assert_eq!(pids, [1, 7]);
}

#[test]
fn a_program_that_is_called_like_ours_is_not_hidden() {
    let mut own = process(20, 1, None);
    for (number, own_pids) in [(20, vec![]), (20, vec![20]), (21, vec![20])] {
        own.pid = number;
        let view = View {
            own: own_pids,
            init: false,
        };
        let seen = running(&[process(1, 0, None), own.clone()], &view).unwrap();
        assert_eq!(seen.all.len(), 2);
    }
}

#[test]
fn an_init_of_the_engines_is_known_although_nobody_asked_for_one() {
    let told = |line: &str| {
        let mut first = process(1, 0, None);
        if let Ok(command) = &mut first.files[1] {
            command.data = line.as_bytes().to_vec();
        }
        let seen = running(&[first, process(7, 1, None)], &View::default()).unwrap();
        seen.main().unwrap().pid
    };
    assert_eq!(told("/sbin/docker-init\0--\0app\0"), 7);
    assert_eq!(told("/run/podman-init\0--\0app\0"), 7);
    assert_eq!(told("/usr/bin/tini\0--\0app\0"), 1);
    assert_eq!(told("/sbin/docker-init\0"), 1);
}

#[test]
fn a_process_whose_status_was_not_read_is_no_process_of_roots() {
    let ask = |question: &Question, status, truncated| {
        let mut second = process(7, 1, Some(""));
        second.files[0] = status;
        let told = Told::Processes {
            own: 9,
            processes: vec![process(1, 0, Some("")), second],
            truncated,
        };
        fact(question, vec![told], &View::default())
    };
    let seen = |status| ask(&Question::Processes, status, false);
    let content = |data: &[u8]| {
        let data = data.to_vec();
        Content {
            data,
            truncated: false,
        }
    };
    for gone in [2, 3] {
        let Answer::Seen(Fact::Processes(seen)) = seen(Err(gone)) else {
            panic!("{gone}");
        };
        assert_eq!(seen.all.len(), 1);
    }
    assert!(matches!(seen(Err(13)), Answer::Unseen(why) if why.contains("process 7")));
    assert!(matches!(seen(Ok(content(b""))), Answer::Unseen(why) if why.contains("process 7")));
    for question in [Question::Processes, Question::Environment] {
        let cut = ask(&question, Err(3), true);
        assert!(matches!(cut, Answer::Unseen(why) if why.contains("more processes")));
    }
}

#[test]
fn absence_is_a_fact_and_refusal_is_not() {
    let stat = |result| {
        let question = Question::Stat {
            path: "/x".into(),
            follow: true,
        };
        fact(
            &question,
            vec![Told::Stat {
                chain: Vec::new(),
                result,
            }],
            &View::default(),
        )
    };
    assert_eq!(stat(Err(2)), Answer::Seen(Fact::Stat(None)));
    assert!(matches!(stat(Err(13)), Answer::Unseen(why) if why.contains("/x")));
    let read = |told| {
        fact(
            &Question::Read {
                path: "/x".into(),
                most: 9,
            },
            vec![told],
            &View::default(),
        )
    };
    assert_eq!(
        read(Told::Errno { errno: 2 }),
        Answer::Seen(Fact::Read(None))
    );
    assert!(matches!(read(Told::Errno { errno: 5 }), Answer::Unseen(_)));
    let cut = read(Told::Bytes {
        data: b"abc".to_vec(),
        size: 3,
        truncated: true,
    });
    assert!(matches!(cut, Answer::Seen(Fact::Read(Some(blob))) if blob.is_cut()));
    assert!(matches!(
        read(Told::Refused { text: "no".into() }),
        Answer::Unseen(_)
    ));
}

#[test]
fn an_environment_that_cannot_be_read_is_not_an_empty_one() {
    let ask = |p| {
        fact(
            &Question::Environment,
            vec![Told::Processes {
                own: 9,
                processes: vec![p],
                truncated: false,
            }],
            &View::default(),
        )
    };
    assert!(matches!(ask(process(1, 0, None)), Answer::Unseen(_)));
    let seen = ask(process(1, 0, Some("A=b\0")));
    assert_eq!(
        seen,
        Answer::Seen(Fact::Environment(vec![("A".into(), "b".into())]))
    );
}

#[test]
fn threads_of_which_some_were_not_read_are_unseen() {
    let mut told = process(1, 0, None);
    let thread = "Name:\ta\nPid:\t9\nUid:\t5\t5\t5\t5\nGid:\t5\t5\t5\t5\n\n";
    let mut answer = |content: Content| {
        told.files[2] = Ok(content);
        let told = Told::Processes {
            own: 20,
            processes: vec![told.clone()],
            truncated: false,
        };
        fact(&Question::Processes, vec![told], &View::default())
    };
    let content = |text: &str, truncated| Content {
        data: text.as_bytes().to_vec(),
        truncated,
    };
    match answer(content(thread, false)) {
        Answer::Seen(Fact::Processes(seen)) => assert_eq!(seen.all[0].apart[0].pid, 9),
        other => panic!("{other:?}"),
    }
    for unseen in [content(thread, true), content("Pid:\t9\n\n", false)] {
        assert!(matches!(answer(unseen), Answer::Unseen(why) if why.contains("thread")));
    }
}
