//! How often a restart policy has started a container again, once that has come to rest.

use std::time::Duration;

use super::Live;
use crate::engine::Result;
use crate::engine::clock::{Looks, now};
use crate::fact::container::ContainerFacts;
use crate::fact::restart::Restarts;

/// A container that stays up for so long is not between two crashes.
const CALM: Duration = Duration::from_secs(3);

/// How long it has to come to rest.
const WITHIN: Duration = Duration::from_secs(20);

impl Live {
    /// Looks until it stays up or has ended for good, or the time is up; gives what was seen then, too.
    pub async fn restarts(&mut self) -> Result<(Restarts, ContainerFacts)> {
        let mut looks = Looks::within(WITHIN);
        let mut since = now();
        let mut last = self.facts().await?;
        loop {
            let settled = has_ended(&last) || since.elapsed() >= CALM;
            if settled || !looks.again().await {
                let restarts = Restarts {
                    count: u64::try_from(last.restart_count).unwrap_or_default(),
                    settled,
                    policy: policy(&last).to_owned(),
                    status: last.state.status.clone(),
                };
                return Ok((restarts, last));
            }
            let facts = self.facts().await?;
            if !is_same_life(&last, &facts) {
                since = now();
            }
            last = facts;
        }
    }
}

/// Whether nothing but us starts it again, so that the count stays as it is.
fn has_ended(facts: &ContainerFacts) -> bool {
    let state = &facts.state;
    let is_up = state.running || state.restarting || state.paused;
    policy(facts) == "no" || !is_up && state.status != "stopping"
}

fn policy(facts: &ContainerFacts) -> &str {
    match facts.settings.restart.name.as_str() {
        "" => "no",
        name => name,
    }
}

/// Whether it has stayed up from one look to the next.
fn is_same_life(before: &ContainerFacts, after: &ContainerFacts) -> bool {
    let life = |facts: &ContainerFacts| {
        let state = &facts.state;
        (facts.restart_count, state.started_at.clone(), state.pid)
    };
    let is_up = |facts: &ContainerFacts| facts.state.running && !facts.state.restarting;
    is_up(before) && is_up(after) && life(before) == life(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::container::{RestartPolicy, Settings, StateFacts};

    fn facts(policy: &str, status: &str, count: i64, pid: u64) -> ContainerFacts {
        ContainerFacts {
            restart_count: count,
            state: StateFacts {
                status: status.to_owned(),
                running: matches!(status, "running" | "restarting"),
                restarting: status == "restarting",
                pid: Some(pid),
                ..StateFacts::default()
            },
            settings: Settings {
                restart: RestartPolicy {
                    name: policy.to_owned(),
                    retries: None,
                },
                ..Settings::default()
            },
            ..ContainerFacts::default()
        }
    }

    #[test]
    fn only_what_nobody_starts_again_has_ended() {
        for (policy, status, ended) in [
            ("always", "running", false),
            ("always", "restarting", false),
            ("always", "stopping", false),
            ("on-failure", "exited", true),
            ("always", "created", true),
            ("no", "running", true),
            ("", "running", true),
        ] {
            assert_eq!(
                has_ended(&facts(policy, status, 1, 7)),
                ended,
                "{policy} {status}"
            );
        }
    }

    #[test]
    fn a_life_between_two_crashes_is_another() {
        let first = facts("always", "running", 1, 7);
        assert!(is_same_life(&first, &first));
        for other in [
            facts("always", "running", 2, 7),
            facts("always", "running", 1, 8),
            facts("always", "restarting", 1, 7),
        ] {
            assert!(!is_same_life(&first, &other));
            assert!(!is_same_life(&other, &first));
        }
        let crashing = facts("always", "restarting", 1, 7);
        assert!(!is_same_life(&crashing, &crashing), "back-off is no calm");
    }
}
