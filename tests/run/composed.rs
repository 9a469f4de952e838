//! Suites over Compose files: what cannot be brought up, what is stopped midway, and others beside it.

mod addresses;
mod beside;
mod by_tool;
mod cached;
mod linked;
mod orphan;
mod said;
mod stopped;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use libtest_mimic::Trial;

use super::{Result, ended, left, runtime, seaworthy, sweep, things};

/// What is told of a Compose file: its services, the exit code, and what is said.
const TOLD: [Told; 18] = [
    (
        "unparsed",
        "  web: { image: x, wrong: 1 }",
        3,
        &["is refused by `docker", "wrong"],
    ),
    (
        "unset",
        "  web: { image: '${SEAWORTHY_NEVER_SET:?it is needed}' }",
        3,
        &["is refused by `docker", "it is needed"],
    ),
    (
        "warned",
        "  web: { build: '${BARE}', environment: { A: '${SEAWORTHY_NEVER_SET}' } }",
        0,
        &[
            "note: ",
            "compose.yaml:2: `docker",
            "` warns: The ",
            "SEAWORTHY_NEVER_SET",
            "compose.yaml: resolved in ",
        ],
    ),
    (
        "external",
        "  web: { build: '${BARE}', networks: [theirs] }\nnetworks: { theirs: { external: true } }",
        3,
        &["the network `theirs` of the Compose file is external"],
    ),
    (
        "hooked",
        "  web: { build: '${BARE}', post_start: [{ command: [/bare, say, x] }] }",
        3,
        &["post_start"],
    ),
    (
        "off",
        "  web: { build: '${BARE}', depends_on: [tools] }\n  tools: { image: x, profiles: [debug] }",
        3,
        &["tools", "debug"],
    ),
    (
        "unbuilt",
        "  web: { build: '${UNBUILDABLE}' }",
        1,
        &["an image that builds", "broken/Dockerfile:2"],
    ),
    (
        "unbuilt_by_tool",
        "  web: { build: { context: '${UNBUILDABLE}', shm_size: 64m } }",
        1,
        &["an image that builds", "the builder's last lines"],
    ),
    (
        "dead_service",
        "  web: { build: '${BARE}', depends_on: { db: { condition: service_healthy } } }\n  db: { build: '${BARE}', command: [exit, '3', '2'] }",
        3,
        &[
            "the service `db` did not get ready",
            "exit code 3",
            "line 2",
        ],
    ),
    (
        "unchecked",
        "  web: { build: '${BARE}', depends_on: { db: { condition: service_healthy } } }\n  db: { build: '${BARE}', healthcheck: { disable: true } }",
        3,
        &[
            "compose.yaml:2: `web` cannot be started: it waits until `db` is healthy",
            "`db` has no health check",
            "`service_started`",
        ],
    ),
    (
        "unset_image",
        "  web: { build: '${BARE}', depends_on: [db] }\n  db: { image: 'redis:${SEAWORTHY_NEVER_SET}' }",
        3,
        &[
            "compose.yaml:3: the image of the service `db` comes out as `redis:`",
            "since the variable SEAWORTHY_NEVER_SET is not set",
            "`${SEAWORTHY_NEVER_SET:-…}`",
        ],
    ),
    (
        "powerful",
        "  web:\n    extends: { service: base }\n    build: '${BARE}'\n  base: &base\n    build: '${BARE}'\n    \
         volumes: ['./link:/s']\n  db:\n    <<: *base\n    privileged: true\n    cap_drop: [ALL]\n    cap_add: [CHOWN, SYS_PTRACE]",
        3,
        &[
            "the Compose file asks for powers over this machine",
            "compose.yaml:2: `engine-socket` is refused: it lets a container speak with the engine",
            "compose.yaml:10: `privileged` is refused",
            "compose.yaml:12: `cap_add=SYS_PTRACE` is refused",
            "cannot do so itself: `--allow engine-socket --allow privileged --allow cap_add=SYS_PTRACE`",
        ],
    ),
    (
        "read_by_tool",
        "  web: { build: '${BARE}', env_file: /etc/hostname }",
        3,
        &["compose.yaml:2: `read=/etc/hostname` is refused"],
    ),
    (
        "provided",
        "  web: { build: '${BARE}', depends_on: [db] }\n  db: { provider: { type: other } }",
        3,
        &["provider"],
    ),
    (
        "rangeless",
        "  web: { build: '${BARE}', networks: { back: { ipv4_address: 10.214.250.5 } } }\nnetworks: { back: {} }",
        3,
        &[
            "compose.yaml:2: the service `web` is to have the address 10.214.250.5 in the network `back`",
            "which has no range that holds it",
            "`ipam: { config: [{ subnet: … }] }`",
        ],
    ),
    (
        "shared_address",
        "  web: { build: '${BARE}', scale: 2, networks: { back: { ipv4_address: 10.214.250.5 } } }\nnetworks: { back: { ipam: { config: [{ subnet: 10.214.250.0/24 }] } } }",
        3,
        &["which only one container can have", "start one of `web`"],
    ),
    (
        "ipv6",
        "  web: { build: '${BARE}', networks: [six] }\nnetworks: { six: { enable_ipv6: true, ipam: { config: [{ subnet: 'fd00:5ea::/64' }] } } }",
        0,
        &["1 passed"],
    ),
    (
        "dead_app",
        "  web: { build: '${BARE}', command: [exit, '3', '0'] }",
        1,
        &["ready", "exit code 3"],
    ),
];

type Told = (&'static str, &'static str, i32, &'static [&'static str]);
type Test = fn() -> Result;

pub(super) fn trials() -> Vec<Trial> {
    let trial = |(name, services, code, says): Told| {
        Trial::test(format!("wrong::composed_{name}"), move || {
            told(services, code, says).map_err(Into::into)
        })
    };
    let mut trials: Vec<Trial> = TOLD.into_iter().map(trial).collect();
    let own: [(&str, Test); 21] = [
        ("checked", checked),
        ("fixed_addresses", addresses::fixed_addresses),
        ("bridge", linked::bridge),
        ("unbound", unbound),
        ("without_a_tool", toolless),
        ("of_another_image", of_another_image),
        ("kept", kept),
        ("cached", cached::cached),
        ("interrupted", stopped::interrupted),
        ("interrupted_build", stopped::interrupted_build),
        ("killed", stopped::killed),
        ("unlabelled", stopped::unlabelled),
        ("orphaned", orphan::orphaned),
        ("beside_others", beside::beside),
        ("names", said::names),
        ("off_profile", said::off),
        ("warned_checked", said::warned),
        ("unbound_checked", said::unbound),
        ("unused", said::unused),
        ("told_once", said::once),
        ("told_beside", said::beside),
    ];
    trials.extend(own.into_iter().map(|(name, test)| {
        Trial::test(format!("wrong::composed_{name}"), move || {
            test().map_err(Into::into)
        })
    }));
    trials.extend(by_tool::trials());
    trials
}

/// Tests that have names of their own on the engine, or that `gc` of another test would disturb.
static ALONE: Mutex<()> = Mutex::new(());

/// Waits until no other such test runs, for as long as the guard lives.
pub(super) fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A suite over a Compose file of these services, in a folder of its own.
fn written(services: &str) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("")))
            .and_then(|()| std::fs::write(path, text))
            .map_err(|e| e.to_string())
    };
    write("seaworthy.toml", "")?;
    write("compose.yaml", &format!("services:\n{services}\n"))?;
    std::os::unix::fs::symlink("/var/run/docker.sock", folder.path().join("link"))
        .map_err(|e| e.to_string())?;
    write("broken/Dockerfile", "FROM scratch\nCOPY nowhere /nowhere\n")?;
    let runs = "{ name: runs, expect: [{ state: running }] }";
    expecting(folder.path(), runs)?;
    Ok(folder)
}

/// Has the suite of a folder have this case.
fn expecting(folder: &Path, case: &str) -> Result {
    let compose = "compose: { files: [compose.yaml], app: web }";
    let suite = format!("seaworthy: 1\n{compose}\ncases:\n  - {case}\n");
    std::fs::write(folder.join("suite.yaml"), suite).map_err(|e| e.to_string())
}

fn command(folder: &Path) -> std::process::Command {
    let mut command = seaworthy();
    command
        .arg(folder.join("suite.yaml"))
        .env("UNBUILDABLE", folder.join("broken"));
    command
}

fn told(services: &str, expected: i32, says: &[&str]) -> Result {
    let folder = written(services)?;
    let (code, text) = ended(command(folder.path()))?;
    let missing: Vec<&&str> = says.iter().filter(|part| !text.contains(**part)).collect();
    match code == expected && missing.is_empty() {
        true => Ok(()),
        false => Err(format!("exit code {code}, not said: {missing:?}\n{text}")),
    }
}

/// `check` says without an engine what of a Compose file cannot be tested, and what its tool says of it.
fn checked() -> Result {
    let wrong = |services: &str, says: &[&str]| {
        let folder = written(services)?;
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_seaworthy"));
        command
            .args(["check", "suite.yaml"])
            .env("BARE", super::bare())
            .env("DOCKER_HOST", "unix:///nowhere.sock")
            .current_dir(folder.path());
        let (code, text) = super::said(&command.output().map_err(|e| e.to_string())?);
        let missing: Vec<&&str> = says.iter().filter(|part| !text.contains(**part)).collect();
        match code == 2 && missing.is_empty() {
            true => Ok(()),
            false => Err(format!("exit code {code}, not said: {missing:?}\n{text}")),
        }
    };
    let place = "--> suite.yaml:2:20";
    wrong(
        "  web: { image: x, wrong: 1 }",
        &["is refused by `docker", "wrong", "--> compose.yaml:2:20"],
    )?;
    wrong(
        "  web: { image: x, networks: [theirs] }\nnetworks: { theirs: { external: true } }",
        &[
            "the network `theirs` of the Compose file is external",
            "= help: let the suite name a Compose file",
            place,
            "1 error in 1 suite",
        ],
    )
}

fn toolless() -> Result {
    let folder = written("  web: { image: x }")?;
    let mut command = command(folder.path());
    command.env("PATH", folder.path());
    let (code, text) = ended(command)?;
    match code == 3 && text.contains("there is no Compose tool") && text.contains("help: install") {
        true => Ok(()),
        false => Err(format!("exit code {code}:\n{text}")),
    }
}

/// What a file binds and is not there is told with its line, and is not there after the run either.
fn unbound() -> Result {
    let folder = written(
        "  web:\n    build: '${BARE}'\n    volumes:\n      - ./compose.yaml:/file:ro\n      - ./absent:/absent\n  db: { build: '${BARE}', volumes: ['./more/below:/more:ro'] }",
    )?;
    let (code, text) = ended(command(folder.path()))?;
    let says = [
        "binds what is not there",
        "compose.yaml:6: `",
        "absent`, of the service `web`",
        "compose.yaml:7: `",
    ];
    let missing: Vec<&&str> = says.iter().filter(|part| !text.contains(**part)).collect();
    let left = ["absent", "more"].map(|name| folder.path().join(name).exists());
    match code == 3 && missing.is_empty() && left == [false, false] && !text.contains("`/file`") {
        true => Ok(()),
        false => Err(format!(
            "exit code {code}, not said: {missing:?}, left: {left:?}\n{text}"
        )),
    }
}

/// `--image` stands for all that is built from the same as `app`: nothing is built of that.
fn of_another_image() -> Result {
    let folder = written(
        "  web: { build: '${UNBUILDABLE}', entrypoint: [sleep, infinity] }\n  worker: { build: '${UNBUILDABLE}', entrypoint: [sleep, infinity] }\n  other: { build: '${BARE}' }",
    )?;
    expecting(
        folder.path(),
        "{ name: both, expect: [{ path: /bin/sleep, service: [app, worker] }, { path: /bare, service: other }] }",
    )?;
    let mut command = command(folder.path());
    command.args(["--image", "debian:bookworm-slim"]);
    let (code, text) = ended(command)?;
    match code == 0 && text.contains("1 passed") {
        true => Ok(()),
        false => Err(format!("exit code {code}:\n{text}")),
    }
}

/// What stays with `--keep`, and the image that the tool built for the run with it, goes by the commands that are told, and by nothing before that.
fn kept() -> Result {
    let _alone = alone();
    let folder = written(
        "  web: { build: '${BARE}', volumes: ['data:/data'], scale: 2 }\n  db: { build: { context: '${BARE}', shm_size: 64m } }\nvolumes: { data: {} }",
    )?;
    expecting(
        folder.path(),
        "{ name: wrong, expect: [{ env: { GREETING: bye } }] }",
    )?;
    let mut command = command(folder.path());
    command.arg("--keep");
    let child = command.spawn().map_err(|e| e.to_string())?;
    let pid = child.id();
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    let (code, text) = super::said(&output);
    runtime().block_on(async {
        let collected = collect();
        let before = things(pid).await?;
        let told = text
            .lines()
            .filter_map(|line| Some(&line[line.find("docker ")?..]));
        for command in told.filter(|command| command.contains(" rm ")) {
            let mut words = command.split(' ');
            let program = words.next().unwrap_or_default();
            let done = std::process::Command::new(program).args(words).output();
            done.map_err(|e| e.to_string())?;
        }
        let after = left(pid).await?;
        sweep(pid).await?;
        let counts = before.each_ref().map(Vec::len);
        let collected = collected?;
        match code == 1 && counts == [3, 1, 1, 1] && after.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "exit code {code}, kept {before:?}, left {after:?}:\n{text}{collected}"
            )),
        }
    })
}

/// Has `seaworthy gc` remove what runs have left that are over.
fn collect() -> Result<String> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    let output = command.arg("gc").output().map_err(|e| e.to_string())?;
    let (code, text) = super::said(&output);
    match code {
        0 => Ok(text),
        code => Err(format!("`gc`: exit code {code}:\n{text}")),
    }
}
