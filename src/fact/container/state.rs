//! How a container is: its state and its health.

use serde::{Deserialize, Serialize};

use super::super::moment::Moment;
use super::super::reading::Place;
use super::settings::RestartPolicy;

/// The state of a container.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the engine tells each by itself"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StateFacts {
    /// `created`, `running`, `paused`, `restarting`, `exited`, `dead`, in Docker's words.
    pub status: String,
    /// Also true while it is paused or between two crashes.
    pub running: bool,
    /// Its processes are frozen.
    pub paused: bool,
    /// A restart policy is about to start it again.
    pub restarting: bool,
    /// The kernel killed it for its memory.
    pub oom_killed: bool,
    /// The exit code of its last end; 0 while it has not ended; `None` where the engine says none.
    pub exit_code: Option<i64>,
    /// Why it could not be started.
    pub error: Option<String>,
    /// When it was last started.
    pub started_at: Option<Moment>,
    /// When it last ended.
    pub finished_at: Option<Moment>,
    /// The main process, as the host numbers it; none while it does not run.
    pub pid: Option<u64>,
    /// Its health, where a check is declared.
    pub health: Option<HealthFacts>,
}

/// The health of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthFacts {
    /// `starting`, `healthy` or `unhealthy`.
    pub status: String,
    /// Failures in a row.
    pub failing_streak: i64,
    /// The last checks, the oldest first.
    pub log: Vec<HealthProbe>,
}

/// One run of the health check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthProbe {
    /// When it began.
    pub start: Option<Moment>,
    /// When it ended.
    pub end: Option<Moment>,
    /// How it ended; -1 is a timeout.
    pub exit_code: i64,
    /// What it printed.
    pub output: String,
}

impl StateFacts {
    pub(super) fn read(state: Place<'_>, restart: &RestartPolicy, restarts: i64) -> Self {
        // podman up to version 4 says `Healthcheck` where Docker says `Health`.
        let health = HealthFacts::read(state.at("Health"))
            .or_else(|| HealthFacts::read(state.at("Healthcheck")));
        let status = state.at("Status").text_or_empty();
        let exit_code = state.at("ExitCode").number();
        // podman looks at the policy when it cleans up, and says of none that it is restarting.
        let returns = status == "stopped" && restart.starts_again(exit_code, restarts);
        Self {
            status: match returns {
                true => "restarting".to_owned(),
                false => docker_word(status),
            },
            running: returns || state.at("Running").flag(),
            paused: state.at("Paused").flag(),
            restarting: returns || state.at("Restarting").flag(),
            oom_killed: state.at("OOMKilled").flag(),
            exit_code,
            error: state.at("Error").text(),
            started_at: state.at("StartedAt").moment(),
            finished_at: state.at("FinishedAt").moment(),
            pid: state.at("Pid").limit(),
            health,
        }
    }
}

/// podman has more words: `stopped` before it has cleaned up behind one that has ended, `configured`
/// and `initialized` for one that was made, `stopping` while it still runs.
fn docker_word(status: String) -> String {
    match status.as_str() {
        "stopped" => "exited".to_owned(),
        "stopping" => "running".to_owned(),
        "configured" | "initialized" => "created".to_owned(),
        _ => status,
    }
}

impl HealthFacts {
    /// A health of `none`, or an empty one, is that of a container without a check.
    fn read(health: Place<'_>) -> Option<Self> {
        let status = health
            .at("Status")
            .text()
            .filter(|status| status != "none")?;
        Some(Self {
            status,
            failing_streak: health.at("FailingStreak").number().unwrap_or(0),
            log: health
                .at("Log")
                .list()
                .map(|probe| HealthProbe {
                    start: probe.at("Start").moment(),
                    end: probe.at("End").moment(),
                    exit_code: probe.at("ExitCode").number().unwrap_or(0),
                    output: probe.at("Output").text_or_empty(),
                })
                .collect(),
        })
    }
}
