//! Runs on an engine of another machine, where a container cleans up.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use super::proxy::{Fault, Plan, Proxy};
use super::systems::System;
use super::{GONE, LOOKS, awaited, command, ended, engine, left, told};

/// A command for the run of this folder on an engine that is on another machine, as far as it can tell: what it
/// calls `ssh` asks the one of this machine that listens at this socket.
fn far(folder: &Path, socket: &Path) -> Command {
    let ssh = folder.join("programs/ssh");
    fs::create_dir_all(ssh.parent().unwrap()).unwrap();
    let script = "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nshift 2\nexec sh -c \"$*\"\n";
    fs::write(&ssh, script).unwrap();
    fs::set_permissions(&ssh, Permissions::from_mode(0o755)).unwrap();
    let mut command = command(folder, &format!("ssh://elsewhere{}", socket.display()));
    let before = std::env::var("PATH").unwrap_or_default();
    command.env(
        "PATH",
        format!("{}:{before}", folder.join("programs").display()),
    );
    command
}

/// Waits until a run has a container, beside who cleans up.
fn is_begun(run: &mut Child) {
    let process = run.id();
    let is_of_run = |line: &String| line.starts_with("container") && !line.contains("-reaper ");
    let deadline = Instant::now() + Duration::from_mins(1);
    while !left(process).iter().any(is_of_run) {
        assert!(
            Instant::now() < deadline,
            "no container in time: {:?}",
            run.try_wait()
        );
        thread::yield_now();
    }
}

#[test]
fn on_another_machine_a_container_cleans_up_and_goes() {
    let folder = System::Whole.folder(None);
    let mut run = far(folder.path(), &engine()).spawn().unwrap();
    let process = run.id();
    is_begun(&mut run);
    assert!(
        left(process).iter().any(|line| line.contains("-reaper ")),
        "{:?}",
        left(process)
    );
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(awaited(process, ""), [""; 0]);
    // One that ends by itself takes it along.
    let run = far(folder.path(), &engine()).spawn().unwrap();
    let process = run.id();
    let (code, text) = told(run.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(left(process), [""; 0]);
}

/// A suite whose container never gets ready.
const PATIENT: &str = r"
seaworthy: 1
image: { build: { context: context } }
run:
  stdin_open: true
  ready: { exec: { command: [/probe, nothing], code: 99 }, within: 4m }
cases:
  - { name: waits, expect: [{ whoami: 0 }] }
";

/// After so long without a word from a run it is cleaned up after.
const SILENCE: Duration = Duration::from_secs(15);

#[test]
#[ignore = "it waits for longer than a machine may be silent, which is most of a minute: ci/soak asks for it"]
fn a_run_that_sleeps_is_cleaned_up_after_and_one_that_is_awake_is_not() {
    let folder = System::Whole.folder(None);
    fs::write(folder.path().join("suites/suite.yaml"), PATIENT).unwrap();
    let mut run = far(folder.path(), &engine()).spawn().unwrap();
    let process = run.id();
    is_begun(&mut run);
    let began = Instant::now();
    let before = left(process);
    while began.elapsed() < SILENCE + SILENCE / 2 {
        assert_eq!(left(process), before, "while it is awake");
    }
    let signal = |word: &str| {
        let id = process.to_string();
        Command::new("kill").args([word, &id]).status().unwrap()
    };
    // As a machine that is closed: its connections stay as they are.
    signal("-STOP");
    let asleep = Instant::now();
    let mut left_over = left(process);
    while !left_over.is_empty() && asleep.elapsed() < SILENCE + GONE + LOOKS {
        left_over = left(process);
    }
    signal("-CONT");
    let (code, text) = ended(run);
    assert_eq!(left_over, [""; 0], "{text}");
    assert_eq!(code, Some(3), "{text}");
    assert_eq!(awaited(process, ""), [""; 0]);
}

#[test]
fn where_nobody_can_clean_up_the_run_says_so_and_goes_on() {
    let folder = System::Whole.folder(None);
    let socket = folder.path().join("engine.sock");
    // The first container is that of who would.
    let plan = Plan {
        fault: Fault::Refused,
        kind: Some("POST /containers/create".to_owned()),
        number: 0,
        lasts: false,
        after: None,
    };
    let proxy = Proxy::open(&engine(), socket.clone(), Some(plan)).unwrap();
    let run = far(folder.path(), &socket).spawn().unwrap();
    let process = run.id();
    let (code, text) = ended(run);
    assert!(proxy.is_done(), "{:?}", proxy.asked());
    assert_eq!(code, Some(0), "{text}");
    let note = "note: nothing cleans up if this run is killed outright: cannot create container";
    assert!(text.contains(note), "{text}");
    assert!(text.contains("made up by a test"), "{text}");
    assert_eq!(left(process), [""; 0]);
}
