//! Ctrl-C while something is waited for.

use libtest_mimic::Trial;

use super::stopped::{has, stopped};
use super::{Result, runtime, seaworthy};

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
    command.arg(&path);
    runtime().block_on(async {
        // Two containers and their volumes.
        let stopped = stopped(command, "-INT", has(4)).await?;
        let says = [
            "stopping: removing containers",
            "interrupted: 2 cases were not judged",
        ];
        stopped.leaves_nothing(&says).await
    })
}
