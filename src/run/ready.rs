//! Waiting until a container is ready.

use std::time::Duration;

use tokio::sync::MutexGuard;

use super::judge::{Pending, Subject, Until, judge};
use super::outcome::{Failure, Trouble};
use super::progress::Progress;
use crate::engine::clock::{self, Looks};
use crate::fact::answer::{Answer, Ending, Fact};
use crate::fact::health::{Health, Status};
use crate::observe::health;
use crate::session::company::{Company, Member};
use crate::session::live::{Live, ROOT};
use crate::suite::ready::{Ready, ReadyWord, When};
use crate::text::source::{Sources, Span};
use crate::text::units::show_time;

/// How long a container has to get ready where `ready` does not say.
const WITHIN: Duration = Duration::from_mins(1);
/// How long a container has to complete that others wait for.
const COMPLETION: Duration = Duration::from_mins(5);

/// Why a container is not ready.
#[derive(Debug)]
pub enum NotReady {
    /// It was seen not to get ready.
    Failed(Vec<Failure>),
    /// We could not tell.
    Trouble(Vec<Trouble>),
}

/// A container that has to get ready.
#[derive(Debug, Clone, Copy)]
pub struct Awaited<'a> {
    /// Those that it lives with.
    pub company: &'a Company,
    /// Which of them it is.
    pub at: usize,
    /// When it counts as ready, where that is said.
    pub ready: Option<&'a Ready>,
    /// Where it is named, for where nothing says what is waited for.
    pub span: Span,
    /// The texts of the suites.
    pub sources: &'a Sources,
    /// Where the Compose file describes it, where the suite does not.
    pub of_file: Option<&'a str>,
    /// Whether one that has ended well is ready too: it was to do something once.
    pub mild: bool,
    /// Whether a step has started it, behind which no claim may come that sees it end.
    pub again: bool,
    /// Those that it may depend on, which have to live on.
    pub needed: &'a [usize],
    /// Told what is waited for.
    pub progress: &'a Progress,
}

/// Waits until it is ready, or says why it is not: at once when it has ended.
pub async fn wait(awaited: Awaited<'_>) -> Result<(), NotReady> {
    let Awaited { at, ready, .. } = awaited;
    let span = ready.map_or(awaited.span, |ready| ready.span);
    let one = Awaited { span, ..awaited };
    let _waits = one.live().await?.track.begins("waits until ready");
    let result = match ready.map(|ready| &ready.when) {
        Some(When::Word(ReadyWord::None)) => return Ok(()),
        Some(When::Word(ReadyWord::Healthy)) => healthy(one).await,
        Some(When::Items(items)) => {
            let within = |item: &crate::suite::Item| item.modifiers.within.map_or(WITHIN, |t| t.0);
            let pending = items
                .iter()
                .map(|item| Pending {
                    item,
                    within: Some(within(item)),
                    case: 0,
                    members: vec![at],
                })
                .collect();
            claims(one, pending).await
        }
        None if one.live().await?.declares_check() => healthy(one).await,
        _ => running(one).await,
    };
    if result.is_ok() {
        one.live().await?.is_ready();
    }
    if ready.is_some() {
        return result;
    }
    // The suite says nothing of `ready`, so what is waited for has to be said.
    result.map_err(|why| match why {
        NotReady::Failed(mut failures) => {
            // More time is of no use to one that has ended.
            let expected = match awaited.of_file {
                Some(_) => "healthy within",
                None => "healthy",
            };
            for failure in failures
                .iter_mut()
                .filter(|f| f.expected.starts_with(expected))
            {
                failure.notes.push(awaited.unsaid());
            }
            NotReady::Failed(failures)
        }
        trouble @ NotReady::Trouble(_) => trouble,
    })
}

impl<'a> Awaited<'a> {
    async fn live(&self) -> Result<MutexGuard<'a, Live>, NotReady> {
        let live = self.company.live(self.at).await;
        live.map_err(|fault| self.trouble(fault.to_string()))
    }

    /// What is waited for where the suite says nothing of it.
    fn unsaid(&self) -> String {
        let Some(place) = self.of_file else {
            return "`ready` is healthy where there is a health check; `ready: none` waits for nothing"
                .to_owned();
        };
        let service = self.company.members().get(self.at);
        let service = service.map_or("", |member| member.service.as_str());
        format!(
            "`{service}` of {place} is waited for until it is healthy, as long as its check takes to call it \
             unhealthy and a minute at least; `ready: {{ {service}: {{ health: healthy, within: 5m }} }}` in `compose` \
             gives it more"
        )
    }

    fn failed(&self, expected: String, actual: String, notes: Vec<String>) -> NotReady {
        NotReady::Failed(vec![Failure {
            place: self.sources.place(self.span),
            claim: "ready".to_owned(),
            what: "ready".to_owned(),
            service: self.company.label(self.at),
            expected,
            actual,
            diff: None,
            notes,
            waited: None,
        }])
    }

    fn saw(&self, what: &str) {
        let on = self.company.label(self.at);
        let on = on.map_or(String::new(), |on| format!("on {on}: "));
        self.progress.saw(format!("{on}{what}"));
    }

    fn trouble(&self, message: String) -> NotReady {
        NotReady::Trouble(vec![Trouble {
            place: Some(self.sources.place(self.span)),
            message,
        }])
    }

    fn ended(&self, expected: &str, ending: &Ending) -> NotReady {
        self.failed(expected.to_owned(), format!("it {ending}"), Vec::new())
    }

    /// Whether a restart policy is about to start it again, so that waiting is not in vain.
    async fn comes_back(&self) -> Result<bool, NotReady> {
        let mut live = self.live().await?;
        Ok(live.may_return() && matches!(live.gone().await, Ok(None)))
    }
}

async fn running(one: Awaited<'_>) -> Result<(), NotReady> {
    let mut looks = Looks::within(WITHIN);
    let mut settled = false;
    loop {
        let down = one.live().await?.down().await;
        let ending = match down {
            Ok(None) if one.again && !settled => {
                // By the time that a second program talks in it, one that ends at once has ended.
                settled = true;
                let _ = one.live().await?.link(Some(ROOT)).await;
                continue;
            }
            Ok(None) => return Ok(()),
            Ok(Some(ending)) => ending,
            Err(fault) => return Err(one.trouble(fault.to_string())),
        };
        if one.mild && ending.code == 0 {
            return Ok(());
        }
        if !one.comes_back().await? || !looks.again().await {
            return Err(one.ended("a running container", &ending));
        }
    }
}

/// Waits until a container has done what it is for: it ended with exit code 0.
pub async fn completed(one: Awaited<'_>) -> Result<(), NotReady> {
    let _waits = one.live().await?.track.begins("waits until it has ended");
    let mut looks = Looks::within(COMPLETION);
    let all = one.company.members();
    let job = all.get(one.at).map(Member::label).unwrap_or_default();
    loop {
        // Others that come up meanwhile may have been waited for since.
        one.progress
            .at(format!("waiting until `{job}` has ended with exit code 0"));
        let gone = one.live().await?.gone().await;
        match gone {
            Ok(Some(ending)) if ending.code == 0 && ending.error.is_none() => return Ok(()),
            Ok(Some(ending)) => return Err(one.ended("an end with exit code 0", &ending)),
            Ok(None) => {}
            Err(fault) => return Err(one.trouble(fault.to_string())),
        }
        if !looks.again().await {
            let within = show_time(COMPLETION);
            let expected = format!("an end with exit code 0 within {within}");
            return Err(one.failed(expected, "it still runs".to_owned(), Vec::new()));
        }
    }
}

async fn healthy(one: Awaited<'_>) -> Result<(), NotReady> {
    // A Compose file says by its check how long a service may take.
    let within = match one.of_file.filter(|_| one.ready.is_none()) {
        Some(_) => one.live().await?.patience().max(WITHIN),
        None => WITHIN,
    };
    let mut looks = Looks::within(within);
    let began = clock::now();
    loop {
        let answer = health::of(&mut *one.live().await?, false).await;
        match &answer {
            Answer::Seen(Fact::Health(Health {
                status: Status::Healthy,
                ..
            })) => {
                one.live().await?.is_healthy();
                return Ok(());
            }
            Answer::Seen(Fact::Health(Health {
                status: Status::None,
                ..
            })) => {
                let actual = "no health check is declared, in the image or in `run`".to_owned();
                let note = "declare one, or say `ready: running`".to_owned();
                return Err(one.failed("healthy".to_owned(), actual, vec![note]));
            }
            Answer::Ended(ending) if !one.comes_back().await? => {
                return Err(one.ended("healthy", ending));
            }
            Answer::Unseen(why) if one.live().await?.is_lost().await => {
                return Err(one.trouble(why.clone()));
            }
            _ => {}
        }
        match &answer {
            Answer::Seen(Fact::Health(health)) => {
                let (actual, notes) = last_run(health);
                let said = notes.into_iter().skip(1);
                let words: Vec<String> = std::iter::once(actual).chain(said).collect();
                one.saw(&words.join("; "));
            }
            Answer::Unseen(why) => one.saw(why),
            _ => {}
        }
        if looks.again().await {
            continue;
        }
        let waited = show_time(began.elapsed());
        return Err(match answer {
            Answer::Seen(Fact::Health(health)) => {
                let (actual, notes) = last_run(&health);
                one.failed(
                    format!("healthy within {}", show_time(within)),
                    format!("{actual} after {waited}"),
                    notes,
                )
            }
            Answer::Unseen(why) => one.trouble(why),
            Answer::Ended(ending) => one.ended("healthy", &ending),
            Answer::Seen(_) => one.trouble("the health check gave no answer".to_owned()),
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

async fn claims(one: Awaited<'_>, pending: Vec<Pending<'_>>) -> Result<(), NotReady> {
    let subject = Subject::Company(one.company);
    let watch = (one.progress, one.sources);
    let until = Until {
        ended: Some(one.at),
        dead: one.needed,
    };
    let judged = judge(&subject, None, pending, until, watch).await;
    let (mut failures, mut troubles) = (Vec::new(), Vec::new());
    for judged in judged.into_iter().filter(|j| !j.holds()) {
        let (_, failed, untold) = judged.told(one.sources);
        failures.extend(failed);
        troubles.extend(untold);
    }
    match (failures.is_empty(), troubles.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(NotReady::Failed(failures)),
        (true, false) => Err(NotReady::Trouble(troubles)),
    }
}
