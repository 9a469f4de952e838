//! Waiting until a container is ready.

use std::time::Duration;

use super::judge::{Pending, Subject, judge};
use super::outcome::{Failure, Trouble};
use crate::engine::clock::Looks;
use crate::engine::{Fault, clock};
use crate::fact::answer::{Answer, Ending, Fact};
use crate::fact::health::{Health, Status};
use crate::observe::health;
use crate::session::live::Live;
use crate::suite::Case;
use crate::suite::ready::{ReadyWord, When};
use crate::text::source::{Sources, Span};
use crate::text::units::show_time;

/// How long a container has to get ready where `ready` does not say.
const WITHIN: Duration = Duration::from_mins(1);

/// Why a container is not ready.
#[derive(Debug)]
pub enum NotReady {
    /// It was seen not to get ready.
    Failed(Vec<Failure>),
    /// We could not tell.
    Trouble(Vec<Trouble>),
}

/// Waits until it is ready, or says why it is not: at once when it has ended.
pub async fn wait(live: &mut Live, case: &Case, sources: &Sources) -> Result<(), NotReady> {
    let span = case
        .run
        .ready
        .as_ref()
        .map_or(case.name.span, |ready| ready.span);
    let result = match case.run.ready.as_ref().map(|ready| &ready.when) {
        Some(When::Word(ReadyWord::None)) => return Ok(()),
        Some(When::Word(ReadyWord::Healthy)) => healthy(live, span, sources).await,
        Some(When::Items(items)) => {
            let within = |item: &crate::suite::Item| item.modifiers.within.map_or(WITHIN, |t| t.0);
            let pending = items
                .iter()
                .map(|item| Pending {
                    item,
                    within: Some(within(item)),
                    case: 0,
                })
                .collect();
            claims(live, pending, sources).await
        }
        None if checks(live) => healthy(live, span, sources).await,
        _ => running(live, span, sources).await,
    };
    if result.is_ok() {
        live.is_ready();
    }
    if case.run.ready.is_some() {
        return result;
    }
    // The suite says nothing of `ready`, so what is waited for has to be said.
    result.map_err(|why| match why {
        NotReady::Failed(mut failures) => {
            for failure in failures.iter_mut().filter(|f| f.expected.starts_with("healthy")) {
                let note = "`ready` is healthy where there is a health check; `ready: none` waits for nothing";
                failure.notes.push(note.to_owned());
            }
            NotReady::Failed(failures)
        }
        trouble @ NotReady::Trouble(_) => trouble,
    })
}

/// Whether the container will have a health check, as far as the image says.
fn checks(live: &Live) -> bool {
    live.declares_check()
}

fn failed(
    span: Span,
    sources: &Sources,
    expected: String,
    actual: String,
    notes: Vec<String>,
) -> NotReady {
    NotReady::Failed(vec![Failure {
        place: sources.place(span),
        claim: "ready".to_owned(),
        what: "ready".to_owned(),
        service: None,
        expected,
        actual,
        diff: None,
        notes,
        waited: None,
    }])
}

fn trouble(span: Span, sources: &Sources, message: String) -> NotReady {
    NotReady::Trouble(vec![Trouble {
        place: Some(sources.place(span)),
        message,
    }])
}

fn fault(span: Span, sources: &Sources, fault: &Fault) -> NotReady {
    trouble(span, sources, fault.to_string())
}

async fn running(live: &mut Live, span: Span, sources: &Sources) -> Result<(), NotReady> {
    let mut looks = Looks::within(WITHIN);
    loop {
        let ending = match live.down().await {
            Ok(None) => return Ok(()),
            Ok(Some(ending)) => ending,
            Err(error) => return Err(fault(span, sources, &error)),
        };
        if !comes_back(live).await || !looks.again().await {
            return Err(ended(span, sources, "a running container", &ending));
        }
    }
}

/// Whether a restart policy is about to start it again, so that waiting is not in vain.
async fn comes_back(live: &mut Live) -> bool {
    live.may_return() && matches!(live.gone().await, Ok(None))
}

fn ended(span: Span, sources: &Sources, expected: &str, ending: &Ending) -> NotReady {
    failed(
        span,
        sources,
        expected.to_owned(),
        format!("it {ending}"),
        Vec::new(),
    )
}

async fn healthy(live: &mut Live, span: Span, sources: &Sources) -> Result<(), NotReady> {
    let mut looks = Looks::within(WITHIN);
    let began = clock::now();
    loop {
        let answer = health::of(live, false).await;
        match &answer {
            Answer::Seen(Fact::Health(Health {
                status: Status::Healthy,
                ..
            })) => return Ok(()),
            Answer::Seen(Fact::Health(Health {
                status: Status::None,
                ..
            })) => {
                let actual = "no health check is declared, in the image or in `run`".to_owned();
                let note = "declare one, or say `ready: running`".to_owned();
                return Err(failed(
                    span,
                    sources,
                    "healthy".to_owned(),
                    actual,
                    vec![note],
                ));
            }
            Answer::Ended(ending) if !comes_back(live).await => {
                return Err(ended(span, sources, "healthy", ending));
            }
            Answer::Unseen(why) if live.is_lost().await => {
                return Err(trouble(span, sources, why.clone()));
            }
            _ => {}
        }
        if looks.again().await {
            continue;
        }
        let waited = show_time(began.elapsed());
        return Err(match answer {
            Answer::Seen(Fact::Health(health)) => {
                let (actual, notes) = last_run(&health);
                failed(
                    span,
                    sources,
                    format!("healthy within {}", show_time(WITHIN)),
                    format!("{actual} after {waited}"),
                    notes,
                )
            }
            Answer::Unseen(why) => trouble(span, sources, why),
            Answer::Ended(ending) => ended(span, sources, "healthy", &ending),
            Answer::Seen(_) => trouble(span, sources, "the health check gave no answer".to_owned()),
        });
    }
}

fn last_run(health: &Health) -> (String, Vec<String>) {
    let Some(run) = health.runs.last() else {
        return ("unhealthy".to_owned(), Vec::new());
    };
    let mut notes = vec![format!("the check is {}", health.check.join(" "))];
    notes.push(match &run.end {
        crate::fact::command::End::Code(code) => {
            format!("its last run ended with exit code {code}")
        }
        crate::fact::command::End::Signal(signal) => {
            format!("its last run was ended by signal {signal}")
        }
        crate::fact::command::End::TimedOut => {
            "its last run took longer than its timeout".to_owned()
        }
        crate::fact::command::End::NotStarted(why) => format!("it could not be started: {why}"),
    });
    let text = run.output.text().into_owned();
    notes.extend(text.lines().take(5).map(|line| format!("it said: {line}")));
    ("unhealthy".to_owned(), notes)
}

async fn claims(
    live: &mut Live,
    pending: Vec<Pending<'_>>,
    sources: &Sources,
) -> Result<(), NotReady> {
    let judged = judge(Subject::Container(live), None, pending, true).await;
    let (mut failures, mut troubles) = (Vec::new(), Vec::new());
    for one in judged.into_iter().filter(|j| !j.holds()) {
        let (_, failed, untold) = one.told(sources);
        failures.extend(failed);
        troubles.extend(untold);
    }
    match (failures.is_empty(), troubles.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(NotReady::Failed(failures)),
        (true, false) => Err(NotReady::Trouble(troubles)),
    }
}
