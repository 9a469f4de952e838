//! Runs that are killed outright at a call to the engine: what they made is removed all the same.

use std::collections::VecDeque;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::proxy::{Fault, Plan};
use super::{awaited, begun, command, engine, folder, left, told};

/// How long what was left may still be there.
const GONE: Duration = Duration::from_secs(10);

/// Runs at once: they wait most of the time.
const AT_ONCE: usize = 3;

/// Of so many calls one is tried; all of them where `SEAWORTHY_FAULTS` says `all`.
fn stride() -> usize {
    match std::env::var("SEAWORTHY_FAULTS").as_deref() {
        Ok("all") => 1,
        _ => 9,
    }
}

/// The run is killed at that call; what is wrong with what came of it.
fn wrong(number: usize, fault: Fault) -> Option<String> {
    let folder = folder();
    let plan = Plan {
        fault,
        kind: None,
        number,
    };
    let (run, proxy) = begun(folder.path(), Some(plan));
    let process = run.id();
    let (code, text) = told(run.wait_with_output().unwrap());
    if !proxy.is_done() {
        // This run needed fewer calls than the one that was counted.
        return (code != Some(0)).then(|| format!("call {number}: code {code:?}\n{text}"));
    }
    let at = || {
        let asked = proxy.asked();
        format!(
            "killed at call {number}, {:?} ({fault:?})",
            asked.get(number)
        )
    };
    if let Some(code) = code {
        // Killed at its very end, it may have had the time to say so.
        return (code != 0).then(|| format!("{}: code {code}\n{text}", at()));
    }
    let left = awaited(process, GONE);
    (!left.is_empty()).then(|| format!("{}: left after {GONE:?}: {left:?}", at()))
}

#[test]
fn what_a_run_made_is_removed_wherever_it_is_killed() {
    let whole = folder();
    let (run, proxy) = begun(whole.path(), None);
    let process = run.id();
    let (code, text) = told(run.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(awaited(process, Duration::ZERO), [""; 0]);
    let calls = proxy.asked().len();
    assert!(calls > 20, "{:?}", proxy.asked());
    let numbers = (0..calls).step_by(stride());
    let both = numbers
        .flat_map(|number| [Fault::KilledBefore, Fault::KilledAfter].map(|fault| (number, fault)));
    let open: Mutex<VecDeque<(usize, Fault)>> = Mutex::new(both.collect());
    let found = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((number, fault)) = open.lock().unwrap().pop_front() else {
                        break;
                    };
                    found.lock().unwrap().extend(wrong(number, fault));
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A command for the run of this folder on an engine that is on another machine, as far as it can tell: what it
/// calls `ssh` asks the one of this machine.
fn far(folder: &Path) -> Command {
    let ssh = folder.join("programs/ssh");
    fs::create_dir_all(ssh.parent().unwrap()).unwrap();
    let script = "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nshift 2\nexec sh -c \"$*\"\n";
    fs::write(&ssh, script).unwrap();
    fs::set_permissions(&ssh, Permissions::from_mode(0o755)).unwrap();
    let mut command = command(folder, &format!("ssh://elsewhere{}", engine().display()));
    let before = std::env::var("PATH").unwrap_or_default();
    command.env(
        "PATH",
        format!("{}:{before}", folder.join("programs").display()),
    );
    command
}

#[test]
fn on_another_machine_a_container_cleans_up_and_goes() {
    let folder = folder();
    let mut run = far(folder.path()).spawn().unwrap();
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
    assert!(
        left(process).iter().any(|line| line.contains("-reaper ")),
        "{:?}",
        left(process)
    );
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(awaited(process, GONE), [""; 0]);
    // One that ends by itself takes it along.
    let run = far(folder.path()).spawn().unwrap();
    let process = run.id();
    let (code, text) = told(run.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(left(process), [""; 0]);
}
