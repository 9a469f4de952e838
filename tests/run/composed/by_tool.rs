//! The Compose tools that are here, each alone on the path: `docker-compose` without the Docker CLI too.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;

use super::super::{Result, ended, root, seaworthy};

/// What the plugin of the Docker CLI brings up, and what the first tool does.
const NEWER: (&str, &[&str]) = ("docker", &["compose", "version"]);
const FIRST: (&str, &[&str]) = ("docker-compose", &["version"]);

pub(super) fn trials() -> Vec<Trial> {
    let suites = |suites: &'static [(&str, &str)], tool: Option<tempfile::TempDir>| {
        move || -> std::result::Result<(), libtest_mimic::Failed> {
            let folder = tool.ok_or("it is not there any more")?;
            for (suite, filter) in suites {
                brought_up(folder.path(), suite, filter)?;
            }
            Ok(())
        }
    };
    let (newer, first) = (alone(NEWER), alone(FIRST));
    let mut trials = Vec::new();
    if first.is_some() {
        let work = suites(
            &[("fixtures/behaviour/composed.yaml", "to the other")],
            first,
        );
        trials.push(Trial::test("wrong::composed_by_docker-compose", work));
    }
    let (name, is_here) = match &newer {
        Some(_) => ("wrong::composed_by_docker_compose", true),
        None => (
            "wrong::composed_by_docker_compose (there is no `docker compose` here)",
            false,
        ),
    };
    let of_newer = [
        ("fixtures/behaviour/composed.yaml", "to the other"),
        ("fixtures/compose/newer/suite.yaml", ""),
    ];
    let of_newer: &'static [(&str, &str)] = Box::leak(Box::new(of_newer));
    trials.push(Trial::test(name, suites(of_newer, newer)).with_ignored_flag(!is_here));
    trials
}

/// A folder with nothing but this tool, where it works.
fn alone((name, words): (&str, &[&str])) -> Option<tempfile::TempDir> {
    let path = std::env::var_os("PATH")?;
    let found: PathBuf = std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())?;
    let folder = tempfile::tempdir().ok()?;
    std::os::unix::fs::symlink(found, folder.path().join(name)).ok()?;
    let mut command = Command::new(folder.path().join(name));
    let output = command.args(words).env("PATH", folder.path()).output();
    output.ok()?.status.success().then_some(folder)
}

fn brought_up(path: &Path, suite: &str, filter: &str) -> Result {
    let mut command = seaworthy();
    command.arg(root().join(suite)).env("PATH", path);
    if !filter.is_empty() {
        command.args(["--filter", filter]);
    }
    let (code, text) = ended(command)?;
    match code {
        0 => Ok(()),
        code => Err(format!("{suite}: exit code {code}:\n{text}")),
    }
}
