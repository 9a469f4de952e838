//! Stacks with fixed addresses, of which there can be one at a time.

use std::path::Path;
use std::time::Duration;

use super::super::{Result, docker, ended};
use super::{command, written};

/// Two cases that each have a stack of their own wait for each other; another's network is told with the line.
pub(super) fn fixed_addresses() -> Result {
    let number = std::process::id() % 250;
    let range = format!("10.214.{number}.0/24");
    let folder = written(&format!(
        "  web: {{ build: '${{BARE}}', networks: {{ back: {{ ipv4_address: 10.214.{number}.5 }} }} }}\nnetworks:\n  back:\n    ipam: {{ config: [{{ subnet: {range} }}] }}"
    ))?;
    let cases = |steps: &str| {
        let head = "seaworthy: 1\ncompose: { files: [compose.yaml], app: web }\ncases:\n";
        let case = |name| format!("  - {{ name: {name}, steps: [{steps}] }}\n");
        let all: String = ["one", "two", "three"].map(case).concat();
        let suite = format!("{head}{all}");
        std::fs::write(folder.path().join("suite.yaml"), suite).map_err(|e| e.to_string())
    };
    cases("restart, restart")?;
    ran(folder.path(), 0, &["3 passed"])?;
    waited(folder.path())?;
    // Whichever is the first one fails, and the others are still waiting.
    cases("expect: [{ state: exited }]")?;
    let said = "2 cases were not judged, as --fail-fast says";
    ran(folder.path(), 1, &["0 passed, 1 failed", said])?;
    let name = format!("seaworthy-test-{}", std::process::id());
    docker(&["network", "create", "--subnet", &range, &name])?;
    let said = format!(
        "compose.yaml:5: the range {range} of the network `back`, which the file fixes, is taken by `{name}`"
    );
    let told = ran(folder.path(), 3, &[&said, "help: take that network down"]);
    docker(&["network", "rm", &name])?;
    told
}

fn ran(folder: &Path, expected: i32, says: &[&str]) -> Result {
    let mut command = command(folder);
    command
        .args(["--jobs", "3", "--fail-fast", "--report"])
        .arg(folder.join("reports"));
    let (code, text) = ended(command)?;
    match code == expected && says.iter().all(|part| text.contains(part)) {
        true => Ok(()),
        false => Err(format!(
            "exit code {code}, not {expected} with {says:?}:\n{text}"
        )),
    }
}

/// That the time of no case is that of nearly all of them, which it is of the last one with its wait for the others.
fn waited(folder: &Path) -> Result {
    let text = std::fs::read(folder.join("reports/report.json")).map_err(|e| e.to_string())?;
    let report: serde_json::Value = serde_json::from_slice(&text).map_err(|e| e.to_string())?;
    let outcome = &report["outcome"];
    let time = |took: &serde_json::Value| serde_json::from_value::<Duration>(took.clone());
    let whole = time(&outcome["took"]).map_err(|e| e.to_string())?;
    let cases = outcome["cases"].as_array().ok_or("it has no cases")?;
    for case in cases {
        let took = time(&case["took"]).map_err(|e| e.to_string())?;
        if took > whole * 4 / 5 {
            return Err(format!("{}: {took:?} of {whole:?}", case["name"]));
        }
    }
    Ok(())
}
