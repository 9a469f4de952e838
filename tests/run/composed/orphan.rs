//! Compose tools that go on after their run was killed, and that `gc` ends, or what cleans up after the run.

use std::path::{Path, PathBuf};
use std::process::Command;

use seaworthy::engine::clock::Looks;
use seaworthy::engine::transport::Address;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

use super::super::stopped::{abandoned, stopped};
use super::super::{DEADLINE, Result, engine, left, runtime, sweep};
use super::{alone, collect, command, written};

/// While it builds, and while it makes containers.
pub(super) fn orphaned() -> Result {
    let _alone = alone();
    runtime().block_on(async {
        let both = [building().await, making().await, reaped().await];
        let wrong: Vec<String> = both.into_iter().filter_map(Result::err).collect();
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(wrong.join("\n")),
        }
    })
}

/// A step of the build has no end.
async fn building() -> Result {
    let folder = written(
        "  web: { build: { context: '${BARE}', dockerfile: '${DOCKERFILE}', shm_size: 64m } }",
    )?;
    let word = format!("orphan{}", std::process::id());
    let file = folder.path().join("Dockerfile");
    let text = format!("FROM scratch\nCOPY bare /bare\nRUN [\"/bare\", \"deaf\", \"{word}\"]\n");
    std::fs::write(&file, text).map_err(|e| e.to_string())?;
    let mut command = command(folder.path());
    command.env("DOCKERFILE", &file);
    let builds = async |_| Ok(!running(&word).is_empty());
    ended_by_gc(command, builds, async || running(&word)).await
}

/// A run whose engine never answers to the first container that the tool asks for, until that has ended; and whether
/// it has been asked for it. With them its folder.
async fn slowed() -> Result<(TempDir, Command, impl AsyncFn(u32) -> Result<bool>)> {
    let folder = written("  web: { build: '${BARE}' }")?;
    let path = folder.path().join("engine.sock");
    let asked = slow_engine(path.clone()).await?;
    let mut command = command(folder.path());
    command.env("DOCKER_HOST", format!("unix://{}", path.display()));
    Ok((folder, command, async move |_| Ok(*asked.borrow())))
}

/// While it makes its first container.
async fn making() -> Result {
    let (_folder, command, makes) = slowed().await?;
    ended_by_gc(command, makes, async || Vec::new()).await
}

/// Who cleans up after the run ends its tool too, which waits for its first container.
async fn reaped() -> Result {
    let (_folder, command, makes) = slowed().await?;
    let killed = stopped(command, "-KILL", makes).await?;
    let mut looks = Looks::within(DEADLINE);
    while !tools(killed.pid).is_empty() && looks.again().await {}
    let tools = tools(killed.pid);
    while !left(killed.pid).await?.is_empty() && looks.again().await {}
    let left = left(killed.pid).await?;
    sweep(killed.pid).await?;
    match tools.is_empty() && left.is_empty() {
        true => Ok(()),
        false => Err(format!("{tools:?} and {left:?} are still there")),
    }
}

/// Kills the run at this stage; its tool, which goes on, and `rest` are gone after `gc`, with all that it has made.
async fn ended_by_gc(
    command: Command,
    stage: impl AsyncFn(u32) -> Result<bool>,
    rest: impl AsyncFn() -> Vec<String>,
) -> Result {
    let killed = abandoned(command, stage).await?;
    let before = tools(killed.pid);
    let collected = collect();
    let after = tools(killed.pid);
    for one in &after {
        let id = one.split(' ').next().unwrap_or_default();
        let _ = Command::new("kill").args(["-KILL", id]).status();
    }
    // The engine notices by itself that nobody waits for its build.
    let mut looks = Looks::within(DEADLINE);
    while !rest().await.is_empty() && looks.again().await {}
    let (rest, left) = (rest().await, left(killed.pid).await?);
    sweep(killed.pid).await?;
    let collected = collected?;
    let told = collected.contains("ended the Compose tool of a run that was killed, process ");
    match !before.is_empty() && after.is_empty() && rest.is_empty() && left.is_empty() && told {
        true => Ok(()),
        false => Err(format!(
            "there was {before:?}, then {after:?}, {rest:?} and {left:?}:\n{collected}"
        )),
    }
}

/// The processes that the tool of a run of this process is or has begun, by number and command line.
fn tools(pid: u32) -> Vec<String> {
    let owner = format!(":{pid}:");
    let of_run = |folder: &Path| {
        let variables = std::fs::read(folder.join("environ")).unwrap_or_default();
        let mut all = variables.split(|byte| *byte == 0);
        all.any(|one| {
            let one = String::from_utf8_lossy(one);
            one.strip_prefix("SEAWORTHY_OWNER=")
                .is_some_and(|its| its.contains(&owner))
        })
    };
    processes(of_run)
}

/// The processes that have this among their arguments.
fn running(word: &str) -> Vec<String> {
    processes(|folder| {
        let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
        let mut all = line.split(|byte| *byte == 0);
        all.any(|argument| argument == word.as_bytes())
    })
}

fn processes(wanted: impl Fn(&Path) -> bool) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path());
    let number = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    folders
        .filter_map(|folder| Some((number(&folder)?, folder)))
        .filter(|(_, folder)| wanted(folder))
        .map(|(number, folder)| {
            let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
            format!(
                "{number} {}",
                String::from_utf8_lossy(&line).replace('\0', " ")
            )
        })
        .collect()
}

/// Stands before the engine, and keeps to itself what a tool asks for a container of its project; tells when.
async fn slow_engine(path: PathBuf) -> Result<watch::Receiver<bool>> {
    let Address::Unix(real) = engine().await?.address().clone() else {
        return Err("this test needs an engine on a socket of this machine".to_owned());
    };
    let listener = UnixListener::bind(&path).map_err(|e| e.to_string())?;
    let (tell, asked) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(engine) = UnixStream::connect(&real).await else {
                return;
            };
            tokio::spawn(carry(client, engine, tell.clone()));
        }
    });
    Ok(asked)
}

async fn carry(client: UnixStream, engine: UnixStream, tell: watch::Sender<bool>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_engine, mut to_engine) = engine.into_split();
    let back = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_engine, &mut to_client).await;
    });
    let mut piece = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from_client.read(&mut piece).await {
        let text = String::from_utf8_lossy(&piece[..count]);
        let head = text.lines().next().unwrap_or_default();
        // What a run makes itself has a dash there.
        let of_project = head.split("name=seaworthy").nth(1);
        if head.contains("/containers/create?")
            && of_project.is_some_and(|rest| !rest.starts_with('-'))
        {
            let _ = tell.send(true);
            while let Ok(1..) = from_client.read(&mut piece).await {}
            break;
        }
        if to_engine.write_all(&piece[..count]).await.is_err() {
            break;
        }
    }
    let _ = to_engine.shutdown().await;
    let _ = back.await;
}
