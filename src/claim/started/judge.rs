//! Whether one container was started after another had come so far.

use std::time::Duration;

use super::Come;
use crate::claim::Findings;
use crate::fact::answer::Blocked;
use crate::fact::company::{Companion, Together};
use crate::fact::moment::Moment;
use crate::text::matcher::Miss;
use crate::text::source::Spanned;
use crate::text::units::show_time;

/// When a container had come so far.
#[derive(Debug, Default, Clone, Copy)]
struct When {
    /// By the engine's clock.
    engine: Option<i64>,
    /// By ours.
    ours: Option<i64>,
    /// Whether it may have been earlier, what was before being forgotten.
    late: bool,
}

/// How many runs of a check the engine remembers.
const REMEMBERED: usize = 5;

/// Judges it for every container of that name.
pub(super) fn after(
    name: &str,
    come: &Spanned<Come>,
    together: &Together,
    findings: &mut Findings,
) -> Result<(), Blocked> {
    let unseen = |why: String| Blocked::Unseen(why);
    let own = together
        .own()
        .ok_or_else(|| unseen("the container is not among those of its case".to_owned()))?;
    let mut others = together.named(name).peekable();
    if others.peek().is_none() {
        return Err(unseen(format!(
            "there is no container `{name}` in this case"
        )));
    }
    for other in others {
        let what = format!("after {}", other.label);
        let expected = format!("to be started after `{}` {}", other.label, had(come.value));
        let Some(started) = nanos(own.state.started_at.as_ref())? else {
            let miss = Miss::new(expected, "it was never started");
            findings.check(come.span, what, Some(miss));
            continue;
        };
        let when = match moment(other, come.value)? {
            Ok(when) => when,
            Err(why) => {
                findings.check(come.span, what, Some(Miss::new(expected, why)));
                continue;
            }
        };
        // That we asked for the start after we saw it is sure whatever the engine's clock says.
        let in_turn = when
            .ours
            .zip(own.asked)
            .is_some_and(|(then, asked)| then <= asked);
        if own.restarted && !in_turn {
            let why = "its restart policy has started it again, and when it was first started is not known any \
                       more: find out why it ends (`restarts: 0`), or take the policy away for this case";
            return Err(unseen(why.to_owned()));
        }
        if together.clock_set && !in_turn {
            let why = "this machine's clock was set while the containers of this case lived (or the machine slept), so that \
                       the engine's times do not tell what came first: run it again";
            return Err(unseen(why.to_owned()));
        }
        let ours = when.ours.filter(|_| together.same_clock);
        let first = when.engine.into_iter().chain(ours).min();
        match first {
            Some(then) if then <= started => {
                let later = gap(started, then);
                findings.saw(format!(
                    "started {later} after `{}` {}",
                    other.label,
                    had(come.value)
                ));
            }
            _ if in_turn => {
                findings.saw(format!(
                    "started after `{}` {}",
                    other.label,
                    had(come.value)
                ));
            }
            Some(_) if when.late => {
                let why = format!(
                    "the engine remembers no more of the checks of `{}` than the last {REMEMBERED}, and all of these came later; \
                     `ready: healthy` on it has every check watched",
                    other.label
                );
                return Err(unseen(why));
            }
            first => {
                let actual = match first {
                    Some(then) => format!("it was started {} before that", gap(then, started)),
                    None => "it was started before that was seen".to_owned(),
                };
                let note = advice(name, come.value);
                findings.check_with(come.span, what, Some(Miss::new(expected, actual)), note);
            }
        }
    }
    Ok(())
}

/// When a container had come so far, or why it has not.
fn moment(other: &Companion, come: Come) -> Result<Result<When, String>, Blocked> {
    let state = &other.state;
    let label = &other.label;
    // What we saw, we saw of the life that we began. The last start of it is the one that counts.
    if other.restarted && come == Come::Ready {
        return Err(Blocked::Unseen(format!(
            "the restart policy of `{label}` has started it again, and when it was ready since then is not known: find \
             out why it ends (`restarts: 0`), or take the policy away for this case"
        )));
    }
    let healthy = other.healthy.filter(|_| !other.restarted);
    let when = match come {
        Come::Started => When {
            engine: nanos(state.started_at.as_ref())?,
            ..When::default()
        },
        Come::Healthy if !other.checked => {
            return Ok(Err(format!("no health check is declared for `{label}`")));
        }
        Come::Healthy => When {
            engine: nanos(other.passed())?,
            ours: healthy,
            late: healthy.is_none() && has_forgotten(other),
        },
        Come::Ready => When {
            ours: other.ready,
            ..When::default()
        },
        Come::Completed => match (state.status.as_str(), state.exit_code) {
            ("exited" | "dead", Some(0)) => When {
                engine: nanos(state.finished_at.as_ref())?,
                ..When::default()
            },
            ("exited" | "dead" | "restarting", Some(code)) => {
                return Ok(Err(format!("`{label}` ended with exit code {code}")));
            }
            (status, _) => return Ok(Err(format!("`{label}` is {status}"))),
        },
    };
    Ok(match (when.engine, when.ours) {
        (None, None) => Err(format!("`{label}` was never seen {come}")),
        _ => Ok(when),
    })
}

/// Whether a check may have passed before the first one that the engine still knows of.
fn has_forgotten(other: &Companion) -> bool {
    let log = other.state.health.as_ref().map(|health| &health.log);
    log.is_some_and(|log| {
        log.len() >= REMEMBERED && log.first().is_some_and(|run| run.exit_code == 0)
    })
}

fn had(come: Come) -> &'static str {
    match come {
        Come::Started => "was started",
        Come::Healthy => "was healthy",
        Come::Ready => "was ready",
        Come::Completed => "had completed",
    }
}

fn advice(name: &str, come: Come) -> String {
    let condition = match come {
        Come::Ready => {
            return format!(
                "`depends_on: [{name}]` of a suite has it wait, and in a Compose file `condition: service_healthy`"
            );
        }
        Come::Started => "service_started",
        Come::Healthy => "service_healthy",
        Come::Completed => "service_completed_successfully",
    };
    format!("`depends_on: {{ {name}: {{ condition: {condition} }} }}` has it wait")
}

/// A moment as a number; one that cannot be compared keeps us from telling.
fn nanos(moment: Option<&Moment>) -> Result<Option<i64>, Blocked> {
    match moment {
        None => Ok(None),
        Some(Moment { nanos: Some(n), .. }) => Ok(Some(*n)),
        Some(Moment { text, .. }) => Err(Blocked::Unseen(format!(
            "the engine gives a time that cannot be read: `{text}`"
        ))),
    }
}

fn gap(later: i64, earlier: i64) -> String {
    let nanos = u64::try_from(later.saturating_sub(earlier)).unwrap_or(0);
    show_time(Duration::from_nanos(nanos))
}
