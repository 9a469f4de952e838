//! By how many replicas requests are answered, told by the replicas themselves.
//!
//! The kernel counts the connections that a container takes and those that it makes. One that it makes to
//! itself, as health checks do, is in both: so what it has taken more than made came from outside.

use std::time::Duration;

use super::{ask, load, request};
use crate::engine::http::fetch;
use crate::engine::probe::wire::{Answer as Told, Request as Ask};
use crate::fact::answer::{Answer, Fact};
use crate::fact::http::{Outcome, Request, Spread};
use crate::session::all;
use crate::session::company::Company;
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
            match spread.outcomes.iter().any(failed) {
                true => ask::unless_ended(company, at, Fact::Spread(spread)).await,
                false => Answer::Seen(Fact::Spread(spread)),
            }
        }
        Err(why) => why,
    }
}

async fn tried(company: &Company, at: usize, asked: &Request) -> Result<Spread, Answer> {
    let unseen = |fault: crate::engine::Fault| Answer::Unseen(fault.to_string());
    if let Ok(Some(ending)) = company.live(at).await.map_err(unseen)?.down().await {
        return Err(Answer::Ended(ending));
    }
    let service = company
        .members()
        .get(at)
        .map(|member| member.service.as_str());
    let replicas = company.named(service);
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
    for _ in 0..EACH {
        for _ in 0..replicas.len().max(2) {
            let got = Box::pin(fetch(asked, &credentials, &mut way, request::BODY)).await;
            spread.requests += 1;
            let outcome = got.map_err(|untried| Answer::Unseen(untried.0))?;
            if take(&mut spread.outcomes, outcome) {
                return Ok(spread);
            }
        }
        let after = counted(company, &replicas).await?;
        let took = before
            .iter()
            .zip(after)
            .filter(|(before, after)| after > before);
        spread.answered = u32::try_from(took.count()).unwrap_or(u32::MAX);
        if spread.answered >= spread.replicas {
            break;
        }
    }
    Ok(spread)
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

/// What each has taken more than it has made. One that cannot be asked is gone, and takes nothing.
async fn counted(company: &Company, replicas: &[usize]) -> Result<Vec<i64>, Answer> {
    let asked = replicas.iter().map(|&at| async move {
        let read = [Ask::Read {
            path: b"/proc/net/snmp".to_vec(),
            from: 0,
            max: COUNTERS,
        }];
        let mut live = company.live(at).await?;
        if !matches!(live.down().await, Ok(None)) {
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
