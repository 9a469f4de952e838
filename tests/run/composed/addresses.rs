//! Stacks with fixed addresses, of which there can be one at a time.

use std::path::Path;

use super::super::{Result, ended};
use super::beside::docker;
use super::{command, written};

/// Two cases that each have a stack of their own wait for each other; another's network is told with the line.
pub(super) fn fixed_addresses() -> Result {
    let number = std::process::id() % 250;
    let range = format!("10.214.{number}.0/24");
    let folder = written(&format!(
        "  web: {{ build: '${{BARE}}', networks: {{ back: {{ ipv4_address: 10.214.{number}.5 }} }} }}\nnetworks:\n  back:\n    ipam: {{ config: [{{ subnet: {range} }}] }}"
    ))?;
    let suite = "seaworthy: 1\ncompose: { files: [compose.yaml], app: web }\ncases:\n  - { name: one, steps: [restart] }\n  - { name: two, steps: [restart] }\n";
    std::fs::write(folder.path().join("suite.yaml"), suite).map_err(|e| e.to_string())?;
    ran(folder.path(), 0, &["2 passed"])?;
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
    command.args(["--jobs", "2"]);
    let (code, text) = ended(command)?;
    match code == expected && says.iter().all(|part| text.contains(part)) {
        true => Ok(()),
        false => Err(format!(
            "exit code {code}, not {expected} with {says:?}:\n{text}"
        )),
    }
}
