//! `Run`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use crate::client::Peer;
use crate::wire::{Answer, Command, Ended, Output, Request, Step};

fn command(argv: &[&str]) -> Command {
    Command {
        argv: argv.iter().map(|word| word.as_bytes().to_vec()).collect(),
        env: Vec::new(),
        cwd: None,
        stdin: Vec::new(),
        timeout_ms: 30_000,
        max_output: 1 << 20,
    }
}

fn run(command: Command) -> Answer {
    Peer::serve().ask(&Request::Run { command })
}

fn ran(command: Command) -> (Ended, Output, Output) {
    match run(command) {
        Answer::Ran {
            ended,
            stdout,
            stderr,
            ..
        } => (ended, stdout, stderr),
        other => panic!("{other:?}"),
    }
}

fn shell(script: &str) -> Command {
    command(&["sh", "-c", script])
}

#[test]
fn reports_codes_signals_and_both_outputs() {
    let (ended, stdout, stderr) = ran(shell("printf out; printf err >&2; exit 7"));
    assert_eq!(ended, Ended::Code { code: 7 });
    assert_eq!((stdout.data, stdout.total), (b"out".to_vec(), 3));
    assert_eq!((stderr.data, stderr.total), (b"err".to_vec(), 3));
    assert_eq!(ran(shell("kill -USR1 $$")).0, Ended::Signal { signal: 10 });
    assert_eq!(
        ran(shell("trap '' TERM; kill -TERM $$")).0,
        Ended::Code { code: 0 }
    );
}

#[test]
fn passes_environment_folder_and_input() {
    let variable = |key: &str, value: Option<&str>| (key.into(), value.map(Into::into));
    let mut asked = shell("echo \"$A ${HOME-unset} $0\"; pwd; cat");
    asked.env = vec![variable("A", Some("1")), variable("HOME", None)];
    asked.cwd = Some(b"/usr/bin/..".to_vec());
    asked.stdin = b"input".to_vec();
    let (_, stdout, _) = ran(asked);
    assert_eq!(
        String::from_utf8(stdout.data).unwrap(),
        "1 unset sh\n/usr\ninput"
    );
    // Without input there is an end of input, not a wait.
    assert_eq!(ran(command(&["cat"])).1.total, 0);
}

#[test]
fn children_start_with_plain_signals() {
    let masks = |status: Vec<u8>| -> Vec<String> {
        let text = String::from_utf8(status).unwrap();
        let masks = ["SigBlk", "SigIgn", "SigCgt"];
        let lines = text
            .lines()
            .filter(|line| masks.iter().any(|mask| line.starts_with(mask)));
        lines.map(str::to_owned).collect()
    };
    let plain = std::process::Command::new("cat")
        .arg("/proc/self/status")
        .output()
        .unwrap();
    let (_, stdout, _) = ran(command(&["cat", "/proc/self/status"]));
    assert_eq!(masks(stdout.data), masks(plain.stdout));
}

#[test]
fn much_input_and_much_output_at_once() {
    let mut asked = command(&["cat"]);
    asked.stdin = vec![b'x'; 5 << 20];
    asked.max_output = 1000;
    let (ended, stdout, _) = ran(asked);
    assert_eq!(
        (ended, stdout.data.len(), stdout.total),
        (Ended::Code { code: 0 }, 1000, 5 << 20)
    );
    let mut unread = command(&["true"]);
    unread.stdin = vec![b'x'; 5 << 20];
    assert_eq!(ran(unread).0, Ended::Code { code: 0 });
}

#[test]
fn a_command_past_its_time_is_killed_with_its_children() {
    let mut asked = shell("sleep 300 & echo $!; wait");
    asked.timeout_ms = 300;
    let began = Instant::now();
    let (ended, stdout, _) = ran(asked);
    assert_eq!(ended, Ended::TimedOut);
    assert!(began.elapsed() < Duration::from_secs(20));
    let child: u32 = String::from_utf8(stdout.data)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    // On a busy machine it takes a moment to die, and whoever takes in orphans may leave it a zombie: what counts is
    // that it is dead.
    let state = || fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
    let is_dead = || state().is_empty() || state().contains(") Z ");
    while !is_dead() {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", state());
        std::thread::yield_now();
    }
}

#[test]
fn a_grandchild_that_keeps_the_pipe_does_not_hold_up_the_answer() {
    let began = Instant::now();
    let (ended, stdout, _) = ran(shell("sleep 30 & echo $!; exit 3"));
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_eq!(ended, Ended::Code { code: 3 });
    let child = String::from_utf8(stdout.data).unwrap();
    // It was started to stay, as after `docker exec`.
    assert!(
        fs::read_to_string(format!("/proc/{}/stat", child.trim()))
            .unwrap()
            .contains("(sleep)")
    );
    assert!(
        std::process::Command::new("kill")
            .arg(child.trim())
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn says_why_nothing_was_started() {
    let not = |step, errno| Answer::NotStarted { step, errno };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("plain"), "not a program").unwrap();
    fs::write(at("odd"), "not a program").unwrap();
    fs::set_permissions(at("odd"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(run(command(&[])), not(Step::Empty, 22));
    assert_eq!(run(command(&["no-such-program"])), not(Step::Lookup, 2));
    assert_eq!(run(command(&["/no/such/program"])), not(Step::Lookup, 2));
    assert_eq!(run(command(&[&at("plain")])), not(Step::Execute, 13));
    assert_eq!(run(command(&[&at("odd")])), not(Step::Execute, 8));
    assert_eq!(
        run(command(&["true", "nul\0inside"])),
        not(Step::Execute, 22)
    );
    let mut nowhere = command(&["true"]);
    nowhere.cwd = Some(b"/no/such".to_vec());
    assert_eq!(run(nowhere.clone()), not(Step::Directory, 2));
    nowhere.cwd = Some(at("plain").into_bytes());
    assert_eq!(run(nowhere), not(Step::Directory, 20));
}

#[test]
fn the_commands_own_path_is_searched() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("greet");
    fs::write(&at, "#!/bin/sh\necho hello from $0").unwrap();
    let mut asked = command(&["greet"]);
    asked.env = vec![(
        b"PATH".to_vec(),
        Some(format!("/none:{}", folder.path().display()).into()),
    )];
    assert_eq!(
        run(asked.clone()),
        Answer::NotStarted {
            step: Step::Lookup,
            errno: 13
        }
    );
    fs::set_permissions(&at, fs::Permissions::from_mode(0o755)).unwrap();
    let (_, stdout, _) = ran(asked.clone());
    assert_eq!(
        String::from_utf8(stdout.data).unwrap(),
        format!("hello from {}\n", at.display())
    );
    asked.env = vec![(b"PATH".to_vec(), Some(b".".to_vec()))];
    asked.cwd = Some(folder.path().to_str().unwrap().into());
    assert_eq!(ran(asked.clone()).0, Ended::Code { code: 0 });
    asked.argv = vec![b"./greet".to_vec()];
    assert_eq!(ran(asked).0, Ended::Code { code: 0 });
    let mut without = command(&["true"]);
    without.env = vec![(b"PATH".to_vec(), None)];
    assert_eq!(ran(without).0, Ended::Code { code: 0 });
}

#[test]
fn hundreds_in_one_batch_stay_in_order() {
    use crate::wire::{Wire, frame};
    let mut probe = Peer::serve();
    let mut batch = Vec::new();
    for code in 0..300 {
        let command = shell(&format!("exit {}", code % 200));
        batch.extend(frame(&Request::Run { command }.encode()).unwrap());
    }
    probe.send(&batch);
    for code in 0..300 {
        let Some(Answer::Ran { ended, .. }) = probe.next() else {
            panic!()
        };
        assert_eq!(ended, Ended::Code { code: code % 200 });
    }
    assert_eq!(probe.finish(), Some(0));
}
