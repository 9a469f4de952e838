//! What is built for one run is there in the next, or is in its cache where the tool builds it.

use std::path::Path;

use super::super::super::bench::bare;
use super::super::{Result, ended, engine, runtime};
use super::{command, written};

/// A second run builds nothing of what has not changed.
pub(super) fn cached() -> Result {
    tried(
        "own",
        "  web: { build: own }",
        &["built before from the same content"],
    )?;
    let by_tool = "  web: { build: { context: own, shm_size: 64m } }";
    tried("by_tool", by_tool, &["Using cache", "CACHED"])
}

fn tried(by: &str, services: &str, signs: &[&str]) -> Result {
    let folder = written(services)?;
    let word = format!("cached{}{by}", std::process::id());
    let own = folder.path().join("own");
    let dockerfile = format!(
        "FROM scratch\nLABEL io.seaworthy.test={word}\nCOPY bare word /\nENTRYPOINT [\"/bare\", \"serve\"]\n"
    );
    let made = || {
        std::fs::create_dir(&own)?;
        std::fs::copy(bare().join("bare"), own.join("bare"))?;
        // BuildKit knows what is copied by its content alone.
        std::fs::write(own.join("word"), &word)?;
        std::fs::write(own.join("Dockerfile"), dockerfile)
    };
    made().map_err(|e| e.to_string())?;
    let tried = twice(folder.path(), signs);
    runtime().block_on(async {
        let images = engine().await?.images();
        let said = |fault: seaworthy::engine::Fault| fault.to_string();
        for image in images
            .list(&format!("io.seaworthy.test={word}"))
            .await
            .map_err(said)?
        {
            images.remove(&image.id, true).await.map_err(said)?;
        }
        tried
    })
}

fn twice(folder: &Path, signs: &[&str]) -> Result {
    let reused = || {
        let mut command = command(folder);
        command.arg("--verbose");
        let (code, text) = ended(command)?;
        match code {
            0 => Ok((signs.iter().any(|sign| text.contains(sign)), text)),
            code => Err(format!("exit code {code}:\n{text}")),
        }
    };
    let (before, text) = reused()?;
    if before {
        return Err(format!("nothing could be in the cache:\n{text}"));
    }
    match reused()? {
        (true, _) => Ok(()),
        (false, text) => Err(format!("it was built again:\n{text}")),
    }
}
