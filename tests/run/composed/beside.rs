//! Runs beside a stack of the same file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use seaworthy::engine::compose::{Ask, Tool};

use super::super::super::bench::bare;
use super::super::{DEADLINE, Result, docker, engine, root, runtime, said, seaworthy};
use super::alone;

/// The stack of a user who has the same file up, with the host port, the names and the range that it says.
struct Own {
    tool: Tool,
    /// The folder of its file, whose name is that of the project.
    folder: PathBuf,
}

impl Own {
    async fn does(&self, words: &[&str]) -> Result<String> {
        let all = words.iter().map(|word| (*word).to_owned());
        let ask = Ask {
            doing: "run the test's own stack".to_owned(),
            words: all.collect(),
            variables: [("BARE".to_owned(), bare().display().to_string())].into(),
            folder: Some(self.folder.clone()),
            within: DEADLINE + Duration::from_mins(3),
            ..Ask::default()
        };
        let ran = self
            .tool
            .run(Some(engine().await?.address()), &ask, |_| ())
            .await;
        let ran = ran.map_err(|fault| fault.to_string())?;
        match ran.done {
            true => Ok(ran.output),
            false => Err(ran.last_lines.join("\n")),
        }
    }

    /// Its containers with how they are, who is on its networks, its volumes, and the image that has the
    /// file's name.
    async fn state(&self) -> Result<String> {
        let engine = engine().await?;
        let project = self.folder.file_name().unwrap_or_default();
        let label = format!("com.docker.compose.project={}", project.to_string_lossy());
        let listed = engine.containers().list(&label).await;
        let mut listed = listed.map_err(|fault| fault.to_string())?;
        listed.sort_by(|a, b| a.names.cmp(&b.names));
        let mut state = String::new();
        for one in listed {
            let (names, id, how) = (one.names, one.id, one.state);
            writeln!(state, "{names:?} {id} {how}").map_err(|e| e.to_string())?;
        }
        let said = |fault: seaworthy::engine::Fault| fault.to_string();
        let mut networks = engine.networks().list(&label).await.map_err(said)?;
        networks.sort_by(|a, b| a.name.cmp(&b.name));
        for network in networks {
            let members = docker(&[
                "network",
                "inspect",
                "--format",
                "{{range .Containers}}{{.Name}} {{end}}",
                &network.id,
            ])?;
            let mut members: Vec<&str> = members.split_whitespace().collect();
            members.sort_unstable();
            writeln!(state, "{} {members:?}", network.id).map_err(|e| e.to_string())?;
        }
        let mut volumes = engine.volumes().list(&label).await.map_err(said)?;
        volumes.sort_by(|a, b| a.name.cmp(&b.name));
        for volume in volumes {
            writeln!(state, "{}", volume.name).map_err(|e| e.to_string())?;
        }
        let image = engine.images().id_of("seaworthy-fixture/backend").await;
        let image = image.map_err(|fault| fault.to_string())?;
        writeln!(state, "{image:?}").map_err(|e| e.to_string())?;
        Ok(state)
    }
}

/// Two runs at once, while the user has brought up the same file by hand, in its own folder and under the
/// name that their tool gives it.
pub(super) fn beside() -> Result {
    let _alone = alone();
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let name = format!("seaworthyown{}", std::process::id());
    let own = folder.path().join(&name);
    let copied = || {
        std::fs::create_dir(&own)?;
        std::fs::write(folder.path().join("seaworthy.toml"), "")?;
        for file in ["docker-compose.yml", "data.txt"] {
            std::fs::copy(root().join("fixtures/compose").join(file), own.join(file))?;
        }
        let suite = std::fs::read_to_string(root().join("fixtures/behaviour/composed.yaml"))?;
        let suite = suite.replace("../compose/", &format!("{name}/"));
        std::fs::write(folder.path().join("suite.yaml"), suite)
    };
    copied().map_err(|e| e.to_string())?;
    runtime().block_on(async {
        let engine = engine().await?;
        let tool = Tool::find(Some(engine.address())).await;
        let tool = tool.map_err(|fault| fault.to_string())?;
        let own = Own { tool, folder: own };
        let tried = match own.does(&["up", "-d"]).await {
            Ok(_) => together(&own, &folder.path().join("suite.yaml")).await,
            Err(why) => Err(why),
        };
        own.does(&["down", "-v", "--rmi", "all"]).await?;
        tried
    })
}

async fn together(own: &Own, suite: &Path) -> Result {
    let before = own.state().await?;
    if !before.contains("running") {
        return Err(format!("the stack is not up:\n{before}"));
    }
    let one = || {
        let mut command = seaworthy();
        command.arg(suite).args(["--filter", "to the other"]);
        tokio::task::spawn_blocking(move || command.output())
    };
    let (first, second) = tokio::join!(one(), one());
    for ran in [first, second] {
        let output = ran.map_err(|e| e.to_string())?;
        let (code, text) = said(&output.map_err(|e| e.to_string())?);
        if code != 0 {
            return Err(format!("exit code {code}:\n{text}"));
        }
    }
    let after = own.state().await?;
    match before == after {
        true => Ok(()),
        false => Err(format!("the stack was\n{before}and is\n{after}")),
    }
}
