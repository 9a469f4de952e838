//! By how many replicas requests are answered, told by the replicas themselves.
//!
//! The kernel counts the connections that a container takes and those that it makes. One that it makes to
//! itself, as health checks do, is in both: so what it has taken more than made came from outside.

use std::time::Duration;

use super::{ask, load, request};
use crate::engine::http::fetch;
use crate::engine::probe::wire::{Answer as Told, Request as Ask};
use crate::fact::answer::{Answer, Ending, Fact};
use crate::fact::http::{Idle, Outcome, Request, Spread};
use crate::session::all;
use crate::session::company::{Company, Member};
use crate::session::live::ROOT;

/// The most requests for each replica.
const EACH: usize = 20;
/// How long the probe has to answer.
const PROBE: Duration = Duration::from_secs(30);
/// The most that is read of the kernel's counters.
const COUNTERS: u64 = 64 << 10;

/// Repeats a request until each replica of the member's service has taken a connection, or for long enough.
pub async fn of(company: &Company, at: usize, request: &Request) -> Answer {
    match tried(company, at, request).await {
        Ok(spread) => {
            let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed { .. });
            // Of several others may have been asked.
            match spread.replicas == 1 && spread.outcomes.iter().any(failed) {
                true => ask::unless_ended(company, at, Fact::Spread(spread)).await,
                false => Answer::Seen(Fact::Spread(spread)),
            }
        }
        Err(why) => why,
    }
}

async fn tried(company: &Company, at: usize, asked: &Request) -> Result<Spread, Answer> {
    let unseen = |fault: crate::engine::Fault| Answer::Unseen(fault.to_string());
    let service = company
        .members()
        .get(at)
        .map(|member| member.service.as_str());
    let replicas = company.named(service);
    if let Some(ending) = all_down(company, &replicas).await.map_err(unseen)? {
        return Err(Answer::Ended(ending));
    }
    let mut way = load::way(company, &asked.from, &asked.url, asked.timeout_millis)
        .await
        .map_err(Answer::Unseen)?;
    let credentials = company
        .live(at)
        .await
        .map_err(unseen)?
        .credentials(&asked.tls)
        .await;
    let credentials = credentials.map_err(unseen)?;
    let before = counted(company, &replicas).await?;
    let mut spread = Spread {
        replicas: u32::try_from(replicas.len()).unwrap_or(u32::MAX),
        ..Spread::default()
    };
    let mut idle = Vec::new();
    for _ in 0..EACH {
        let mut over = false;
        for _ in 0..replicas.len().max(2) {
            let got = Box::pin(fetch(asked, &credentials, &mut way, request::BODY)).await;
            spread.requests += 1;
            let outcome = got.map_err(|untried| Answer::Unseen(untried.0))?;
            over = take(&mut spread.outcomes, outcome);
            if over {
                break;
            }
        }
        let after = counted(company, &replicas).await?;
        let took = before
            .iter()
            .zip(after)
            .map(|(before, after)| after > *before);
        let of = replicas.iter().copied().zip(took);
        idle = of.filter(|(_, took)| !took).map(|(at, _)| at).collect();
        if over || idle.is_empty() {
            break;
        }
    }
    spread.answered = u32::try_from(replicas.len() - idle.len()).unwrap_or(u32::MAX);
    for at in idle {
        spread.idle.push(state(company, at).await.map_err(unseen)?);
    }
    Ok(spread)
}

/// How the first ended, where none of them runs.
async fn all_down(company: &Company, replicas: &[usize]) -> crate::engine::Result<Option<Ending>> {
    let mut first = None;
    for &at in replicas {
        match company.live(at).await?.down().await? {
            Some(ending) => first = first.or(Some(ending)),
            None => return Ok(None),
        }
    }
    Ok(first)
}

/// How one stands that took no connection.
async fn state(company: &Company, at: usize) -> crate::engine::Result<Idle> {
    let state = company.live(at).await?.facts().await?.state.status.clone();
    let replica = company.members().get(at).map(Member::label);
    Ok(Idle {
        replica: replica.unwrap_or_default(),
        state,
    })
}

/// Keeps the first outcome and the first that is of another kind; whether there is no more to learn.
fn take(outcomes: &mut Vec<Outcome>, outcome: Outcome) -> bool {
    let status = |outcome: &Outcome| match outcome {
        Outcome::Answered(response) => Some(response.status),
        Outcome::Failed { .. } | Outcome::Circled { .. } => None,
    };
    let failed = status(&outcome).is_none();
    let other = outcomes
        .first()
        .is_some_and(|first| status(first) != status(&outcome));
    if outcomes.is_empty() || other {
        outcomes.push(outcome);
    }
    failed || other
}

/// What each has taken more than it has made. One that cannot be asked is gone or frozen, and takes nothing.
async fn counted(company: &Company, replicas: &[usize]) -> Result<Vec<i64>, Answer> {
    let asked = replicas.iter().map(|&at| async move {
        let read = [Ask::Read {
            path: b"/proc/net/snmp".to_vec(),
            from: 0,
            max: COUNTERS,
        }];
        let mut live = company.live(at).await?;
        if !matches!(live.down().await, Ok(None)) || live.facts().await?.state.paused {
            return Ok(None);
        }
        live.link(Some(ROOT))
            .await?
            .ask(&read, PROBE)
            .await
            .map(|mut told| told.pop())
    });
    let told: Result<Vec<Option<Told>>, crate::engine::Fault> =
        all(asked).await.into_iter().collect();
    let told = told.map_err(|fault| Answer::Unseen(fault.to_string()))?;
    let read = told.into_iter().map(|told| match told {
        None => Ok(0),
        Some(Told::Bytes { data, .. }) => {
            let counters = taken(&String::from_utf8_lossy(&data));
            counters.ok_or_else(|| "the kernel does not count connections here".to_owned())
        }
        Some(other) => Err(format!("the probe answered {other:?}")),
    });
    let read: Result<_, String> = read.collect();
    read.map_err(Answer::Unseen)
}

/// Connections that were taken less those that were made, of the kernel's counters.
fn taken(text: &str) -> Option<i64> {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("Tcp: "));
    let (names, numbers) = (lines.next()?, lines.next()?);
    let number = |wanted: &str| -> Option<i64> {
        let at = names.split(' ').position(|name| name == wanted)?;
        numbers.split(' ').nth(at)?.parse().ok()
    };
    Some(number("PassiveOpens")? - number("ActiveOpens")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::http::{Failure, Response};

    #[test]
    fn what_a_container_says_to_itself_is_not_from_outside() {
        let text = |active, passive| {
            format!(
                "Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails\nTcp: 1 200 120000 -1 {active} {passive} 0\nUdp: InDatagrams\nUdp: 0\n"
            )
        };
        assert_eq!(taken(&text(3, 3)), Some(0));
        assert_eq!(taken(&text(3, 8)), Some(5));
        assert_eq!(taken(&text(9, 8)), Some(-1));
        assert_eq!(taken("Tcp: A\nTcp: 1\n"), None);
        assert_eq!(taken(""), None);
    }

    #[test]
    fn an_answer_of_another_kind_is_kept_beside_the_first() {
        let answered = |status| {
            Outcome::Answered(Response {
                url: String::new(),
                status,
                headers: Vec::new(),
                body: crate::fact::blob::Blob::default(),
                micros: 1,
            })
        };
        let failed = Outcome::Failed {
            failure: Failure::Refused,
            text: String::new(),
        };
        let mut kept = Vec::new();
        assert!(!take(&mut kept, answered(200)) && !take(&mut kept, answered(200)));
        assert_eq!(kept.len(), 1);
        assert!(take(&mut kept, answered(503)));
        assert_eq!(kept, [answered(200), answered(503)]);
        let mut kept = Vec::new();
        assert!(take(&mut kept, failed.clone()));
        assert_eq!(kept, [failed]);
    }
}
