//! Requests under load: from where they start, and how their host is reached.
//!
//! They never go through the engine's proxy of published ports. It takes a connection before the program
//! does, so that one that nobody took looks like one that was dropped; and under load that is the question.

use std::sync::Arc;
use std::time::Duration;

use super::ask;
use crate::claim::http::Http;
use crate::engine::Fault;
use crate::engine::dial::dial;
use crate::engine::http::{Connect, Line, Peer, Unconnected};
use crate::engine::load::{Load, Wanted};
use crate::engine::relays::Relays;
use crate::engine::transport::Duplex;
use crate::fact::answer::Ending;
use crate::fact::container::ContainerFacts;
use crate::fact::load::Traffic;
use crate::fact::moment::Moment;
use crate::session::company::{Company, Member};
use crate::session::live::ends::FirstEnd;
use crate::session::live::{ROOT, code};
use crate::text::url::Url;

/// How long a connection may take to be made. That is time for one packet to be lost.
const CONNECTED: Duration = Duration::from_secs(2);

/// How hosts are reached, by all clients.
#[derive(Debug, Clone)]
pub(super) struct Way {
    relays: Option<Relays>,
    /// Where every host is, if not where its name says.
    host: Option<String>,
    within: Duration,
}

impl Connect for Way {
    type Stream = Box<dyn Duplex>;

    async fn connect(&mut self, peer: Peer) -> Result<Line<Self::Stream>, Unconnected> {
        let host = self.host.as_deref().unwrap_or(&peer.host);
        let dialled: Result<Box<dyn Duplex>, Unconnected> = match &self.relays {
            Some(relays) => {
                let dialled = relays.dial(host, peer.port, self.within).await;
                dialled.map(|line| Box::new(line) as _)
            }
            None => {
                let dialled = dial(host, peer.port, self.within).await;
                dialled.map(|stream| Box::new(stream) as _)
            }
        };
        match dialled {
            Ok(stream) => Ok(Line {
                stream,
                relayed: false,
            }),
            // Nobody has taken anything. So it is for a moment where a container is gone from its network.
            Err(Unconnected::Timeout(text)) => Err(Unconnected::Refused(text)),
            Err(why) => Err(why),
        }
    }

    fn cut(&self) -> Option<String> {
        self.relays.as_ref().and_then(Relays::ended)
    }
}

/// Requests that are being made.
#[derive(Debug)]
pub struct Requests {
    load: Load,
    origin: Option<Origin>,
    target: Target,
}

/// Where they go: members of the case, none where that is elsewhere, and their port.
#[derive(Debug)]
struct Target {
    members: Vec<usize>,
    port: u16,
}

/// The container of the case that they start in, as it was when they began.
#[derive(Debug)]
struct Origin {
    at: usize,
    label: String,
    id: String,
    started: Option<Moment>,
    first_end: FirstEnd,
}

/// Begins to make requests; or says why that cannot be tried.
pub async fn begin(company: &Company, claim: &Http, clients: u32) -> Result<Requests, String> {
    let request = claim.request().clone();
    let origin = match request.from.as_str() {
        "host" => None,
        from => Some(Origin::of(company, from).await?),
    };
    let way = way(company, &request.from, &request.url, request.timeout_millis).await?;
    let credentials = {
        let mut live = company.live(0).await.map_err(|fault| fault.to_string())?;
        live.credentials(&request.tls).await
    };
    let target = Target::of(company, &request.url);
    let own = claim.clone();
    let wanted = Wanted {
        request,
        credentials: credentials.map_err(|fault| fault.to_string())?,
        sort: Arc::new(move |outcome| own.mismatch(outcome)),
    };
    let ways = (0..clients).map(|_| way.clone());
    let load = Load::begin(wanted, ways.collect());
    Ok(Requests {
        load,
        origin,
        target,
    })
}

impl Requests {
    /// Waits until each client has come to something and asks again, if it can be so that the program has every
    /// request; whether any was answered as it should.
    pub async fn flows(&self, company: &Company) -> bool {
        let flows = self.load.flows().await;
        self.load.settles(|| self.target.holds(company)).await;
        flows
    }

    /// Marks the beginning of a step.
    pub fn mark(&self, step: &str) {
        self.load.mark(step);
    }

    /// Why nothing can be told of what became of them: where they start has ended or stands still, be it
    /// that it has been started again since.
    pub async fn cut(&mut self, company: &Company) -> Option<String> {
        match &mut self.origin {
            Some(origin) => origin.gone(company).await,
            None => None,
        }
    }

    /// Waits until each client has come to something that it began to ask from now on, and ends.
    pub async fn done(mut self, company: &Company) -> Result<Traffic, String> {
        let done = self.load.done().await;
        match &mut self.origin {
            Some(origin) => origin.gone(company).await.map_or(done, Err),
            None => done,
        }
    }
}

impl Target {
    /// Every replica of the service that an address names.
    fn of(company: &Company, url: &str) -> Self {
        let url = Url::parse(url).ok();
        let named = url.as_ref().and_then(|url| company.host(&url.host, 0));
        let all = company.members();
        let service = named.and_then(|at| all.get(at)).map(|m| &m.service);
        let members = (0..all.len()).filter(|at| all.get(*at).map(|m| &m.service) == service);
        Self {
            members: members.filter(|_| service.is_some()).collect(),
            port: url.map_or(0, |url| url.port),
        }
    }

    /// Whether the kernel has requests there that the program has not. What cannot be seen has none.
    async fn holds(&self, company: &Company) -> bool {
        for at in &self.members {
            if let Ok(mut live) = company.live(*at).await
                && ask::held(&mut live, self.port).await.is_some_and(|n| n > 0)
            {
                return true;
            }
        }
        false
    }
}

impl Origin {
    async fn of(company: &Company, from: &str) -> Result<Self, String> {
        let at = start(company, from)?;
        let mut live = company.live(at).await.map_err(|fault| fault.to_string())?;
        let facts = live.facts().await.map_err(|fault| fault.to_string())?;
        let first_end = live.first_end_of(&facts.id).await;
        Ok(Self {
            at,
            label: company
                .members()
                .get(at)
                .map(Member::label)
                .unwrap_or_default(),
            id: facts.id,
            started: facts.state.started_at,
            first_end: first_end.map_err(|fault| fault.to_string())?,
        })
    }

    async fn gone(&mut self, company: &Company) -> Option<String> {
        let became = match self.became(company).await {
            Ok(became) => became?,
            Err(fault) => return Some(fault.to_string()),
        };
        Some(format!(
            "`{}`, where they start, {became}, so nothing can be told of what became of them; let them start in a container that goes on",
            self.label
        ))
    }

    async fn became(&mut self, company: &Company) -> Result<Option<String>, Fault> {
        let facts = {
            let mut live = company.live(self.at).await?;
            let facts = live.facts().await?;
            if let Some(ending) = live.down_by(&facts)? {
                return Ok(Some(ending.to_string()));
            }
            facts
        };
        let is_same = facts.id == self.id && facts.state.started_at == self.started;
        Ok(match (is_same, facts.state.paused) {
            (true, false) => None,
            (true, true) => Some("is paused".to_owned()),
            (false, _) => {
                let ending = Ending {
                    code: code(self.first_end.end().await?.code),
                    ..Ending::default()
                };
                Some(format!("{ending} and was started again"))
            }
        })
    }
}

fn start(company: &Company, from: &str) -> Result<usize, String> {
    let at = company.host(from, 0);
    at.ok_or_else(|| format!("there is no container `{from}` for the requests to start in"))
}

pub(super) async fn way(
    company: &Company,
    from: &str,
    url: &str,
    millis: u64,
) -> Result<Way, String> {
    let host = Url::parse(url).map_or_else(|_| String::new(), |url| url.host);
    let mut way = Way {
        relays: None,
        // `app` may be a service that is called otherwise.
        host: Some(company.called(&host).to_owned()).filter(|called| *called != host),
        within: CONNECTED.min(Duration::from_millis(millis) * 3 / 4),
    };
    if from != "host" {
        let at = start(company, from)?;
        let mut live = company.live(at).await.map_err(|fault| fault.to_string())?;
        // By this the probe is there.
        let link = live.link(Some(ROOT)).await;
        link.map_err(|fault| fault.to_string())?;
        let relays = Relays::open(&live.session.engine, &live.name).await;
        way.relays = Some(relays.map_err(|fault| fault.to_string())?);
        return Ok(way);
    }
    let Some(at) = company.host(&host, 0) else {
        return Ok(way);
    };
    let (facts, session) = {
        let mut live = company.live(at).await.map_err(|fault| fault.to_string())?;
        let facts = live.facts().await.map_err(|fault| fault.to_string())?;
        (facts, live.session.clone())
    };
    let is_hosts = facts.settings.network_mode.as_deref() == Some("host");
    if is_hosts && session.shares_ports().await {
        way.host = Some("127.0.0.1".to_owned());
        return Ok(way);
    }
    let network = network(company, &facts, &host)?;
    let client = company
        .client(&network)
        .await
        .map_err(|fault| fault.to_string())?;
    let relays = Relays::open(&session.engine, &client).await;
    way.relays = Some(relays.map_err(|fault| fault.to_string())?);
    Ok(way)
}

/// A network on which the container has a name.
fn network(company: &Company, facts: &ContainerFacts, host: &str) -> Result<String, String> {
    let names = || {
        facts
            .networks
            .keys()
            .filter(|name| !matches!(name.as_str(), "bridge" | "host" | "none"))
    };
    let found = names()
        .find(|name| company.has(name))
        .or_else(|| names().next());
    found.cloned().ok_or_else(|| {
        format!(
            "`load` finds `{host}` by its name, and the network that it is on tells none: leave `network_mode` out, or name one of `networks`"
        )
    })
}
