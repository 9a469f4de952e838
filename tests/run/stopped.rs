//! Runs that are sent a signal midway.

use std::process::{Command, Stdio};

use seaworthy::engine::clock::Looks;

use super::guards::unguard;
use super::{DEADLINE, Result, engine, left, said, sweep};

/// How a run ended that was sent a signal.
pub(super) struct Stopped {
    /// The number of its process.
    pub(super) pid: u32,
    code: i32,
    text: String,
}

/// Runs it, sends the signal as soon as `stage` is so, and waits for its end. What it has left is for the
/// caller to look at.
pub(super) async fn stopped(
    mut command: Command,
    signal: &str,
    stage: impl AsyncFn(u32) -> Result<bool>,
) -> Result<Stopped> {
    engine().await?;
    command.stderr(Stdio::piped());
    let mut child = tokio::process::Command::from(command)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| error.to_string())?;
    let pid = child.id().ok_or("it ended at once")?;
    let mut looks = Looks::within(DEADLINE);
    while !stage(pid).await? {
        let ended = child.try_wait().map_err(|e| e.to_string())?;
        if ended.is_some() || !looks.again().await {
            let _ = child.start_kill();
            let output = child.wait_with_output().await;
            sweep(pid).await?;
            let text = said(&output.map_err(|e| e.to_string())?).1;
            return Err(format!("it did not get that far:\n{text}"));
        }
    }
    let killed = Command::new("kill")
        .args([signal, &pid.to_string()])
        .status();
    killed.map_err(|error| error.to_string())?;
    let output = tokio::time::timeout(DEADLINE, child.wait_with_output()).await;
    match output {
        Ok(output) => {
            let (code, text) = said(&output.map_err(|e| e.to_string())?);
            Ok(Stopped { pid, code, text })
        }
        Err(_) => {
            sweep(pid).await?;
            Err(format!("it had not ended after {DEADLINE:?}"))
        }
    }
}

/// Kills it as soon as `stage` is so, and who would clean up after it.
pub(super) async fn abandoned(
    command: Command,
    stage: impl AsyncFn(u32) -> Result<bool>,
) -> Result<Stopped> {
    let stage = async |pid| {
        let reached = stage(pid).await?;
        if reached {
            unguard(pid);
        }
        Ok(reached)
    };
    stopped(command, "-KILL", stage).await
}

impl Stopped {
    /// That it was interrupted, said so, and left nothing.
    pub(super) async fn leaves_nothing(self, says: &[&str]) -> Result {
        let there = left(self.pid).await?;
        sweep(self.pid).await?;
        let (code, text) = (self.code, self.text);
        let says = says.iter().all(|part| text.contains(part));
        match code == 130 && there.is_empty() && says {
            true => Ok(()),
            false => Err(format!("exit code {code}, left {there:?}:\n{text}")),
        }
    }
}

/// Whether a process has so many things on the engine.
pub(super) fn has(count: usize) -> impl AsyncFn(u32) -> Result<bool> {
    async move |pid| Ok(left(pid).await?.len() >= count)
}
