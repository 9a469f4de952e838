//! How a container ended: the first time since we started it or brought its end about, and whether it is down now.

use std::time::Duration;

use tokio::task::JoinHandle;

use super::{Live, code};
use crate::engine::containers::ends::End;
use crate::engine::{Fault, FaultKind, Result};
use crate::fact::answer::{Ending, Life};
use crate::fact::container::{ContainerFacts, StateFacts};

/// How long the engine may take to tell of an end that its count of restarts already knows.
const TOLD: Duration = Duration::from_secs(10);

/// The first end of a container from a moment on, also of one that is started again.
#[derive(Debug)]
pub enum FirstEnd {
    /// The engine will tell of it.
    Watched(JoinHandle<Result<Option<End>>>),
    /// The engine tells no more.
    Lost(Fault),
}

impl Drop for FirstEnd {
    fn drop(&mut self) {
        if let Self::Watched(watch) = self {
            watch.abort();
        }
    }
}

impl FirstEnd {
    fn is_known(&self) -> bool {
        match self {
            Self::Watched(watch) => watch.is_finished(),
            Self::Lost(_) => true,
        }
    }

    /// The end itself. What cannot be told once stays so.
    pub async fn end(&mut self) -> Result<End> {
        let lost = |why: String| Fault::new(FaultKind::Broken, "see how it ended first", why);
        let told = match self {
            Self::Lost(fault) => return Err(fault.clone()),
            Self::Watched(watch) => tokio::time::timeout(TOLD, watch).await,
        };
        let fault = match told {
            Ok(Ok(Ok(Some(end)))) => return Ok(end),
            Ok(Ok(Ok(None))) => lost("the engine's events have ended".to_owned()),
            Ok(Ok(Err(fault))) => fault,
            Ok(Err(error)) => lost(format!("its events were not followed: {error}")),
            Err(_) => lost("the engine did not tell of the end in time".to_owned()),
        };
        *self = Self::Lost(fault.clone());
        Err(fault)
    }
}

impl Live {
    /// A restart policy starts a container again before anyone has looked at how it ended, so its
    /// first end is waited for from the start on.
    pub(super) async fn watch_first_end(&mut self) -> Result<()> {
        self.first_end = None;
        if self.restarts {
            let name = self.name.clone();
            self.first_end = Some(self.first_end_of(&name).await?);
        }
        Ok(())
    }

    /// From here on its end is the one that comes now, since somebody asks for it or brings it about. What its
    /// restart policy covered before says nothing of that one.
    pub(super) async fn expect_end(&mut self) -> Result<()> {
        self.asked_to_end = None;
        if self.restarts {
            let facts = self.facts().await?;
            self.ended_first = None;
            self.restarts_before = facts.restart_count;
            self.began_before = facts.state.started_at.and_then(|moment| moment.nanos);
            self.watch_first_end().await?;
        }
        Ok(())
    }

    /// The next end of the container of this name or id.
    pub async fn first_end_of(&mut self, container: &str) -> Result<FirstEnd> {
        let mut ends = self.session.engine.containers().ends(container).await?;
        let first = async move { ends.next().await };
        Ok(FirstEnd::Watched(tokio::spawn(first)))
    }

    /// How it lived since we last started it, as the engine's word on it has it.
    pub async fn life(&mut self, facts: &ContainerFacts) -> Result<Life> {
        let end = self.end_by(facts).await?;
        Ok(Life {
            ready_micros: self.ready_micros,
            end,
        })
    }

    /// Its first end since we last started it or brought its end about, if it has ended, even where a restart
    /// policy has started it again.
    pub async fn end(&mut self) -> Result<Option<Ending>> {
        let facts = self.facts().await?;
        self.end_by(&facts).await
    }

    pub(super) async fn end_by(&mut self, facts: &ContainerFacts) -> Result<Option<Ending>> {
        if let Some(ending) = self.never_started.as_ref().or(self.ended_first.as_ref()) {
            return Ok(Some(ending.clone()));
        }
        let state = &facts.state;
        let restarted = facts.restart_count > self.restarts_before;
        if let Some(first) = &mut self.first_end
            && (first.is_known() || restarted)
        {
            match first.end().await {
                Ok(first) => {
                    self.first_end = None;
                    let started = first.started.or(self.began_before);
                    let from = self.counted_from(started, first.at);
                    self.ended_first = Some(Ending {
                        code: code(first.code),
                        took_micros: took(from, first.at),
                        // After a restart the state may tell of a later end.
                        oom_killed: state.oom_killed && !restarted,
                        oom_forgotten: restarted,
                        lived_micros: self.lived(started, first.at),
                        ..Ending::default()
                    });
                    return Ok(self.ended_first.clone());
                }
                Err(fault) if restarted => return Err(fault),
                // The state still tells of the first life.
                Err(_) => {}
            }
        }
        if state.restarting {
            return Ok(None);
        }
        self.ending(state)
    }

    /// How it ended, where it does not run now; a policy may be about to start it again.
    pub async fn down(&mut self) -> Result<Option<Ending>> {
        if self.never_started.is_some() {
            return Ok(self.never_started.clone());
        }
        let facts = self.facts().await?;
        self.down_by(&facts)
    }

    /// The same, as the engine's word on it has it.
    pub fn down_by(&self, facts: &ContainerFacts) -> Result<Option<Ending>> {
        match &self.never_started {
            Some(ending) => Ok(Some(ending.clone())),
            None => self.ending(&facts.state),
        }
    }

    /// How it ended, where nothing but us starts it again.
    pub async fn gone(&mut self) -> Result<Option<Ending>> {
        if self.never_started.is_some() {
            return Ok(self.never_started.clone());
        }
        let facts = self.facts().await?;
        if facts.state.restarting {
            return Ok(None);
        }
        self.ending(&facts.state)
    }

    /// The end that this state tells of.
    fn ending(&self, state: &StateFacts) -> Result<Option<Ending>> {
        let Some(code) = ended(state)? else {
            return Ok(None);
        };
        let nanos =
            |moment: &Option<crate::fact::moment::Moment>| moment.as_ref().and_then(|m| m.nanos);
        let end = nanos(&state.finished_at);
        let started = nanos(&state.started_at);
        let from = self.counted_from(started, end);
        Ok(Some(Ending {
            code,
            oom_killed: state.oom_killed,
            took_micros: took(from, end),
            lived_micros: self.lived(started, end),
            error: state.error.clone(),
            ..Ending::default()
        }))
    }

    /// From when the time to an end is counted: from the signal that asked for it, where there was one
    /// before it, else from the start.
    fn counted_from(&self, started: Option<i64>, end: Option<i64>) -> Option<i64> {
        match self.asked_to_end {
            // An engine elsewhere has another clock.
            Some(_) if !self.is_here() => None,
            _ if self.clock_was_set() => None,
            Some(asked) if end.is_none_or(|end| asked.wall <= end) => Some(asked.wall),
            _ => started,
        }
    }

    /// Whether the clock by which an engine of this machine tells the times of this life was set in it.
    pub(super) fn clock_was_set(&self) -> bool {
        self.is_here() && self.started.was_set_since()
    }

    /// From the start of a life to its end.
    fn lived(&self, started: Option<i64>, end: Option<i64>) -> Option<u64> {
        took(started.filter(|_| !self.clock_was_set()), end)
    }
}

fn took(from: Option<i64>, end: Option<i64>) -> Option<u64> {
    let nanos = end?.checked_sub(from?)?.max(0);
    u64::try_from(nanos / 1000).ok()
}

/// The exit code that a state tells of; `None` while it has not ended.
fn ended(state: &StateFacts) -> Result<Option<i32>> {
    let runs = (state.running || state.paused) && !state.restarting;
    match state.status.as_str() {
        _ if runs => Ok(None),
        "created" => Ok(None),
        _ if state.restarting => code_of(state).map(Some),
        "exited" | "dead" => code_of(state).map(Some),
        _ => Err(unknown(state, "which is neither running nor ended")),
    }
}

/// The exit code of the last end.
pub(super) fn code_of(state: &StateFacts) -> Result<i32> {
    let missing = || unknown(state, "without an exit code");
    state.exit_code.map(code).ok_or_else(missing)
}

/// The exit code of a container whose program could not be started: where the engine gives none (podman
/// leaves 0), the one that shells and Docker have for it.
pub(super) fn code_of_unstarted(state: &StateFacts, fault: &Fault) -> Result<i32> {
    let missing = ["no such file", "not found"];
    Ok(match code_of(state)? {
        0 if missing.iter().any(|words| fault.message.contains(words)) => 127,
        0 => 126,
        code => code,
    })
}

/// What the engine says of the program, without the chain of its own parts that could not start it.
pub(super) fn said_of_program(message: &str) -> String {
    let links = [
        "unable to start container process: ",
        "error during container init: ",
    ];
    let last = links
        .iter()
        .filter_map(|link| Some(message.rfind(link)? + link.len()))
        .max();
    let said = &message[last.unwrap_or(0)..];
    said.strip_suffix(": unknown").unwrap_or(said).to_owned()
}

/// A start that failed since the image's program, folder or user is not there or cannot be used. All
/// else that a runtime may say (capabilities, mounts, cgroups, memory) is the machine's trouble.
pub(super) fn program_at_fault(fault: &Fault) -> bool {
    let says = |text: &&str| fault.message.contains(*text);
    let of_program = [
        "executable file not found",
        "no such file or directory",
        "permission denied",
        "exec format error",
        "is a directory",
    ];
    let of_user = [
        "unable to find user",
        "no matching entries in passwd file",
        "unable to find group",
        "no matching entries in group file",
        "chdir to cwd",
    ];
    says(&"exec: \"") && of_program.iter().any(says) || of_user.iter().any(says)
}

fn unknown(state: &StateFacts, why: &str) -> Fault {
    let message = format!("the engine says that it is `{}`, {why}", state.status);
    Fault::new(
        FaultKind::Broken,
        "see whether the container has ended",
        message,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(status: &str, exit_code: Option<i64>) -> StateFacts {
        StateFacts {
            status: status.to_owned(),
            exit_code,
            ..StateFacts::default()
        }
    }

    #[test]
    fn only_what_is_about_the_program_is_its_fault() {
        let is = |message: &str| {
            program_at_fault(&Fault::new(
                FaultKind::Refused { status: 400 },
                "start",
                message,
            ))
        };
        assert!(is(
            "OCI runtime create failed: exec: \"/nowhere\": stat /nowhere: no such file or directory: unknown"
        ));
        assert!(is(
            "OCI runtime create failed: exec: \"x\": executable file not found in $PATH: unknown"
        ));
        assert!(is(
            "unable to find user nobody9: no matching entries in passwd file"
        ));
        assert!(!is(
            "OCI runtime create failed: unable to apply caps: operation not permitted: unknown"
        ));
        assert!(!is(
            "OCI runtime create failed: error mounting \"/x\" to rootfs: no such file or directory"
        ));
        assert!(!is(
            "driver failed programming external connectivity: port is already allocated"
        ));
    }

    #[test]
    fn the_engines_own_parts_are_left_out_of_what_it_says_of_a_program() {
        let said = r#"exec: "/x": stat /x: no such file or directory"#;
        let chain =
            "failed to create shim task: runc create failed: unable to start container process: ";
        for before in ["", "error during container init: "] {
            assert_eq!(
                said_of_program(&format!("{chain}{before}{said}: unknown")),
                said
            );
        }
        assert_eq!(
            said_of_program("unable to find user x"),
            "unable to find user x"
        );
    }

    #[test]
    fn a_program_that_never_started_did_not_end_well() {
        let of = |code, message: &str| {
            let fault = Fault::new(FaultKind::Broken, "start", message);
            code_of_unstarted(&state("created", Some(code)), &fault).unwrap()
        };
        assert_eq!(of(0, "stat /x: no such file or directory"), 127);
        assert_eq!(of(0, "exec /x: permission denied"), 126);
        assert_eq!(of(128, "no such file or directory"), 128);
    }

    #[test]
    fn only_an_end_with_a_code_is_an_end() {
        for (status, code) in [("exited", 3), ("dead", 0)] {
            assert_eq!(ended(&state(status, Some(code.into()))), Ok(Some(code)));
            let fault = ended(&state(status, None)).unwrap_err();
            assert!(fault.message.contains(status), "{fault}");
        }
        for status in ["", "removing", "melting"] {
            let fault = ended(&state(status, Some(0))).unwrap_err();
            let named = format!("`{status}`");
            assert!(fault.message.contains(&named), "{fault}");
        }
        assert_eq!(ended(&state("created", None)), Ok(None));
        let mut running = state("running", Some(0));
        running.running = true;
        assert_eq!(ended(&running), Ok(None));
        running.restarting = true;
        running.exit_code = Some(7);
        assert_eq!(ended(&running), Ok(Some(7)));
    }

    #[tokio::test]
    async fn events_that_broke_do_not_say_that_it_never_ended() {
        let watch =
            |told: Result<Option<End>>| FirstEnd::Watched(tokio::spawn(async move { told }));
        let three = End {
            code: 3,
            ..End::default()
        };
        assert_eq!(watch(Ok(Some(three))).end().await, Ok(three));
        let broken = Fault::new(FaultKind::Unreachable, "follow", "the line was cut");
        for mut first in [watch(Ok(None)), watch(Err(broken.clone()))] {
            let fault = first.end().await.unwrap_err();
            assert_eq!(first.end().await, Err(fault));
            assert!(first.is_known());
        }
        assert_eq!(watch(Err(broken.clone())).end().await, Err(broken));
        let aborted = tokio::spawn(async { std::future::pending().await });
        aborted.abort();
        let fault = FirstEnd::Watched(aborted).end().await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Broken);
    }
}
