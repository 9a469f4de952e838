//! What an engine makes for a run that was killed, while `gc` is at work.

use libtest_mimic::Trial;
use seaworthy::engine::clock::Looks;

use super::composed::alone;
use super::stopped::{abandoned, has};
use super::{DEADLINE, Result, docker, engine, left, runtime, said, seaworthy, sweep};

pub(super) fn trials() -> Vec<Trial> {
    vec![Trial::test("wrong::gc_of_what_comes_late", || {
        late().map_err(Into::into)
    })]
}

const SUITE: &str = r#"
seaworthy: 1
vars: { BARE: null }
image: { build: { context: "${BARE}" } }
run:
  volumes: ["data:/data"]
  ready: { exec: /bare exit 1, within: 10m }
cases: [{ name: one, expect: [{ state: running }] }]
"#;

/// A volume of a killed run that is made once `gc` has begun to remove things goes with the others.
fn late() -> Result {
    let _alone = alone();
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = folder.path().join("waits.yaml");
    std::fs::write(&path, SUITE).map_err(|e| e.to_string())?;
    let mut command = seaworthy();
    command.arg(&path);
    let name = format!("seaworthy-test-late-{}", std::process::id());
    runtime().block_on(async {
        let killed = abandoned(command, has(2)).await?;
        let labels = labels(killed.pid).await?;
        let mut gc = tokio::process::Command::new(env!("CARGO_BIN_EXE_seaworthy"));
        gc.arg("gc").stdout(std::process::Stdio::piped());
        let gc = gc.kill_on_drop(true).spawn().map_err(|e| e.to_string())?;
        // Its first look is over when something has gone.
        let mut looks = Looks::within(DEADLINE);
        while left(killed.pid).await?.len() > 1 && looks.again().await {}
        let labels: Vec<&str> = labels.iter().flat_map(|l| ["--label", l]).collect();
        docker(&[&["volume", "create"], &labels[..], &[&name]].concat())?;
        let output = tokio::time::timeout(DEADLINE, gc.wait_with_output()).await;
        let after = left(killed.pid).await?;
        sweep(killed.pid).await?;
        let output = output.map_err(|_| "`gc` did not end")?;
        let (code, text) = said(&output.map_err(|e| e.to_string())?);
        let told = text.contains(&format!("removed volume {name}\n"));
        match code == 0 && after.is_empty() && told {
            true => Ok(()),
            false => Err(format!("exit code {code}, left {after:?}:\n{text}")),
        }
    })
}

/// The labels that the volumes of a run of this process have.
async fn labels(pid: u32) -> Result<Vec<String>> {
    let volumes = engine().await?.volumes();
    let all = volumes.list("io.seaworthy.owner").await;
    let all = all.map_err(|fault| fault.to_string())?;
    let own = all.into_iter().find(|volume| {
        let owner = volume.labels.get("io.seaworthy.owner");
        owner.is_some_and(|owner| owner.contains(&format!(":{pid}:")))
    });
    let labels = own.ok_or("it has no volume")?.labels.into_iter();
    Ok(labels
        .map(|(name, value)| format!("{name}={value}"))
        .collect())
}
