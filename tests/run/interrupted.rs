//! Ctrl-C while something is waited for.

use std::process::{Command, Stdio};

use libtest_mimic::Trial;
use seaworthy::engine::clock::Looks;

use super::{DEADLINE, Result, engine, left, runtime, said, seaworthy, sweep};

/// Waits for longer than the test does.
const SUITE: &str = r#"
seaworthy: 1
vars: { BARE: null }
image: { build: { context: "${BARE}" } }
run:
  volumes: ["data:/data"]
  ready: { exec: /bare exit 1, within: 10m }
cases:
  - { name: one, expect: [{ state: running }] }
  - { name: two, run: { hostname: two }, expect: [{ state: running }] }
"#;

pub(super) fn trials() -> Vec<Trial> {
    vec![Trial::test("wrong::interrupted", || {
        interrupted().map_err(Into::into)
    })]
}

fn interrupted() -> Result {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = folder.path().join("waits.yaml");
    std::fs::write(&path, SUITE).map_err(|e| e.to_string())?;
    let mut command = seaworthy();
    command.arg(&path).stderr(Stdio::piped());
    runtime().block_on(async {
        engine().await?;
        let child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| error.to_string())?;
        let pid = child.id().ok_or("it ended at once")?;
        let ended = tokio::time::timeout(DEADLINE, interrupt(child, pid)).await;
        sweep(pid).await?;
        ended.map_err(|_| format!("it had not ended after {DEADLINE:?}"))?
    })
}

/// Interrupts it once its containers and their volumes are there.
async fn interrupt(child: tokio::process::Child, pid: u32) -> Result {
    let mut looks = Looks::within(DEADLINE);
    while left(pid).await?.len() < 4 {
        looks.again().await;
    }
    let killed = Command::new("kill")
        .arg("-INT")
        .arg(pid.to_string())
        .status();
    killed.map_err(|error| error.to_string())?;
    let output = child.wait_with_output().await.map_err(|e| e.to_string())?;
    let (code, text) = said(&output);
    let left = left(pid).await?;
    let says = [
        "stopping: removing containers",
        "interrupted: 2 cases were not judged",
    ];
    match code == 130 && left.is_empty() && says.iter().all(|part| text.contains(part)) {
        true => Ok(()),
        false => Err(format!("exit code {code}, left {left:?}:\n{text}")),
    }
}
