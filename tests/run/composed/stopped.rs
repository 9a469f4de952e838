//! Runs of Compose files that are stopped midway.

use seaworthy::engine::clock::Looks;
use seaworthy::engine::compose::Tool;

use super::super::stopped::{abandoned, has, stopped};
use super::super::{DEADLINE, Result, engine, left, runtime, sweep, things};
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
