//! TCP connections: whether a program takes them, and what comes through.

use std::time::Duration;

use regex::Regex;

use super::ask;
use super::request::Way;
use crate::engine::http::{Connect as _, Peer, Unconnected};
use crate::engine::probe::wire::{self, Answer as Told, Request};
use crate::engine::talk::{Words, talk};
use crate::engine::{Fault, FaultKind, clock};
use crate::fact::answer::{Answer, Fact};
use crate::fact::blob::Blob;
use crate::fact::tcp::{Finish, Met, Shut, Talk};
use crate::session::company::Company;
use crate::session::live::ROOT;

/// The most that is kept of what comes.
const HEARD: usize = 64 << 10;
/// How long the probe may take to answer beside what it waits for.
const PROBE: Duration = Duration::from_secs(10);

/// What came of a connection, which is a claim about the member of that number.
pub async fn of(company: &Company, at: usize, asked: &Talk) -> Answer {
    let within = Duration::from_millis(asked.timeout_millis);
    let mut way = match Way::of(company, at, (&asked.from, Some(&asked.host)), within).await {
        Ok(way) => way,
        Err(answer) => return answer,
    };
    let silent = asked.send.is_none() && !asked.receive;
    let met = match knocks(&mut way, at, asked).await {
        Some((from, hosts)) if silent => knock(company, from, &hosts, asked).await,
        _ => conversation(&mut way, asked, within).await,
    };
    let how = match met {
        Ok(met) => return Answer::Seen(Fact::Tcp(met)),
        Err(why) => why,
    };
    let (how, text) = match how {
        Unconnected::Refused(text) => (Shut::Refused, text),
        Unconnected::Timeout(text) => (Shut::Timeout, text),
        // The name is the suite's own, so it is not a wrong one: its container is not there.
        Unconnected::Dns(text) if company.host(&asked.host, at).is_some() => (
            Shut::Unreachable,
            format!("no container answers to that name there: {text}"),
        ),
        Unconnected::Dns(text) => (Shut::Dns, text),
        Unconnected::Other(text) => (Shut::Unreachable, text),
        Unconnected::Untried(text) => {
            let fault = Fault::new(FaultKind::Broken, "make the connection", text);
            return way.blocked(&fault).await;
        }
    };
    ask::unless_ended(company, at, Fact::Tcp(Met::Shut { how, text })).await
}

/// In which member the probe connects to which hosts where nothing is to be said or heard: it is open where any of
/// them is. `None` where this machine connects by itself.
///
/// A port published on this machine is taken by the engine's proxy whether or not anything listens
/// behind it, so such a connection proves nothing. The probe connects to the container's own address
/// instead, which what listens on loopback alone does not take.
async fn knocks(way: &mut Way<'_>, at: usize, asked: &Talk) -> Option<(usize, Vec<String>)> {
    let to = way.company.host(&asked.host, way.inside.unwrap_or(at));
    match (way.inside, to) {
        (Some(from), Some(to)) if from == to => {
            let own = way.addresses(from).await;
            let loopback = || vec!["127.0.0.1".to_owned()];
            Some((from, if own.is_empty() { loopback() } else { own }))
        }
        (Some(from), _) => Some((from, vec![way.company.called(&asked.host).to_owned()])),
        (None, Some(to)) if way.is_of_this_machine(to).await => None,
        (None, Some(to)) => {
            let own = way.addresses(to).await;
            (!own.is_empty()).then_some((to, own))
        }
        (None, None) => None,
    }
}

/// Connects from inside the container to each of the hosts, and hangs up; what came of the first that was not
/// open where none was.
async fn knock(
    company: &Company,
    from: usize,
    hosts: &[String],
    asked: &Talk,
) -> Result<Met, Unconnected> {
    let untried = |fault: Fault| Unconnected::Untried(fault.to_string());
    let requests: Vec<Request> = hosts
        .iter()
        .map(|host| Request::Connect {
            host: host.as_bytes().to_vec(),
            port: asked.port,
            timeout_ms: u32::try_from(asked.timeout_millis).unwrap_or(u32::MAX),
            send: Vec::new(),
            max_receive: 0,
            receive_ms: 0,
        })
        .collect();
    let each = Duration::from_millis(asked.timeout_millis);
    let within = each.saturating_mul(u32::try_from(hosts.len()).unwrap_or(u32::MAX)) + PROBE;
    let mut live = company.live(from).await.map_err(untried)?;
    let link = live.link(Some(ROOT)).await.map_err(untried)?;
    let told = match link.ask(&requests, within).await {
        Ok(told) => told,
        Err(fault) => {
            live.hang_up();
            return Err(untried(fault));
        }
    };
    let mut met = told.into_iter().map(met);
    let first = met.next().unwrap_or_else(|| {
        let why = "the probe did not answer to a connection";
        Err(Unconnected::Untried(why.to_owned()))
    });
    match first {
        Ok(open) => Ok(open),
        Err(why) => met.find_map(Result::ok).ok_or(why),
    }
}

/// What the probe says of a connection.
fn met(told: Told) -> Result<Met, Unconnected> {
    match told {
        Told::Connected { .. } => Ok(Met::Open {
            heard: Blob::default(),
            finish: Finish::Unasked,
        }),
        Told::ConnectFailed { failure, text, .. } => Err(match failure {
            wire::Failure::Refused => Unconnected::Refused(text),
            wire::Failure::TimedOut => Unconnected::Timeout(text),
            wire::Failure::Dns => Unconnected::Dns(text),
            wire::Failure::Unreachable | wire::Failure::Reset => Unconnected::Other(text),
            wire::Failure::Other => Unconnected::Untried(text),
        }),
        other => Err(Unconnected::Untried(format!(
            "the probe answered a connection with {other:?}"
        ))),
    }
}

/// Connects from where the claim says, and talks.
async fn conversation(
    way: &mut Way<'_>,
    asked: &Talk,
    within: Duration,
) -> Result<Met, Unconnected> {
    let peer = Peer {
        host: asked.host.clone(),
        port: asked.port,
    };
    let began = clock::now();
    let line = way.connect(peer).await?;
    let patterns: Vec<Regex> = asked
        .enough
        .iter()
        .filter_map(|pattern| Regex::new(pattern).ok())
        .collect();
    let enough = |heard: &[u8]| {
        let text = String::from_utf8_lossy(heard);
        !patterns.is_empty() && patterns.iter().all(|p| p.is_match(&text))
    };
    let words = Words {
        send: asked.send.as_deref().unwrap_or_default().as_bytes(),
        most: if asked.receive { HEARD } else { 0 },
        enough: &enough,
        within: within.saturating_sub(began.elapsed()),
    };
    let (heard, finish) = talk(line.stream, words).await;
    Ok(Met::Open { heard, finish })
}
