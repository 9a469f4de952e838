//! Ctrl-C while something is waited for.

use libtest_mimic::Trial;
use seaworthy::engine::clock::Looks;

use super::stopped::{has, stopped};
use super::{DEADLINE, Result, docker, engine, runtime, seaworthy, things};

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
    vec![
        Trial::test("wrong::interrupted", || interrupted().map_err(Into::into)),
        Trial::test("wrong::interrupted_later", || later().map_err(Into::into)),
        Trial::test("wrong::interrupted_in_use", || in_use().map_err(Into::into)),
    ]
}

/// A network that the engine does not let go of when the run is stopped is tried again, and gone a little later.
fn in_use() -> Result {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = folder.path().join("waits.yaml");
    let suite = SUITE.replace(
        "run:\n",
        "networks: { back: {} }\nrun:\n  networks: [back]\n",
    );
    std::fs::write(&path, suite).map_err(|e| e.to_string())?;
    let mut command = seaworthy();
    command.arg(&path);
    let guest = format!("seaworthy-test-guest-{}", std::process::id());
    let joined = runtime().block_on(async {
        let stage = async |pid| {
            let [containers, networks, ..] = things(pid).await?;
            let Some(network) = networks.first().filter(|_| containers.len() == 2) else {
                return Ok(false);
            };
            let joins = ["run", "-d", "--name", &guest, "--network", network];
            docker(&[&joins[..], &["debian:bookworm-slim", "sleep", "infinity"]].concat())?;
            tokio::spawn(leaves(pid, guest.clone()));
            Ok(true)
        };
        let stopped = stopped(command, "-INT", stage).await?;
        stopped
            .leaves_nothing(&["stopping: removing containers"])
            .await
    });
    docker(&["rm", "-f", &guest])?;
    joined
}

/// Has the guest leave once the run has no containers any more.
async fn leaves(pid: u32, guest: String) -> Result {
    let mut looks = Looks::within(DEADLINE);
    while !things(pid).await?[0].is_empty() && looks.again().await {}
    docker(&["rm", "-f", &guest]).map(drop)
}

/// What came of cases before is told, though others go on with their container.
fn later() -> Result {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = folder.path().join("later.yaml");
    let (head, _) = SUITE.split_once("run:").unwrap_or_default();
    let suite = format!(
        "{head}cases:\n  - {{ name: one, expect: [{{ state: running }}] }}\n  - name: two\n    shared: true\n    \
         steps: [pause, {{ expect: [{{ state: running, within: 10m }}] }}]\n"
    );
    std::fs::write(&path, suite).map_err(|e| e.to_string())?;
    let mut command = seaworthy();
    command.arg(&path);
    runtime().block_on(async {
        let frozen = async |pid| {
            let all = engine()
                .await?
                .containers()
                .list("io.seaworthy.owner")
                .await;
            let all = all.map_err(|fault| fault.to_string())?;
            let names = things(pid).await?[0].concat();
            let mut own = all
                .iter()
                .filter(|one| one.names.iter().any(|n| names.contains(n.as_str())));
            Ok(own.any(|one| one.state == "paused"))
        };
        let stopped = stopped(command, "-INT", frozen).await?;
        stopped
            .leaves_nothing(&["✓ passed  one", "interrupted: "])
            .await
    })
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
