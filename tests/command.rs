//! The command on a real engine: how it ends when it is interrupted, killed or has nothing to do, and
//! that nothing is left.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test's helpers fail as tests do, and play the user's part"
)]

#[cfg(test)]
#[path = "command/company.rs"]
mod company;
#[cfg(test)]
#[path = "command/formats.rs"]
mod formats;
#[cfg(test)]
#[path = "command/grants.rs"]
mod grants;
#[cfg(test)]
#[path = "faults/guards.rs"]
mod guards;
#[cfg(test)]
#[path = "command/image.rs"]
mod image;
#[cfg(test)]
#[path = "command/init.rs"]
mod init;
#[cfg(test)]
#[path = "command/judge.rs"]
mod judge;
#[cfg(test)]
#[path = "command/junit.rs"]
mod junit;
#[cfg(test)]
#[path = "command/lint.rs"]
mod lint;
#[cfg(test)]
#[path = "command/manners.rs"]
mod manners;
#[cfg(test)]
#[path = "command/mutate.rs"]
mod mutate;
#[cfg(test)]
#[path = "command/parts.rs"]
mod parts;
#[path = "faults/project.rs"]
mod project;
#[cfg(test)]
#[path = "command/passing.rs"]
mod passing;

#[cfg(test)]
#[path = "command/planned.rs"]
mod planned;
#[cfg(test)]
#[path = "command/reports.rs"]
mod reports;
#[cfg(test)]
#[path = "command/secrets.rs"]
mod secrets;
#[path = "command/settings.rs"]
mod settings;
#[cfg(test)]
#[path = "command/shards.rs"]
mod shards;
#[cfg(test)]
#[path = "command/timed.rs"]
mod timed;
#[cfg(test)]
#[path = "command/trace.rs"]
mod trace;
#[cfg(test)]
#[path = "command/watch.rs"]
mod watch;

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use project::project;
use tempfile::TempDir;

/// A suite whose container never gets ready, and one that holds at once.
const SUITE: &str = r#"
seaworthy: 1
name: patient
secrets:
  WORD: { random: 20 }
image: { build: { context: context } }
run: { stdin_open: true, environment: { WORD: "${WORD}" } }
cases:
  - name: waits
    run: { ready: { exec: { command: [/probe, nothing], code: 99 }, within: 90s } }
    expect: [ { whoami: 0 } ]
  - name: holds
    tags: [fast]
    expect: [ { env: { WORD: { not: "" } } } ]
  - name: shows its word
    tags: [wrong]
    expect: [ { env: { WORD: public } } ]
"#;

const DOCKERFILE: &str = "FROM scratch\nCOPY --chmod=755 program /probe\nVOLUME /data\nENTRYPOINT [\"/probe\", \"serve\"]\n";

fn folder() -> TempDir {
    project(&[
        ("suites/patient.yaml", SUITE),
        ("suites/context/Dockerfile", DOCKERFILE),
    ])
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.args(arguments).current_dir(folder);
    // Those who run tests in a job are told by the tests and not by what they run.
    command.env_remove("GITHUB_ACTIONS").env_remove("GITLAB_CI");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ran(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    ended(command(folder, arguments).output().unwrap())
}

fn ended(output: Output) -> (Option<i32>, String) {
    let (out, err) = (output.stdout, output.stderr);
    let text = [out, err].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), text.concat())
}

/// The containers that this process made.
fn containers(id: u32) -> Vec<String> {
    let output = Command::new("docker")
        .args(["ps", "-a", "--filter", "label=io.seaworthy.run", "--format"])
        .arg("{{.Names}} {{.Label \"io.seaworthy.owner\"}}")
        .output()
        .unwrap();
    let all = String::from_utf8(output.stdout).unwrap();
    let ours = format!(":{id}:");
    let lines = all.lines().filter(|line| line.contains(&ours));
    lines.map(str::to_owned).collect()
}

/// A run whose container is there and not yet ready.
fn waiting(folder: &Path) -> Child {
    let run = command(folder, &["run", "--filter", "waits"])
        .spawn()
        .unwrap();
    soon("its container is there", || {
        !containers(run.id()).is_empty()
    });
    run
}

fn soon(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(Instant::now() < deadline, "in time: {what}");
        std::thread::yield_now();
    }
}

fn send(signal: &str, run: &Child) -> ExitStatus {
    let id = run.id().to_string();
    Command::new("kill").args([signal, &id]).status().unwrap()
}

#[test]
fn what_is_signalled_twice_in_a_moment_is_interrupted_once() {
    let folder = folder();
    let run = waiting(folder.path());
    let id = run.id();
    // As `timeout` does: to the program, and to the group that it is in.
    let twice = format!("kill -TERM {id}; kill -TERM {id}; kill -INT {id}");
    Command::new("sh").args(["-c", &twice]).status().unwrap();
    let (code, text) = ended(run.wait_with_output().unwrap());
    assert_eq!(code, Some(130), "{text}");
    assert!(!text.contains("left at once"), "{text}");
    assert_eq!(containers(id), [""; 0], "{text}");
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    let folder = folder();
    for signal in ["-INT", "-TERM", "-HUP"] {
        let run = waiting(folder.path());
        send(signal, &run);
        let id = run.id();
        let (code, text) = ended(run.wait_with_output().unwrap());
        assert_eq!(code, Some(130), "{signal} {text}");
        assert!(text.contains("stopping: removing containers"), "{text}");
        let gone = Command::new("docker")
            .args(["ps", "-a", "--filter", "label=io.seaworthy.owner"])
            .args(["--format", "{{.Label \"io.seaworthy.owner\"}}"])
            .output()
            .unwrap();
        let left = String::from_utf8(gone.stdout).unwrap();
        assert!(!left.contains(&format!(":{id}:")), "{signal}: {left}");
    }
}

/// Kills a run and who would clean up after it.
fn kill(run: &mut Child) {
    guards::unguard(run.id());
    run.kill().unwrap();
    run.wait().unwrap();
}

/// What a label of a container says.
fn label(container: &str, name: &str) -> String {
    let format = format!("{{{{index .Config.Labels {name:?}}}}}");
    docker(&["inspect", container, "--format", &format])
}

/// An image with the labels of this container, as a run has them that builds one for a claim.
fn image_like(container: &str) -> String {
    let labels = ["io.seaworthy.run", "io.seaworthy.owner"];
    let labels = labels.map(|name| format!("LABEL {name}={:?}", label(container, name)));
    let image = format!("{container}-build");
    import(&image, &labels);
    image
}

/// Makes an image of nothing.
fn import(image: &str, changes: &[String]) {
    let changes = changes.iter().flat_map(|change| ["--change", change]);
    let mut import = Command::new("docker")
        .arg("import")
        .args(changes)
        .args(["-", image])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // An archive of nothing.
    let mut input = import.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, &[0; 1024]).unwrap();
    drop(input);
    assert!(import.wait().unwrap().success());
}

#[test]
fn what_a_killed_run_leaves_is_collected_and_what_a_living_one_uses_is_not() {
    let folder = folder();
    let mut killed = waiting(folder.path());
    let living = waiting(folder.path());
    let name = |run: &Child| {
        let all = containers(run.id());
        all[0].split(' ').next().unwrap().to_owned()
    };
    let (dead, alive) = (name(&killed), name(&living));
    kill(&mut killed);
    let image = image_like(&dead);
    let (code, text) = ran(folder.path(), &["gc", "--dry-run"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains(&format!("would remove container {dead}\n")),
        "{text}"
    );
    let (_, text) = ran(folder.path(), &["gc"]);
    assert!(
        text.contains(&format!("removed container {dead}\n")),
        "{text}"
    );
    assert!(
        text.contains(&format!("left container {alive}: its run")),
        "{text}"
    );
    assert!(
        text.contains(&format!("removed image {image}:latest\n")),
        "{text}"
    );
    assert!(containers(killed.id()).is_empty() && !containers(living.id()).is_empty());
    send("-INT", &living);
    let (code, text) = ended(living.wait_with_output().unwrap());
    assert_eq!(code, Some(130), "{text}");
}

#[test]
fn the_reports_are_written_and_hold_no_secret() {
    let folder = folder();
    let arguments = ["run", "--tags", "fast,wrong", "--report", "out/reports"];
    let (code, text) = ran(folder.path(), &arguments);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("1 passed, 1 failed, 0 errored, 0 skipped in "),
        "{text}"
    );
    assert!(text.contains("actual    \"***\""), "{text}");
    let read =
        |name: &str| std::fs::read_to_string(folder.path().join("out/reports").join(name)).unwrap();
    assert!(read("report.txt").contains("1 passed, 1 failed, 0 errored, 0 skipped in "));
    assert!(read("report.html").contains("<dt>actual</dt><dd class=\"bad\">&quot;***&quot;</dd>"));
    let json: serde_json::Value = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(
        (&json["version"], &json["exit_code"]),
        (&1.into(), &1.into())
    );
    let failure = &json["outcome"]["cases"][1]["failures"][0];
    assert_eq!(failure["actual"], "\"***\"");
    assert_eq!(failure["place"]["line"], 17);
}

#[test]
fn what_cannot_begin_leaves_no_folder_that_was_not_there() {
    let folder = folder();
    let at = folder.path();
    std::fs::write(at.join("wrong.yaml"), "seaworthy: 1\ncasse: []\n").unwrap();
    let report = ["run", "--report", "out/reports"];
    let run = |words: &[&str]| ran(at, &[&report[..], words].concat());
    for (words, expected) in [
        (&["--filter", "no such"][..], 4),
        (&["wrong.yaml"], 2),
        (&["gone.yaml"], 2),
    ] {
        let (code, text) = run(words);
        assert_eq!(code, Some(expected), "{text}");
        assert!(!at.join("out").exists(), "{words:?}");
    }
    std::fs::create_dir(at.join("out")).unwrap();
    assert_eq!(run(&["wrong.yaml"]).0, Some(2));
    assert!(at.join("out").exists() && !at.join("out/reports").exists());
    // One that begins and gets nowhere says so in its reports.
    let (code, text) = run(&["--engine", "unix:///nowhere.sock"]);
    assert_eq!(code, Some(3), "{text}");
    let told = std::fs::read_to_string(at.join("out/reports/report.json")).unwrap();
    assert!(told.contains("cannot connect to the engine"), "{told}");
}

#[test]
fn what_cannot_begin_says_why_and_how_to_go_on() {
    let folder = folder();
    let of = |arguments: &[&str]| ran(folder.path(), arguments);
    let (code, text) = of(&["run", "--filter", "patient::hols"]);
    assert_eq!(code, Some(4), "{text}");
    assert!(
        text.contains("cases of a name like that: `patient::holds`"),
        "{text}"
    );
    let (code, text) = of(&["run", "--report", "suites/patient.yaml"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("`suites/patient.yaml` is a file, and a folder is wanted"),
        "{text}"
    );
    let (code, text) = of(&["run", "--engine", "unix:///nowhere.sock"]);
    assert_eq!(code, Some(3), "{text}");
    assert!(
        text.contains("cannot connect to the engine at unix:///nowhere.sock"),
        "{text}"
    );
    let (code, text) = of(&["doctor", "--engine", "unix:///nowhere.sock"]);
    assert_eq!(code, Some(3), "{text}");
    let (code, text) = of(&["doctor"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("suites can be run with this engine"),
        "{text}"
    );
}

#[test]
fn no_secret_is_shown_where_a_suite_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let suite = r#"
seaworthy: 1
secrets: { tok: { env: TOK }, other: { file: word } }
image: { ref: a }
run: { mem_limit: "${tok}" }
cases:
  - { name: "of ${other}", expect: [ { state: "${other}" } ] }
  - { name: "right ${other}", expect: [ { state: running } ] }
"#;
    std::fs::write(folder.path().join("s.yaml"), suite).unwrap();
    std::fs::write(folder.path().join("word"), "low\twh1sper\n").unwrap();
    for words in [
        &["check", "s.yaml"],
        &["list", "s.yaml"],
        &["run", "s.yaml"],
    ] {
        let mut command = command(folder.path(), words);
        let output = command.env("TOK", "hunter2secret").output().unwrap();
        let (code, text) = ended(output);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains("found `***`"), "{text}");
        for shown in ["hunter2", "wh1sper"] {
            assert!(!text.contains(shown), "{words:?}: {text}");
        }
    }
    // One that this machine does not have is no text that could be hidden.
    let (_, text) = ran(folder.path(), &["check", "s.yaml"]);
    assert!(
        text.contains("mem_limit") && text.contains("secret"),
        "{text}"
    );
}

#[test]
fn no_secret_of_a_build_is_shown() {
    let folder = folder();
    let suite = r"
seaworthy: 1
image: { build: { context: context, dockerfile: Told, secrets: { tok: { env: TOK }, own: { file: word } } } }
cases:
  - { name: a, expect: [ { path: /there } ] }
";
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join("suites").join(name), text).unwrap();
    };
    let own = format!("whisper{}", std::process::id());
    write("patient.yaml", suite);
    write("word", &format!("{own}\n"));
    write(
        "context/Told",
        &format!(
            "FROM scratch\nCOPY program /hunter2secret\nCOPY program /{own}\nCOPY program /there\n"
        ),
    );
    let mut command = command(folder.path(), &["run", "--verbose"]);
    let output = command.env("TOK", "hunter2secret").output().unwrap();
    let (code, text) = ended(output);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("COPY program /***"), "{text}");
    assert!(!text.contains("hunter2") && !text.contains(&own), "{text}");
}

/// What `docker` prints.
fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn what_is_kept_stays_with_its_anonymous_volumes_until_it_is_removed_by_name() {
    let folder = folder();
    let (code, said) = ran(folder.path(), &["run", "--tags", "wrong", "--keep"]);
    assert_eq!(code, Some(1), "{said}");
    let command = said
        .lines()
        .map(str::trim)
        .find(|line| line.contains("docker rm -fv "));
    let command = command.unwrap_or_else(|| panic!("{said}"));
    let name = command.rsplit(' ').next().unwrap();
    assert!(name.ends_with("-kept"), "{said}");
    let mounts = r#"{{range .Mounts}}{{if eq .Destination "/data"}}{{.Name}}{{end}}{{end}}"#;
    let volume = docker(&["inspect", "--format", mounts, name]);
    assert_eq!(volume.len(), 64, "an anonymous volume: {volume}");

    let (_, left) = ran(folder.path(), &["gc", "--dry-run"]);
    let stays = format!("left container {name}: ");
    let line = left.lines().find(|line| line.starts_with(&stays));
    assert!(
        line.is_some_and(|line| line.contains("--kept removes it")),
        "{left}"
    );
    assert!(
        !left.contains(&format!("would remove container {name}")),
        "{left}"
    );
    let (_, goes) = ran(folder.path(), &["gc", "--dry-run", "--kept"]);
    assert!(
        goes.contains(&format!("would remove container {name}")),
        "{goes}"
    );

    // As the report says.
    docker(&["rm", "-fv", name]);
    let volumes = docker(&["volume", "ls", "-q"]);
    assert!(!volumes.contains(&volume), "{volumes}");
}
