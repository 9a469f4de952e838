//! Programs run in a container that runs.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep, timeout};

use super::super::ask::Ask;
use super::super::path::Path;
use super::super::streams::Streams;
use super::super::{Fault, FaultKind, Result};
use super::Containers;

/// How long an engine may take to note the end of a program whose streams have ended.
const NOTE: Duration = Duration::from_secs(10);

/// How often it is asked meanwhile.
const ASK_AGAIN: Duration = Duration::from_millis(5);

/// A program to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exec {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// As whom; none is the container's user.
    pub user: Option<String>,
    /// Where; none is the container's folder.
    pub workdir: Option<String>,
    /// `NAME=value`, beside those of the container.
    pub env: Vec<String>,
    /// Whether it reads standard input.
    pub stdin: bool,
    /// With a terminal, its output is one stream.
    pub terminal: bool,
}

/// How a program is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecState {
    /// It has not ended.
    pub running: bool,
    /// Its exit code, once it has ended.
    pub exit_code: Option<i64>,
    /// Its process id as the host has it; none where the engine does not say.
    pub pid: Option<u64>,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecEnd {
    /// Its exit code.
    pub exit_code: i64,
    /// What it wrote to standard output, its beginning.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error, its beginning.
    pub stderr: Vec<u8>,
    /// There was more than is kept of either.
    pub cut: bool,
}

impl Containers {
    /// Prepares a program and gives the exec's id.
    pub async fn exec_create(&self, id: &str, exec: &Exec) -> Result<String> {
        #[derive(Deserialize)]
        struct Made {
            #[serde(rename = "Id")]
            id: String,
        }
        let mut body = json!({
            "Cmd": exec.command,
            "Env": exec.env,
            "AttachStdin": exec.stdin,
            "AttachStdout": true,
            "AttachStderr": true,
            "Tty": exec.terminal,
        });
        for (name, value) in [("User", &exec.user), ("WorkingDir", &exec.workdir)] {
            if let Some(value) = value {
                body[name] = json!(value);
            }
        }
        let path = super::path(id, "/exec");
        let ask = Ask::post(exec.doing(id), path).json(&body);
        self.api.json::<Made>(ask).await.map(|made| made.id)
    }

    /// Starts a prepared program and gives its streams.
    pub async fn exec_start(&self, exec_id: &str, terminal: bool) -> Result<Streams> {
        let path = Path::new("/exec").part(exec_id).then("/start");
        let ask = Ask::post(format!("start exec {exec_id}"), path)
            .json(&json!({ "Detach": false, "Tty": terminal }));
        let io = self.api.upgrade(ask, "tcp").await?;
        Ok(Streams::new(io, terminal))
    }

    /// How a program is doing.
    pub async fn exec_inspect(&self, exec_id: &str) -> Result<ExecState> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answer {
            running: bool,
            exit_code: Option<i64>,
            pid: Option<u64>,
        }
        let path = Path::new("/exec").part(exec_id).then("/json");
        let ask = Ask::get(format!("inspect exec {exec_id}"), path);
        let answer: Answer = self.api.json(ask).await?;
        Ok(ExecState {
            running: answer.running,
            // Some engines say 0 while it runs.
            exit_code: answer.exit_code.filter(|_| !answer.running),
            pid: answer.pid.filter(|pid| *pid != 0),
        })
    }

    /// The exit code of a program whose streams have ended. A program that goes on all the same
    /// has lost its connection, which is a fault.
    pub async fn exec_ended(&self, exec_id: &str) -> Result<i64> {
        let deadline = Instant::now() + NOTE;
        loop {
            let state = self.exec_inspect(exec_id).await?;
            if let Some(code) = state.exit_code {
                return Ok(code);
            }
            if Instant::now() >= deadline {
                return Err(Fault::new(
                    FaultKind::Broken,
                    format!("learn how exec {exec_id} ended"),
                    format!("its streams ended, and {NOTE:?} later the engine says that it runs"),
                ));
            }
            sleep(ASK_AGAIN).await;
        }
    }

    /// Runs a program to its end, with `input` as its standard input, keeping at most `limit`
    /// bytes of its standard output. One that has not ended after `within` is a `TimedOut` fault;
    /// it runs on until its container ends.
    pub async fn exec_run(
        &self,
        id: &str,
        exec: &Exec,
        input: &[u8],
        limit: usize,
        within: Duration,
    ) -> Result<ExecEnd> {
        let exec = Exec {
            stdin: !input.is_empty(),
            ..exec.clone()
        };
        match timeout(within, self.run_to_end(id, &exec, input, limit)).await {
            Ok(end) => end,
            Err(_) => Err(Fault::new(
                FaultKind::TimedOut,
                exec.doing(id),
                format!("it had not ended after {within:?}"),
            )),
        }
    }

    async fn run_to_end(
        &self,
        id: &str,
        exec: &Exec,
        input: &[u8],
        limit: usize,
    ) -> Result<ExecEnd> {
        let exec_id = self.exec_create(id, exec).await?;
        let Streams {
            mut stdin,
            mut output,
        } = self.exec_start(&exec_id, exec.terminal).await?;
        let stderr = output.stderr();
        let mut stdout = Vec::new();
        let mut cut = false;
        // A program may end without reading its input: that is no fault of the write.
        let write = async {
            if exec.stdin && stdin.write_all(input).await.is_ok() {
                let _ = stdin.shutdown().await;
            }
        };
        let read = async {
            let mut buffer = vec![0; 32 * 1024];
            loop {
                let count = output.read(&mut buffer).await?;
                if count == 0 {
                    return Ok::<(), std::io::Error>(());
                }
                // What is past the limit is read and dropped, so that the program can end.
                let room = limit.saturating_sub(stdout.len()).min(count);
                cut |= room < count;
                stdout.extend_from_slice(&buffer[..room]);
            }
        };
        let ((), read) = tokio::join!(write, read);
        read.map_err(|error| {
            Fault::new(FaultKind::Unreachable, exec.doing(id), error.to_string())
        })?;
        Ok(ExecEnd {
            exit_code: self.exec_ended(&exec_id).await?,
            cut: cut || stderr.is_cut(),
            stderr: stderr.bytes(),
            stdout,
        })
    }
}

impl Exec {
    /// A program without anything special.
    pub fn new<S: Into<String>>(command: impl IntoIterator<Item = S>) -> Self {
        Self {
            command: command.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    fn doing(&self, id: &str) -> String {
        let program = self.command.first().map_or("nothing", String::as_str);
        format!("run {program} in container {id}")
    }
}
