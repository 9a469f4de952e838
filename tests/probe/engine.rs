//! The probe where it is meant to be: in a container that has nothing, and is allowed nothing.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::client::{PROBE, Peer};
use crate::wire::{Answer, Ended, Kind, Request, Step};

fn docker(arguments: &[&str]) -> Output {
    Command::new("docker").args(arguments).output().unwrap_or_else(|error| {
        panic!("this test needs a Docker engine and its command line: docker cannot be run: {error}")
    })
}

pub(crate) fn done(arguments: &[&str]) -> String {
    let output = docker(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "docker {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// What this test makes on the engine; all of it goes, however the test ends.
pub(crate) struct Stand {
    pub(crate) run: String,
    pub(crate) image: String,
}

/// An image's files, as they are written.
type Tree = tar::Builder<std::process::ChildStdin>;

impl Stand {
    /// An image with the probe as its only program, and nothing else.
    fn new(name: &str) -> Self {
        Self::with(name, |_| {})
    }

    /// An image with the probe and what is added.
    pub(crate) fn with(name: &str, add: impl FnOnce(&mut Tree)) -> Self {
        let answer = docker(&["version", "--format", "{{.Server.Version}}"]);
        assert!(
            answer.status.success(),
            "this test needs a Docker engine and none answers: {}",
            String::from_utf8_lossy(&answer.stderr).trim()
        );
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_nanos();
        let run = format!("probe-test-{name}-{}-{now}", std::process::id());
        let change = format!("LABEL io.seaworthy.run={run}");
        let mut import = Command::new("docker")
            .args(["import", "--change", &change, "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut tree = tar::Builder::new(import.stdin.take().unwrap());
        tree.append_file("probe", &mut File::open(PROBE).unwrap())
            .unwrap();
        add(&mut tree);
        tree.into_inner().unwrap().flush().unwrap();
        let output = import.wait_with_output().unwrap();
        assert!(output.status.success());
        Self {
            run,
            image: String::from_utf8(output.stdout).unwrap().trim().to_owned(),
        }
    }

    /// The arguments that start a container without any right.
    fn bare<'a>(&'a self, label: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["run", "--label", label, "--read-only", "--cap-drop", "ALL"];
        arguments.extend([
            "--user",
            "12345:23456",
            "--security-opt",
            "no-new-privileges",
        ]);
        arguments.extend(more);
        arguments.extend([self.image.as_str(), "/probe", "serve"]);
        arguments
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        let label = format!("label=io.seaworthy.run={}", self.run);
        for id in
            String::from_utf8_lossy(&docker(&["ps", "-aq", "--filter", &label]).stdout).lines()
        {
            docker(&["rm", "--force", "--volumes", id]);
        }
        for id in
            String::from_utf8_lossy(&docker(&["network", "ls", "-q", "--filter", &label]).stdout)
                .lines()
        {
            docker(&["network", "rm", id]);
        }
        docker(&["image", "rm", "--force", &self.image]);
    }
}

fn run(argv: &[&str]) -> Request {
    let command = crate::wire::Command {
        argv: argv.iter().map(|word| word.as_bytes().to_vec()).collect(),
        env: Vec::new(),
        cwd: None,
        stdin: Vec::new(),
        timeout_ms: 20_000,
        max_output: 1000,
    };
    Request::Run { command }
}

#[test]
fn it_serves_as_an_exec_in_an_empty_image_without_any_right() {
    let stand = Stand::new("exec");
    let label = format!("io.seaworthy.run={}", stand.run);
    let network = done(&["network", "create", "--label", &label, &stand.run]);
    let more = [
        "--detach",
        "--interactive",
        "--network",
        network.as_str(),
        "--network-alias",
        "app",
    ];
    let container = done(&stand.bare(&label, &more));
    let mut exec = Command::new("docker");
    exec.args(["exec", "--interactive", &container, "/probe", "serve"]);
    let mut probe = Peer::start(exec);

    let Answer::Hello { uid, gid, pid, .. } = probe.ask(&Request::Hello) else {
        panic!()
    };
    assert_eq!((uid, gid), (12345, 23456));
    let Answer::Processes { own, processes, .. } = probe.ask(&Request::Processes {
        files: vec![b"cmdline".to_vec()],
        links: vec![],
        max_each: 100,
    }) else {
        panic!()
    };
    let ids: Vec<u32> = processes.iter().map(|process| process.pid).collect();
    assert_eq!((own, ids), (pid, vec![1, pid]));
    let Answer::Stat {
        result: Ok(found), ..
    } = probe.ask(&Request::Stat {
        path: b"/probe".to_vec(),
        follow: true,
    })
    else {
        panic!()
    };
    assert_eq!(found.kind, Kind::File);
    assert_eq!(
        probe.ask(&run(&["sh"])),
        Answer::NotStarted {
            step: Step::Lookup,
            errno: 2
        }
    );
    let Answer::Ran { ended, stderr, .. } = probe.ask(&run(&["/probe", "install", "/"])) else {
        panic!()
    };
    assert_eq!(ended, Ended::Code { code: 1 });
    assert!(
        String::from_utf8(stderr.data)
            .unwrap()
            .contains("Read-only file system")
    );
    let resolve = |name: &[u8]| Request::Resolve {
        name: name.to_vec(),
        timeout_ms: 10_000,
    };
    let Answer::Addresses { addresses } = probe.ask(&resolve(b"app")) else {
        panic!("the engine's own DNS")
    };
    assert_eq!(addresses.len(), 1);
    let connect = Request::Connect {
        host: b"app".to_vec(),
        port: 1,
        timeout_ms: 10_000,
        send: vec![],
        max_receive: 0,
        receive_ms: 0,
    };
    let Answer::ConnectFailed { errno: 111, .. } = probe.ask(&connect) else {
        panic!()
    };
    assert_eq!(probe.finish(), Some(0));
}

#[test]
fn it_serves_as_process_one_and_ends_when_told() {
    let stand = Stand::new("first");
    let label = format!("io.seaworthy.run={}", stand.run);
    let mut command = Command::new("docker");
    command.args(stand.bare(
        &label,
        &["--interactive", "--network", "none", "--name", &stand.run],
    ));
    let mut probe = Peer::start(command);
    let Answer::Hello { pid: 1, .. } = probe.ask(&Request::Hello) else {
        panic!()
    };
    let Answer::Ran {
        ended: Ended::Code { code: 2 },
        ..
    } = probe.ask(&run(&["/probe", "nonsense"]))
    else {
        panic!()
    };
    let began = Instant::now();
    done(&["stop", "--time", "50", &stand.run]);
    assert!(
        began.elapsed() < Duration::from_secs(40),
        "it did not end when told"
    );
    let code = done(&["inspect", "--format", "{{.State.ExitCode}}", &stand.run]);
    assert_eq!(code, "143");
    probe.finish();
}
