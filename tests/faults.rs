//! A run whose engine is spoiled at one call, or that is killed there: it is never a pass, it ends, and nothing is
//! left.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test's helpers fail as tests do, and play the engine's part"
)]

#[path = "faults/proxy.rs"]
mod proxy;
#[cfg(test)]
#[path = "faults/killed.rs"]
mod killed;
#[cfg(test)]
#[path = "faults/reaper.rs"]
mod reaper;
#[cfg(test)]
#[path = "faults/spoiled.rs"]
mod spoiled;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use proxy::{Plan, Proxy};
use seaworthy::engine::probe_binary;
use tempfile::TempDir;

/// A small suite with something of everything: a build, a service, a network, volumes, steps, an exec, requests.
const SUITE: &str = r#"
seaworthy: 1
name: whole
image: { build: { context: context } }
networks: { inner: { internal: true } }
services:
  store: { build: { context: context }, stdin_open: true, networks: [inner] }
run:
  stdin_open: true
  networks: [inner]
  volumes: ["data:/data"]
  depends_on: [store]
cases:
  - name: looks
    expect:
      - whoami: 0
      - path: { at: /probe, type: file }
      - networks: { only: [inner] }
      - exec: { command: [/probe], code: 2 }
      - logs: { count: 0 }
      - startup: { time: { below: 1m } }
  - name: lives
    steps:
      - write: { at: /data/kept, content: "1" }
      - restart
      - recreate
      - expect: [{ path: { at: /data/kept, content: "1" } }]
      - stop
      - expect: [{ exited: { code: { not: 0 } } }]
"#;

/// Runs at once: they wait most of the time.
const AT_ONCE: usize = 4;

/// How long what was left may still be there, and how long who cleans up looks whether more comes.
const GONE: Duration = Duration::from_secs(10);
const LOOKS: Duration = Duration::from_secs(10);

/// Where the engine of these tests listens.
fn engine() -> PathBuf {
    let host = std::env::var("DOCKER_HOST").unwrap_or_default();
    host.strip_prefix("unix://")
        .map_or_else(|| "/var/run/docker.sock".into(), PathBuf::from)
}

/// A folder with the suite, and room for a proxy's socket.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("suites/whole.yaml", SUITE.as_bytes());
    write("suites/context/program", probe_binary::bytes());
    let dockerfile =
        "FROM scratch\nCOPY --chmod=755 program /probe\nENTRYPOINT [\"/probe\", \"serve\"]\n";
    write("suites/context/Dockerfile", dockerfile.as_bytes());
    folder
}

/// A run of the suite by a proxy that has this plan.
fn begun(folder: &Path, plan: Option<Plan>) -> (Child, Proxy) {
    let proxy = Proxy::open(&engine(), folder.join("engine.sock"), plan).unwrap();
    let run = command(folder, &proxy.address()).spawn().unwrap();
    proxy.may_end(run.id());
    (run, proxy)
}

/// A run of the suite on the engine at this address.
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

fn told(output: Output) -> (Option<i32>, String) {
    let text =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code(), text.concat())
}

/// What this process made and is there still.
fn left(process: u32) -> Vec<String> {
    let owner = format!(":{process}:");
    let listed = |words: &[&str], template: &str| {
        let mut docker = Command::new("docker");
        docker
            .args(["--host", &format!("unix://{}", engine().display())])
            .args(words);
        docker.args(["--filter", "label=io.seaworthy.owner", "--format", template]);
        let output = docker.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
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
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let words = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let words = words.map(|words| String::from_utf8_lossy(&words).replace('\0', " "));
    let ours = words.filter(|words| words.starts_with("seaworthy-reaper reap "));
    ours.filter(|words| words.contains(&format!(" {address} ")))
        .collect()
}

/// Waits until nothing is left of a process that has ended, and nobody who cleans up; what is after that time.
fn awaited(process: u32, address: &str) -> Vec<String> {
    let (began, mut within) = (Instant::now(), GONE);
    loop {
        let mut left = left(process);
        if left.is_empty() {
            left = reapers(address);
            within = GONE + LOOKS;
        }
        if left.is_empty() || began.elapsed() > within {
            return left;
        }
        std::thread::yield_now();
    }
}

/// Does this with each of them, several at a time, and gives what was found wrong.
fn each<T: Send>(open: VecDeque<T>, wrong: impl Fn(T) -> Option<String> + Sync) -> Vec<String> {
    let (open, found) = (Mutex::new(open), Mutex::new(Vec::new()));
    let next = || open.lock().unwrap().pop_front();
    std::thread::scope(|scope| {
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
