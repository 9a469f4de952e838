//! What is told of names and variables of a suite's `compose`, of what its file binds, and of services that die.

use std::path::Path;
use std::process::Command;

use super::super::{Result, bare, ended, said};
use super::{command, expecting, written};

/// A suite of a folder, whole.
fn suite(folder: &Path, compose: &str, cases: &str) -> Result {
    let text =
        format!("seaworthy: 1\ncompose:\n  files: [compose.yaml]\n{compose}\ncases:\n{cases}\n");
    std::fs::write(folder.join("suite.yaml"), text).map_err(|e| e.to_string())
}

/// What `check` says, without an engine.
fn checked(folder: &Path) -> Result<(i32, String)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command
        .args(["check", "suite.yaml"])
        // It lies in no project of theirs.
        .arg(format!("--allow=read={}", bare().display()))
        .env("BARE", bare())
        .env("DOCKER_HOST", "unix:///nowhere.sock")
        .current_dir(folder);
    Ok(said(&command.output().map_err(|e| e.to_string())?))
}

/// What is said, each so often, and with which exit code.
fn says((code, text): &(i32, String), expected: i32, parts: &[(&str, usize)]) -> Result {
    let wrong: Vec<_> = parts
        .iter()
        .filter(|(part, times)| text.matches(part).count() != *times)
        .collect();
    match *code == expected && wrong.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "exit code {code}, not as often said: {wrong:?}\n{text}"
        )),
    }
}

const RUNS: &str = "  - { name: it runs, expect: [{ state: running }] }";

/// A name that the file does not have, or that is not started, is told where the suite writes it.
pub(super) fn names() -> Result {
    let folder =
        written("  web: { build: '${BARE}' }\n  tool: { build: '${BARE}', profiles: [tools] }")?;
    let at = folder.path();
    for (compose, message, place) in [
        (
            "  app: tool",
            "`app` is the service `tool`, which is not started",
            "4:8",
        ),
        (
            "  app: web\n  profiles: [tools, tolls]",
            "no service has the profile `tolls`",
            "5:21",
        ),
        (
            "  app: web\n  scale: { tool: 2 }",
            "`scale` names the service `tool`",
            "5:12",
        ),
        (
            "  app: web\n  certificates: { tool: /tls }",
            "`certificates` names the service `tool`",
            "5:19",
        ),
    ] {
        let text = match compose.contains("certificates") {
            true => format!("{compose}\ncertificates: {{ server: {{ dns: [web] }} }}"),
            false => compose.to_owned(),
        };
        suite(at, &text, RUNS)?;
        let place = format!("--> suite.yaml:{place}");
        says(&checked(at)?, 2, &[(message, 1), (&place, 1)])?;
        let line = format!(
            "suite.yaml:{}",
            place.rsplit(':').nth(1).unwrap_or_default()
        );
        let (code, text) = ended(command(at))?;
        if code != 3 || !text.contains(message) || !text.contains(&line) {
            return Err(format!(
                "exit code {code}, not {message} at {line}:\n{text}"
            ));
        }
    }
    Ok(())
}

/// What a case says of a service whose profile is off is told by `check`, at the name.
pub(super) fn off() -> Result {
    let folder =
        written("  web: { build: '${BARE}' }\n  tool: { build: '${BARE}', profiles: [tools] }")?;
    let case = "  - name: it runs\n    expect:\n      - state: running\n        service: tool";
    suite(folder.path(), "  app: web", case)?;
    let told = checked(folder.path())?;
    let parts = [
        ("the service `tool` is not started", 1),
        ("--> suite.yaml:9:18", 1),
        ("switch its profile on by `profiles`", 1),
    ];
    says(&told, 2, &parts)?;
    suite(folder.path(), "  app: web\n  profiles: [tools]", case)?;
    says(&checked(folder.path())?, 0, &[("no errors", 1)])
}

/// What the Compose tool warns of is a note of `check`, at the line that it is about; a suite's own `$$` is one too.
pub(super) fn warned() -> Result {
    let folder = written(
        "  # ${SEAWORTHY_NEVER_SET}\n  web:\n    build: '${BARE}'\n    environment: { A: '${SEAWORTHY_NEVER_SET}' }",
    )?;
    suite(
        folder.path(),
        "  app: web",
        "  - { name: 'costs $$MUCH', expect: [{ state: running }] }",
    )?;
    let parts = [
        ("note: ", 2),
        ("compose.yaml:5: `docker", 1),
        ("SEAWORTHY_NEVER_SET", 1),
        ("suite.yaml:6: `$$MUCH` keeps both", 1),
        ("no errors, 2 notes", 1),
    ];
    says(&checked(folder.path())?, 0, &parts)
}

/// `check` notes what is bound and is not there, with the line, and takes the suite all the same: a run may be
/// elsewhere.
pub(super) fn unbound() -> Result {
    let folder = written(
        "  web:\n    build: '${BARE}'\n    secrets: [word]\n    volumes: ['./absent:/absent', './compose.yaml:/file']\nsecrets:\n  word:\n    file: ./word.txt",
    )?;
    let told = checked(folder.path())?;
    let parts = [
        ("note: Compose files of `suite` bind what is not there: ", 1),
        ("compose.yaml:5: `", 1),
        ("absent`, of the service `web`", 1),
        ("compose.yaml:8: `", 1),
        ("word.txt`", 1),
        ("no errors", 1),
    ];
    says(&told, 0, &parts)?;
    for name in ["word.txt", "absent"] {
        std::fs::write(folder.path().join(name), "x").map_err(|e| e.to_string())?;
    }
    says(
        &checked(folder.path())?,
        0,
        &[("note:", 0), ("no errors", 1)],
    )
}

/// A variable that nothing in the file uses is told by `check`, and noted by `run`, which judges all the same.
pub(super) fn unused() -> Result {
    let folder = written("  web: { build: '${BARE}', environment: { A: '${TAG:-1}' } }")?;
    suite(
        folder.path(),
        "  app: web\n  environment:\n    TAG: x\n    TAGS: x",
        RUNS,
    )?;
    let message = "the Compose file never uses the variable `TAGS`";
    let parts = [
        (message, 1),
        ("--> suite.yaml:7:5", 1),
        ("variable `TAG`", 0),
    ];
    says(&checked(folder.path())?, 2, &parts)?;
    let note = format!("suite.yaml:7: {message}");
    says(
        &ended(command(folder.path()))?,
        0,
        &[(&note, 1), ("1 passed", 1)],
    )
}

/// A service that ends in place of getting ready is told once, with where the file describes it.
pub(super) fn once() -> Result {
    let folder = written(
        "  web: { build: '${BARE}' }\n  once:\n    build: '${BARE}'\n    command: [exit, '6', '1']",
    )?;
    let ready = "  app: web\n  ready: { once: { tcp: 'once:1', within: 1m } }";
    suite(folder.path(), ready, RUNS)?;
    let told = ended(command(folder.path()))?;
    let parts = [
        ("the service `once` did not get ready", 1),
        ("found it ended with exit code 6", 1),
        ("it is described at ", 1),
        ("compose.yaml:3\n", 1),
    ];
    says(&told, 3, &parts)
}

/// Beside a service that has died it is told what `app` lacked behind a `replace`.
pub(super) fn beside() -> Result {
    let folder = written(
        "  web: { build: '${BARE}' }\n  once: { build: '${BARE}', command: [exit, '6', '1'] }",
    )?;
    let ends = format!(
        "{{ build: {{ context: '{}', dockerfile: Dockerfile.ends }} }}",
        bare().display()
    );
    expecting(
        folder.path(),
        &format!("{{ name: upgraded, steps: [{{ replace: {ends} }}] }}"),
    )?;
    let path = folder.path().join("suite.yaml");
    let text = std::fs::read_to_string(&path).map_err(|e| e.to_string())?;
    let text = text.replace("app: web }", "app: web, ready: { once: none } }");
    std::fs::write(&path, text).map_err(|e| e.to_string())?;
    let told = ended(command(folder.path()))?;
    let parts = [
        ("the service `once` ended with exit code 6", 1),
        ("the service `web` did not get ready", 1),
        ("after the step `replace` in line 4", 1),
        ("it is described at ", 1),
    ];
    says(&told, 3, &parts)
}
