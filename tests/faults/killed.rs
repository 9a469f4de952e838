//! Runs that are killed outright at a call to the engine: what they made is removed all the same.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::proxy::{Fault, Plan};
use super::{all, awaited, begun, command, each, engine, folder, left, reapers, told};

/// Of so many calls one is tried, where not all are.
const SAMPLE: usize = 13;

/// The run is killed at that call; what is wrong with what came of it.
fn wrong(number: usize, fault: Fault) -> Option<String> {
    let folder = folder();
    let plan = Plan {
        fault,
        kind: None,
        number,
        lasts: false,
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
    let left = awaited(process, &proxy.address());
    (!left.is_empty()).then(|| format!("{}: left: {left:?}", at()))
}

#[test]
fn what_a_run_made_is_removed_wherever_it_is_killed() {
    let whole = folder();
    let (run, proxy) = begun(whole.path(), None);
    let process = run.id();
    let (code, text) = told(run.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    assert_eq!((left(process), reapers(&proxy.address())), (vec![], vec![]));
    let calls = proxy.asked().len();
    assert!(calls > 20, "{:?}", proxy.asked());
    let numbers = (0..calls).step_by(if all() { 1 } else { SAMPLE });
    let moments = [Fault::KilledBefore, Fault::KilledAfter];
    let both = numbers.flat_map(|number| moments.map(|fault| (number, fault)));
    let found = each(both.collect(), |(number, fault)| wrong(number, fault));
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
    assert_eq!(awaited(process, ""), [""; 0]);
    // One that ends by itself takes it along.
    let run = far(folder.path()).spawn().unwrap();
    let process = run.id();
    let (code, text) = told(run.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(left(process), [""; 0]);
}
