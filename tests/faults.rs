//! A run whose engine is spoiled at one call, or that is killed there: it is never a pass, it ends, and nothing is
//! left.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test's helpers fail as tests do, and play the engine's part"
)]

#[cfg(test)]
#[path = "faults/delayed.rs"]
mod delayed;
#[cfg(test)]
#[path = "faults/far.rs"]
mod far;
#[cfg(test)]
#[path = "run/expected.rs"]
mod expected;
#[cfg(test)]
#[path = "faults/killed.rs"]
mod killed;
#[cfg(test)]
#[path = "faults/lent.rs"]
mod lent;
#[path = "faults/project.rs"]
mod project;
#[path = "faults/proxy.rs"]
mod proxy;
#[cfg(test)]
#[path = "faults/reaper.rs"]
mod reaper;
#[path = "faults/reapers.rs"]
mod reapers;
#[cfg(test)]
#[path = "faults/spoiled.rs"]
mod spoiled;
#[path = "faults/systems.rs"]
mod systems;
#[cfg(test)]
#[path = "faults/unanswered.rs"]
mod unanswered;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use proxy::{Plan, Proxy};

/// Runs at once: they wait most of the time.
const AT_ONCE: usize = 4;

/// How long what was left may still be there, and how long who cleans up looks whether more comes.
const GONE: Duration = Duration::from_secs(10);
const LOOKS: Duration = Duration::from_secs(10);

/// The longest that a run may take whose cases have a short limit: a call may wait for a minute, the removal takes two.
const LONGEST: Duration = Duration::from_mins(5);

/// Where the engine of these tests listens.
fn engine() -> PathBuf {
    let host = std::env::var("DOCKER_HOST").unwrap_or_default();
    host.strip_prefix("unix://")
        .map_or_else(|| "/var/run/docker.sock".into(), PathBuf::from)
}

/// A run of the suites of this folder by a proxy that has this plan.
fn begun(folder: &Path, plan: Option<Plan>) -> (Child, Proxy) {
    let proxy = Proxy::open(&engine(), folder.join("engine.sock"), plan).unwrap();
    let run = command(folder, &proxy.address()).spawn().unwrap();
    proxy.may_end(run.id());
    (run, proxy)
}

/// A run of the suites of this folder on the engine at this address.
fn command(folder: &Path, address: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command
        .args(["run", "--engine", address])
        .current_dir(folder)
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITLAB_CI")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// How a run ended and what it said. One that goes on beyond all deadlines is ended, and that is said.
fn ended(run: Child) -> (Option<i32>, String) {
    let process = run.id().to_string();
    let (tell, over) = mpsc::channel();
    let watch = thread::spawn(move || {
        let hangs = over.recv_timeout(LONGEST).is_err();
        if hangs {
            let _ = Command::new("kill").args(["-9", &process]).status();
        }
        hangs
    });
    let output = run.wait_with_output().unwrap();
    // Nobody listens where it has been ended.
    let _ = tell.send(());
    let (code, text) = told(output);
    match watch.join().unwrap() {
        true => (
            None,
            format!("it had not ended after {LONGEST:?}, and was\n{text}"),
        ),
        false => (code, text),
    }
}

fn told(output: Output) -> (Option<i32>, String) {
    let text =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code(), text.concat())
}

/// What the Docker CLI answers of this engine; whether it was well.
fn docker(words: &[&str]) -> (bool, String) {
    let mut docker = Command::new("docker");
    docker
        .args(["--host", &format!("unix://{}", engine().display())])
        .args(words);
    let (code, text) = told(docker.output().unwrap());
    (code == Some(0), text)
}

/// What this process made and is there still.
fn left(process: u32) -> Vec<String> {
    let owner = format!(":{process}:");
    let listed = |words: &[&str], template: &str| {
        let those = ["--filter", "label=io.seaworthy.owner", "--format", template];
        let (done, text) = docker(&[words, &those].concat());
        assert!(done, "{text}");
        text
    };
    let label = "{{.Label \"io.seaworthy.owner\"}}";
    let mut all = String::new();
    all += &listed(&["ps", "-a"], &format!("container {{{{.Names}}}} {label}"));
    all += &listed(
        &["network", "ls"],
        &format!("network {{{{.Name}}}} {label}"),
    );
    all += &listed(&["volume", "ls"], &format!("volume {{{{.Name}}}} {label}"));
    let mine = all.lines().filter(|line| line.contains(&owner));
    mine.map(str::to_owned).collect()
}

/// What cleans up for runs on the engine at this address.
fn reapers(address: &str) -> Vec<String> {
    let asks_there = |_, words: &str| words.contains(&format!("\"{address}\""));
    let all = reapers::reapers(asks_there).into_iter();
    all.map(|(id, words)| format!("{id} {words}")).collect()
}

/// Waits until nothing is left of a process that has ended, and nobody who cleans up; what is after that time.
fn awaited(process: u32, address: &str) -> Vec<String> {
    let (began, mut within) = (Instant::now(), GONE);
    loop {
        let mut left = left(process);
        // Where it is a container it goes a little after the rest.
        if left.iter().all(|line| line.contains("-reaper ")) {
            within = GONE + LOOKS;
        }
        if left.is_empty() {
            left = reapers(address);
            within = GONE + LOOKS;
        }
        if left.is_empty() || began.elapsed() > within {
            return left;
        }
        thread::yield_now();
    }
}

/// Does this with each of them, several at a time, and gives what was found wrong.
fn each<T: Send>(open: VecDeque<T>, wrong: impl Fn(T) -> Option<String> + Sync) -> Vec<String> {
    let (open, found) = (Mutex::new(open), Mutex::new(Vec::new()));
    let next = || open.lock().unwrap().pop_front();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(one) = next() {
                    let wrong = wrong(one);
                    found.lock().unwrap().extend(wrong);
                }
            });
        }
    });
    found.into_inner().unwrap()
}

/// Whether all is to be tried, and not a sample.
fn all() -> bool {
    std::env::var("SEAWORTHY_FAULTS").as_deref() == Ok("all")
}
