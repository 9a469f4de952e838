//! What is asked of all containers of a case at once.

use super::Asked;
use super::shared::{Whose, whose};
use crate::engine::{Fault, FaultKind};
use crate::fact::answer::{Answer, Fact};
use crate::fact::company::{Companion, Together};
use crate::fact::container::StateFacts;
use crate::fact::network::{Networks, On};
use crate::fact::question::Question;
use crate::observe::{ask, reach};
use crate::session::company::{Company, Member};
use crate::suite::network::DEFAULT;

/// How an engine calls it where a container is on no network.
const NO_NETWORK: &str = "none";
/// How an engine calls its own machine's network.
const MACHINE: &str = "host";

/// The answer to a question about a member among the others.
pub async fn of(company: &Company, asked: &Asked) -> Answer {
    let seen = match &asked.question {
        Question::Company => everyone(company, asked.member).await.map(Fact::Company),
        Question::Networks => return networks(company, asked.member).await,
        other => {
            let why = format!("this is no question about a company: {other:?}");
            Err(Fault::new(FaultKind::Broken, "look at all containers", why))
        }
    };
    seen.map_or_else(|fault| Answer::Unseen(fault.to_string()), Answer::Seen)
}

/// Everyone, as the engine has them now.
async fn everyone(company: &Company, own: usize) -> Result<Together, Fault> {
    let seen = company.each(|at| companion(company, at)).await;
    let all: Vec<Companion> = seen.into_iter().collect::<Result<_, _>>()?;
    let same_clock = company.live(own).await?.shares_clock();
    let lost = async |at| Ok(company.live(at).await?.lost_the_time());
    let lost = company.each(lost).await.into_iter();
    let lost: Vec<bool> = lost.collect::<Result<_, Fault>>()?;
    Ok(Together {
        own,
        all,
        same_clock,
        clock_set: lost.contains(&true),
    })
}

async fn companion(company: &Company, at: usize) -> Result<Companion, Fault> {
    let mut live = company.live(at).await?;
    let member = company.members().get(at);
    let begun = live.begun();
    let (state, restarted) = match begun {
        Some(_) => {
            let facts = live.facts().await?;
            (facts.state, facts.restart_count > 0)
        }
        None => (StateFacts::default(), false),
    };
    Ok(Companion {
        service: member.map(|m| m.service.clone()).unwrap_or_default(),
        label: member.map(Member::label).unwrap_or_default(),
        state,
        restarted,
        checked: live.declares_check(),
        asked: begun.map(|begun| begun.asked),
        ready: begun.and_then(|begun| begun.ready),
        healthy: begun.and_then(|begun| begun.healthy),
    })
}

/// The networks of a member that runs.
async fn networks(company: &Company, at: usize) -> Answer {
    let ended = match company.live(at).await {
        Ok(mut live) => live.down().await,
        Err(fault) => Err(fault),
    };
    match ended {
        Ok(Some(ending)) => return Answer::Ended(ending),
        Ok(None) => {}
        Err(fault) => return Answer::Unseen(fault.to_string()),
    }
    match (on(company, at).await, company.live(at).await) {
        (Ok(networks), _) => Answer::Seen(Fact::Networks(networks)),
        (Err(fault), Ok(mut live)) => ask::blocked(&mut live, &fault).await,
        (Err(fault), Err(_)) => Answer::Unseen(fault.to_string()),
    }
}

pub(super) async fn on(company: &Company, at: usize) -> Result<Networks, Fault> {
    let routes = reach::routes_of(company, at).await?;
    let at = match whose(company, at).await? {
        Whose::Of(at) => at,
        Whose::Gone(_) => {
            let all = Vec::new();
            return Ok(Networks { all, routes });
        }
    };
    let mut live = company.live(at).await?;
    let facts = live.facts().await?;
    let mut all = Vec::new();
    let networks = facts
        .networks
        .iter()
        .filter(|(name, _)| *name != NO_NETWORK);
    for (made, end) in networks {
        let internal = match made.as_str() {
            MACHINE => false,
            _ => live.session.engine.networks().inspect(made).await?.internal,
        };
        let name = match company.written(made) {
            Some(name) => name,
            None if !live.names_network() => DEFAULT,
            None => made,
        };
        all.push(On {
            name: name.to_owned(),
            internal,
            gateways: [&end.gateway, &end.ipv6_gateway]
                .into_iter()
                .filter_map(|gateway| gateway.as_deref()?.parse().ok())
                .collect(),
        });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Networks { all, routes })
}
