//! What goes wrong, through the command itself: one clear message, the right exit code, nothing left.

mod composed;
#[path = "../faults/guards.rs"]
mod guards;
mod gone;
mod interrupted;
mod late;
mod stopped;
mod unreadable;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use libtest_mimic::Trial;
use regex::Regex;

use super::bench::{Result, bare, engine, root, runtime};

/// The longest that any of these may take.
const DEADLINE: Duration = Duration::from_mins(2);

pub(crate) fn trials() -> Vec<Trial> {
    let entries = std::fs::read_dir(root().join("fixtures/wrong")).unwrap();
    let mut names: Vec<String> = entries
        .filter_map(|e| e.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned))
        .collect();
    names.sort();
    let trial = |name: String| {
        Trial::test(format!("wrong::{name}"), move || {
            suite(&name).map_err(Into::into)
        })
    };
    let mut trials: Vec<Trial> = names.into_iter().map(trial).collect();
    trials.extend(composed::trials());
    trials.extend(gone::trials());
    trials.extend(interrupted::trials());
    trials.extend(late::trials());
    trials.extend(unreadable::trials());
    trials
}

/// The command, seeing nothing of whoever runs the tests but the way to the engine.
fn seaworthy() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command
        .current_dir(root())
        .args(["run", "--color", "never"])
        // It lies in no project of theirs.
        .arg(format!("--allow=read={}", bare().display()))
        .env("BARE", bare())
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs it to its end, which it has to find by itself, and sees that nothing is left.
fn ended(mut command: Command) -> Result<(i32, String)> {
    runtime().block_on(async {
        engine().await?;
        command.stderr(Stdio::piped());
        let child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| error.to_string())?;
        let pid = child.id().unwrap_or_default();
        let output = tokio::time::timeout(DEADLINE, child.wait_with_output()).await;
        let left = left(pid).await?;
        sweep(pid).await?;
        let output = output.map_err(|_| format!("it had not ended after {DEADLINE:?}"))?;
        let output = output.map_err(|error| error.to_string())?;
        match left.is_empty() {
            true => Ok(said(&output)),
            false => Err(format!("left: {left:?}\n{}", said(&output).1)),
        }
    })
}

/// What the Docker CLI says.
fn docker(words: &[&str]) -> Result<String> {
    let output = Command::new("docker").args(words).output();
    Ok(said(&output.map_err(|e| e.to_string())?).1)
}

fn said(output: &Output) -> (i32, String) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let all = text(&output.stdout) + &text(&output.stderr);
    (output.status.code().unwrap_or(-1), all)
}

/// Containers, networks, volumes and images that belong to a run of this process, by kind.
async fn things(pid: u32) -> Result<[Vec<String>; 4]> {
    let engine = engine().await?;
    let said = |fault: seaworthy::engine::Fault| fault.to_string();
    let label = "io.seaworthy.owner";
    let own = |labels: &std::collections::BTreeMap<String, String>| {
        let owner = labels.get(label).map_or("", String::as_str);
        owner.contains(&format!(":{pid}:"))
    };
    let containers = engine.containers().list(label).await.map_err(said)?;
    let containers = containers.into_iter().filter(|c| own(&c.labels));
    let networks = engine.networks().list(label).await.map_err(said)?;
    let networks = networks.into_iter().filter(|n| own(&n.labels));
    let volumes = engine.volumes().list(label).await.map_err(said)?;
    let volumes = volumes.into_iter().filter(|v| own(&v.labels));
    let images = engine.images().list(label).await.map_err(said)?;
    let images = images.into_iter().filter(|i| own(&i.labels));
    Ok([
        containers.flat_map(|c| c.names).collect(),
        networks.map(|n| n.name).collect(),
        volumes.map(|v| v.name).collect(),
        images.map(|i| i.id).collect(),
    ])
}

/// All that belongs to a run of this process.
async fn left(pid: u32) -> Result<Vec<String>> {
    Ok(things(pid).await?.concat())
}

/// Removes what a run of this process could not.
async fn sweep(pid: u32) -> Result {
    let engine = engine().await?;
    let said = |fault: seaworthy::engine::Fault| fault.to_string();
    let [containers, networks, volumes, images] = things(pid).await?;
    for name in &containers {
        let name = name.trim_start_matches('/');
        engine.containers().remove(name).await.map_err(said)?;
    }
    for name in &networks {
        engine.networks().remove(name).await.map_err(said)?;
    }
    for name in &volumes {
        engine.volumes().remove(name).await.map_err(said)?;
    }
    for name in &images {
        engine.images().remove(name, true).await.map_err(said)?;
    }
    Ok(())
}

fn suite(name: &str) -> Result {
    let path = format!("fixtures/wrong/{name}.yaml");
    let text = std::fs::read_to_string(root().join(&path)).map_err(|e| e.to_string())?;
    let noted = |key: &str| {
        let mark = format!("# {key}: ");
        text.lines().find_map(|line| line.strip_prefix(&mark))
    };
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(|e| e.to_string())?;
    let port = taken.local_addr().map_err(|e| e.to_string())?.port();
    let mut command = seaworthy();
    command.arg(path).env("PORT", port.to_string());
    command.args(noted("arguments").unwrap_or_default().split_whitespace());
    if let Some((variable, value)) = noted("environment").and_then(|e| e.split_once('=')) {
        command.env(variable, value);
    }
    let (code, said) = ended(command)?;
    let expected = noted("exit").ok_or("its first line should say `# exit: CODE`")?;
    if code.to_string() != expected {
        return Err(format!("exit code {code}, not {expected}:\n{said}"));
    }
    insta::with_settings!({
        snapshot_path => "../../fixtures/wrong/said",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, same_everywhere(&said, port));
    });
    Ok(())
}

/// Without what differs from run to run and from machine to machine.
fn same_everywhere(said: &str, port: u16) -> String {
    let bare = format!("{}", Path::new(bare()).display());
    let said = said.replace(&bare, "BARE");
    let said = said.replace(&format!(":{port}"), ":PORT");
    let changes = [
        (r"seaworthy-[a-z0-9]{8}-\d+", "seaworthy-RUN"),
        (r"sha256:[0-9a-f]{12,64}", "sha256:ID"),
        (r"\b[0-9a-f]{64}\b", "ID"),
        (r" +\d+(\.\d+)? (µs|ms|s|min)( \d+ s)?\b", " TIME"),
        (r"(?m)^building BARE( \(\S+\))? …\n", ""),
        (r"(?m)^BARE( \(\S+\))?: built.*\n", ""),
        // Engines have their own words, and change them from version to version.
        (r"Error processing tar file\(exit status 1\): ", ""),
        (r" \(did you mean [A-Z]+\?\)", ""),
        (
            r"Unknown runtime specified|unknown or invalid runtime name:",
            "no runtime",
        ),
        (
            r"driver failed programming external connectivity on endpoint \S+ \(\w+\): (Error starting userland proxy: )?",
            "",
        ),
        (r"failed to set up container networking: ", ""),
        (
            r#"(failed to resolve reference "\S+": failed to do request: )?(Get|Head) "\S+": "#,
            "",
        ),
        (
            r"listen tcp4 127\.0\.0\.1:PORT: bind: |failed to bind host port for 127\.0\.0\.1:PORT\S* ",
            "",
        ),
    ];
    let change = |text: String, (from, to): (&str, &str)| {
        let from = Regex::new(from).unwrap();
        from.replace_all(&text, to).into_owned()
    };
    changes.into_iter().fold(said, change)
}
