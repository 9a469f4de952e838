//! The health check: run now by the same command, or as the engine ran it on its schedule.

use super::ask;
use crate::fact::answer::{Answer, Fact};
use crate::fact::blob::Blob;
use crate::fact::command::{Command, End};
use crate::fact::container::ContainerFacts;
use crate::fact::health::{CheckRun, Health, Status};
use crate::fact::question::Question;
use crate::session::live::Live;

/// How long a check may take that says nothing of it, as the engine has it.
const TIMEOUT_MILLIS: u64 = 30_000;

/// What the check says.
pub async fn of(live: &mut Live, declared: bool) -> Answer {
    match live.facts().await {
        Ok(facts) => by(live, &facts, declared).await,
        Err(fault) => Answer::Unseen(fault.to_string()),
    }
}

/// The same, where what the engine knows of the container is known.
pub async fn by(live: &mut Live, facts: &ContainerFacts, declared: bool) -> Answer {
    let check = facts.healthcheck.as_ref();
    let test = check.map(|c| c.test.clone()).unwrap_or_default();
    if test.is_empty() || test.first().is_some_and(|word| word == "NONE") {
        return seen(Vec::new(), Status::None, Vec::new());
    }
    match live.down_by(facts) {
        Ok(Some(ending)) => return Answer::Ended(ending),
        Ok(None) => {}
        Err(fault) => return Answer::Unseen(fault.to_string()),
    }
    if declared {
        let health = facts.state.health.clone().unwrap_or_default();
        let status = match health.status.as_str() {
            "healthy" => Status::Healthy,
            "unhealthy" => Status::Unhealthy,
            _ => Status::Starting,
        };
        let runs = health.log.iter().map(|probe| CheckRun {
            end: End::Code(i32::try_from(probe.exit_code).unwrap_or(-1)),
            output: Blob::whole(probe.output.as_bytes()),
        });
        return seen(test, status, runs.collect());
    }
    let millis = check
        .and_then(|c| c.timeout)
        .map_or(TIMEOUT_MILLIS, |nanos| (nanos / 1_000_000).max(1));
    let asked = Question::Run(command(&test, &live.image.facts.shell, millis));
    match ask::commands(live, &[&asked]).await.pop() {
        Some(Answer::Seen(Fact::Ran(ran))) => {
            let status = if ran.end == End::Code(0) {
                Status::Healthy
            } else {
                Status::Unhealthy
            };
            let mut output = ran.stdout;
            output.bytes.extend(&ran.stderr.bytes);
            output.total += ran.stderr.total;
            seen(
                test,
                status,
                vec![CheckRun {
                    end: ran.end,
                    output,
                }],
            )
        }
        Some(other) => other,
        None => Answer::Unseen("the check was not run".to_owned()),
    }
}

fn seen(check: Vec<String>, status: Status, runs: Vec<CheckRun>) -> Answer {
    Answer::Seen(Fact::Health(Health {
        check,
        status,
        runs,
    }))
}

/// The check as the engine would run it: a list as it is, a text by the image's shell.
fn command(test: &[String], shell: &[String], timeout_millis: u64) -> Command {
    let rest = test.get(1..).unwrap_or(&[]).to_vec();
    let argv = match test.first().map(String::as_str) {
        Some("CMD") => rest,
        _ => {
            let shell = if shell.is_empty() {
                vec!["/bin/sh".to_owned(), "-c".to_owned()]
            } else {
                shell.to_vec()
            };
            shell.into_iter().chain(rest).collect()
        }
    };
    Command {
        argv,
        user: None,
        workdir: None,
        environment: Vec::new(),
        stdin: None,
        timeout_millis,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_run_as_the_engine_runs_it() {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let argv = |test: &[&str], shell: &[&str]| command(&words(test), &words(shell), 1).argv;
        assert_eq!(argv(&["CMD", "a", "b"], &[]), ["a", "b"]);
        assert_eq!(
            argv(&["CMD-SHELL", "a || b"], &[]),
            ["/bin/sh", "-c", "a || b"]
        );
        assert_eq!(
            argv(&["CMD-SHELL", "a"], &["/bin/bash", "-ec"]),
            ["/bin/bash", "-ec", "a"]
        );
    }
}
