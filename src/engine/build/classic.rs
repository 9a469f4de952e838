//! A build by the classic builder, and by podman, which answers in the same way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::progress::Progress;
use super::request::{BuildError, BuildRequest};
use super::{Ended, Told, archive, query};
use crate::engine::ask::Ask;
use crate::engine::context::Context;
use crate::engine::credentials::{Login, registry_config};
use crate::engine::{Engine, Fault, FaultKind};
use crate::fact::build::{BuildStep, tame};

/// One line of the engine's account.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    stream: String,
    error: Option<String>,
    #[serde(rename = "errorDetail")]
    detail: Option<Detail>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    code: Option<i64>,
}

/// A build that is given a secret would do without it, and end for another reason, or none.
fn without_secrets(engine: &Engine, id: &str) -> Fault {
    let builder = match engine.is_podman() {
        true => "podman",
        false => "the classic builder",
    };
    let message = format!("the secret `{id}` cannot be given: {builder} takes none for a build");
    Fault::new(FaultKind::Unsupported, "build the image", message).help(
        "build the image beforehand and run with `--image`, or use Docker, whose BuildKit takes secrets",
    )
}

/// Builds, and gives what the build told until it ended.
pub(super) async fn build<'a>(
    engine: &Engine,
    request: &BuildRequest,
    context: &Arc<Context>,
    tag: &str,
    progress: Progress<'a>,
) -> Result<Told<'a>, BuildError> {
    if let Some((id, _)) = request.secrets.first() {
        return Err(without_secrets(engine, id).into());
    }
    let (body, problem) = archive::stream(Arc::clone(context));
    let path = query(engine, request, tag, &archive::dockerfile_name(context))
        .query("version", "1")
        // A failed build must not leave its container behind.
        .query("rm", "1")
        .query("forcerm", "1");
    let mut ask = Ask::post("build the image", path)
        .header("Content-Type", "application/x-tar")
        .body(body)
        .within(request.within);
    let images = progress.instructions.images(&request.given_args());
    let logins = logins(engine, &images.unwrap_or_default()).await;
    if !logins.is_empty() {
        ask = ask.header("X-Registry-Config", &registry_config(&logins));
    }
    let mut account = Account::new(progress);
    let ended = match engine.api().lines::<Line>(ask, request.within).await {
        Ok(mut lines) => {
            let mut ended = Ended::Well;
            while let Some(line) = lines.next().await? {
                if let Some(message) = line.error {
                    let exit_code = line.detail.and_then(|detail| detail.code);
                    ended = Ended::Badly { message, exit_code };
                } else {
                    account.take(&line.stream);
                }
            }
            ended
        }
        Err(fault) => Ended::Refused(fault),
    };
    if let Some(problem) = problem.take() {
        return Err(problem.into());
    }
    let failed = !matches!(ended, Ended::Well);
    account.close(failed);
    Ok(Told {
        step: account.current.filter(|_| failed),
        progress: account.progress,
        ended,
        doing: String::new(),
    })
}

/// What the Docker configuration has for the registries of these images.
async fn logins(engine: &Engine, images: &[String]) -> Vec<Login> {
    let mut logins: Vec<Login> = Vec::new();
    for image in images {
        let found = engine.config().credentials_for(image).await.login;
        logins.extend(found.filter(|login| !logins.contains(login)));
    }
    logins
}

/// The account of a build as text, in which steps and their output follow each other.
struct Account<'a> {
    progress: Progress<'a>,
    current: Option<usize>,
    began: Instant,
    cached: bool,
    ended: bool,
}

impl<'a> Account<'a> {
    fn new(progress: Progress<'a>) -> Self {
        Self {
            progress,
            current: None,
            began: Instant::now(),
            cached: false,
            ended: true,
        }
    }

    fn take(&mut self, stream: &str) {
        let line = stream.trim();
        if let Some(read) = Step::read(line) {
            self.close(false);
            let instructions = self.progress.instructions;
            let (stage, place) = match read.of {
                Counted::InFile => (String::new(), instructions.nth(read.number)),
                Counted::InStage(stage) => {
                    let stage = instructions.stage_called(stage);
                    let place = instructions.of_number(&stage, read.number);
                    (stage, place)
                }
            };
            let step = BuildStep {
                number: read.number,
                total: read.total,
                text: tame(read.text),
                stage,
                dockerfile_line: place.map(|place| place.line),
                ..BuildStep::default()
            };
            self.current = self.progress.begin(step);
            self.began = Instant::now();
            self.cached = false;
            self.ended = false;
        } else if line.starts_with("---> Using cache") || line.starts_with("--> Using cache") {
            self.cached = true;
        } else if line.starts_with("[Warning]") {
            self.progress.note(line);
        } else if let Some(index) = self.current.filter(|_| !is_housekeeping(line)) {
            self.progress.output(index, stream.as_bytes());
        }
    }

    fn close(&mut self, failed: bool) {
        let Some(index) = self.current.filter(|_| !self.ended) else {
            return;
        };
        self.ended = true;
        let took = if self.cached {
            Duration::ZERO
        } else {
            self.began.elapsed()
        };
        let error = failed.then(|| "the step failed".to_owned());
        self.progress.end(index, self.cached, took, error);
    }
}

/// Among what a builder counts a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    /// All instructions of the file: Docker.
    InFile,
    /// The instructions of this stage, from 0: podman.
    InStage(usize),
}

/// The line with which a step begins.
#[derive(Debug, PartialEq, Eq)]
struct Step<'a> {
    of: Counted,
    number: u32,
    total: u32,
    text: &'a str,
}

impl<'a> Step<'a> {
    /// Reads `Step 2/3 : RUN x`, and podman's `STEP 2/3: RUN x`, which is `[1/2] STEP 2/3: RUN x` in the first of two
    /// stages.
    fn read(line: &'a str) -> Option<Self> {
        let (of, rest) = match line.strip_prefix("Step ") {
            Some(rest) => (Counted::InFile, rest),
            None => {
                let (stage, line) = stage(line);
                (Counted::InStage(stage), line.strip_prefix("STEP ")?)
            }
        };
        let (count, text) = rest.split_once(':')?;
        let (number, total) = count.trim().split_once('/')?;
        Some(Self {
            of,
            number: number.parse().ok()?,
            total: total.parse().ok()?,
            text: text.trim(),
        })
    }
}

/// Which stage podman tells of, from 0, and what it tells. Where there is one alone it does not say so.
fn stage(line: &str) -> (usize, &str) {
    let read = || {
        let (count, rest) = line.strip_prefix('[')?.split_once("] ")?;
        let (number, total) = count.split_once('/')?;
        total.parse::<usize>().ok()?;
        Some((number.parse::<usize>().ok()?.checked_sub(1)?, rest))
    };
    read().unwrap_or((0, line))
}

/// What the builder says of its own doings.
fn is_housekeeping(line: &str) -> bool {
    let starts = [
        "--->",
        "-->",
        "Removing intermediate container",
        "Successfully built",
        "Successfully tagged",
    ];
    line.is_empty() || starts.iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::super::instructions::Instructions;
    use super::*;

    #[test]
    fn steps_are_read() {
        let step = |of, number, total, text| {
            Some(Step {
                of,
                number,
                total,
                text,
            })
        };
        let read = Step::read;
        let (file, stage) = (Counted::InFile, Counted::InStage);
        assert_eq!(read("Step 2/3 : RUN a: b"), step(file, 2, 3, "RUN a: b"));
        assert_eq!(read("STEP 1/2: FROM x"), step(stage(0), 1, 2, "FROM x"));
        assert_eq!(
            read("[3/4] STEP 1/2: FROM x"),
            step(stage(2), 1, 2, "FROM x")
        );
        for line in [
            "",
            "Step",
            "Step x : y",
            "Step 1 : y",
            "Steps 1/2 : y",
            "[1/2] x",
            "[0/2] STEP 1/2: y",
            "[x] STEP 1/2: y",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn an_account_becomes_steps() {
        let instructions = Instructions::parse(b"FROM scratch\n\nCOPY a b\nRUN x\n");
        let tell = |_| ();
        let mut account = Account::new(Progress::new(&instructions, &tell));
        for text in [
            "Step 1/3 : FROM scratch",
            "\n",
            " ---> \n",
            "Step 2/3 : COPY a b",
            "\n",
            " ---> Using cache\n",
            " ---> 1234\n",
            "Step 3/3 : RUN x",
            "\n",
            " ---> Running in 5678\n",
            "one\nt",
            "wo\n",
            "\u{1b}[91mred\n\u{1b}[0m",
            "Removing intermediate container 5678\n",
        ] {
            account.take(text);
        }
        account.close(true);
        let steps = account.progress.steps;
        let lines: Vec<_> = steps.iter().map(|step| step.dockerfile_line).collect();
        assert_eq!(lines, [Some(1), Some(3), Some(4)]);
        assert!(steps[1].cached && !steps[2].cached && !steps[0].cached);
        assert_eq!(steps[2].output.last(9), ["one", "two", "red", ""]);
        assert!(steps[2].error.is_some());
    }
}
