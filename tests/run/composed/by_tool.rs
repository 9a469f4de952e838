//! The Compose tools that are here, each alone on the path: `docker-compose` without the Docker CLI too. Where both are
//! here, the other tests have `docker compose`, and run once more with the first tool.

use std::os::unix::fs::PermissionsExt as _;
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
    if is_here && trials.len() > 1 && std::env::var_os(AGAIN).is_none() {
        let again = || again().map_err(Into::into);
        // It takes minutes.
        let name = "wrong::composed_all_by_docker-compose (all of them again: ci/soak, --ignored)";
        trials.push(Trial::test(name, again).with_ignored_flag(true));
    }
    trials
}

/// Set where these tests are run by one of them.
const AGAIN: &str = "SEAWORTHY_TEST_AGAIN";

/// Every other test of Compose files, where the Docker CLI has no plugin.
fn again() -> Result {
    let _alone = super::alone();
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let docker = folders.iter().map(|folder| folder.join("docker"));
    let docker = docker.into_iter().find(|file| file.is_file());
    let docker = docker.ok_or("there is no docker command")?;
    let without = format!(
        "#!/bin/sh\n[ \"$1\" != compose ] || exit 1\nexec '{}' \"$@\"\n",
        docker.display()
    );
    let file = folder.path().join("docker");
    let rights = std::fs::Permissions::from_mode(0o755);
    let made = std::fs::write(&file, without);
    let made = made.and_then(|()| std::fs::set_permissions(&file, rights));
    made.map_err(|e| e.to_string())?;
    let all = std::iter::once(folder.path().to_owned()).chain(folders);
    let path = std::env::join_paths(all).map_err(|e| e.to_string())?;
    let mut command = Command::new(std::env::current_exe().map_err(|e| e.to_string())?);
    command
        .args(["composed", "--skip", "composed_by_", "--test-threads", "2"])
        .env("PATH", path)
        .env(AGAIN, "yes");
    let output = command.output().map_err(|e| e.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(super::super::said(&output).1),
    }
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
