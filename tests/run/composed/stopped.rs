//! Runs of Compose files that are stopped midway.

use seaworthy::engine::clock::Looks;
use seaworthy::engine::compose::Tool;

use super::super::stopped::{abandoned, has, stopped};
use super::super::{DEADLINE, Result, docker, engine, left, runtime, sweep, things};
use super::{alone, collect, command, written};

/// Several containers on a network with a volume, of which one never gets healthy. What says more than our own
/// builder knows is built by the tool, for the run alone.
const WAITS: &str = "  web: { build: '${BARE}', volumes: ['data:/data'], healthcheck: { test: [CMD, /bare, exit, '1'] } }\n  \
    db: { build: { context: '${BARE}', shm_size: 64m }, scale: 3 }\nvolumes: { data: {} }";

/// While the tool makes things, and while the services are waited for.
pub(super) fn interrupted() -> Result {
    let folder = written(WAITS)?;
    runtime().block_on(async {
        // An image and a network; also a volume and four containers.
        for count in [2, 7] {
            let stopped = stopped(command(folder.path()), "-INT", has(count)).await?;
            stopped.leaves_nothing(&["stopping"]).await?;
        }
        Ok(())
    })
}

/// A volume of the project without labels, as an engine makes one again for a container that was asked for late, goes
/// with its run.
pub(super) fn unlabelled() -> Result {
    let folder = written(WAITS)?;
    runtime().block_on(async {
        let volumes = engine().await?.volumes();
        let said = |fault: seaworthy::engine::Fault| fault.to_string();
        let made = std::sync::Mutex::new(String::new());
        let ready = has(7);
        let when = async |pid| {
            if !ready(pid).await? {
                return Ok(false);
            }
            let [_, _, own, _] = things(pid).await?;
            let own = own.first().ok_or("there is no volume")?;
            let name = own.replace("_data", "_again");
            docker(&["volume", "create", &name])?;
            *made.lock().unwrap() = name;
            Ok(true)
        };
        let stopped = stopped(command(folder.path()), "-INT", when).await?;
        let name = std::mem::take(&mut *made.lock().unwrap());
        let there = volumes.called(&name).await.map_err(said)?;
        for volume in &there {
            volumes.remove(&volume.name).await.map_err(said)?;
        }
        stopped.leaves_nothing(&["stopping"]).await?;
        match there.is_empty() && name.ends_with("_again") {
            true => Ok(()),
            false => Err(format!("`{name}` was left: {there:?}")),
        }
    })
}

/// While a step of the tool's build runs, which has no end.
pub(super) fn interrupted_build() -> Result {
    let folder = written(
        "  web: { build: { context: '${BARE}', dockerfile: '${DOCKERFILE}', shm_size: 64m } }",
    )?;
    let word = format!("build{}", std::process::id());
    let file = folder.path().join("Dockerfile");
    let text = format!(
        "FROM scratch\nCOPY bare /bare\nLABEL io.seaworthy.test={word}\nRUN [\"/bare\", \"deaf\"]\n"
    );
    std::fs::write(&file, text).map_err(|e| e.to_string())?;
    let label = format!("io.seaworthy.test={word}");
    runtime().block_on(async {
        let engine = engine().await?;
        let said = |fault: seaworthy::engine::Fault| fault.to_string();
        if !Tool::find(Some(engine.address()))
            .await
            .map_err(said)?
            .is_first()
        {
            // Its builds have no containers that could be seen.
            return Ok(());
        }
        let mut command = command(folder.path());
        command.env("DOCKERFILE", &file);
        let building = async |_| {
            let there = engine.containers().list(&label).await.map_err(said)?;
            Ok(there.iter().any(|one| one.state == "running"))
        };
        let stopped = stopped(command, "-INT", building).await?;
        stopped.leaves_nothing(&["stopping"]).await?;
        // The engine notices that nobody waits for its build.
        let mut looks = Looks::within(DEADLINE);
        let mut there = engine.containers().list(&label).await.map_err(said)?;
        while !there.is_empty() && looks.again().await {
            there = engine.containers().list(&label).await.map_err(said)?;
        }
        for one in &there {
            engine.containers().remove(&one.id).await.map_err(said)?;
        }
        let images = engine.images();
        for image in images.list(&label).await.map_err(said)? {
            images.remove(&image.id, true).await.map_err(said)?;
        }
        match there.is_empty() {
            true => Ok(()),
            false => Err("the build went on".to_owned()),
        }
    })
}

/// What a killed run leaves of every kind is collected.
pub(super) fn killed() -> Result {
    let _alone = alone();
    let folder = written(WAITS)?;
    runtime().block_on(async {
        let engine = engine().await?;
        let said = |fault: seaworthy::engine::Fault| fault.to_string();
        // Where one of them runs the tool is done.
        let runs = async |pid: u32| {
            let there = engine
                .containers()
                .list("io.seaworthy.owner")
                .await
                .map_err(said)?;
            let names = things(pid).await?[0].concat();
            let mut own = there
                .iter()
                .filter(|one| one.names.iter().any(|name| names.contains(name.as_str())));
            Ok(own.any(|one| one.state == "running"))
        };
        let stopped = abandoned(command(folder.path()), runs).await?;
        let before = things(stopped.pid).await?;
        let collected = collect();
        let after = left(stopped.pid).await?;
        sweep(stopped.pid).await?;
        let counts = before.each_ref().map(Vec::len);
        match counts == [4, 1, 1, 1] && after.is_empty() {
            true => collected.map(drop),
            false => Err(format!(
                "there was {before:?}, {after:?} is left: {collected:?}"
            )),
        }
    })
}
