//! What is built for one run is in the cache of the next.

use std::path::Path;

use super::super::super::bench::bare;
use super::super::{Result, ended, engine, runtime};
use super::{command, written};

/// A second run builds nothing of what has not changed.
pub(super) fn cached() -> Result {
    let folder = written("  web: { build: own }")?;
    let word = format!("cached{}", std::process::id());
    let own = folder.path().join("own");
    let dockerfile = format!(
        "FROM scratch\nLABEL io.seaworthy.test={word}\nCOPY bare /bare\nENTRYPOINT [\"/bare\", \"serve\"]\n"
    );
    let made = || {
        std::fs::create_dir(&own)?;
        std::fs::copy(bare().join("bare"), own.join("bare"))?;
        std::fs::write(own.join("Dockerfile"), dockerfile)
    };
    made().map_err(|e| e.to_string())?;
    let tried = twice(folder.path());
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

fn twice(folder: &Path) -> Result {
    let reused = || {
        let mut command = command(folder);
        command.arg("--verbose");
        let (code, text) = ended(command)?;
        match code {
            0 => Ok((
                text.contains("Using cache") || text.contains("CACHED"),
                text,
            )),
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
