//! Requests to containers: how their hosts are reached.

use std::time::Duration;

use super::ask;
use crate::engine::dial::{dial, is_next_to};
use crate::engine::http::{Connect, Line, Peer, Unconnected, fetch};
use crate::engine::probe::{Relayed, relay};
use crate::engine::transport::Duplex;
use crate::engine::{Engine, Fault, FaultKind};
use crate::fact::answer::{Answer, Fact};
use crate::fact::container::ContainerFacts;
use crate::fact::http::{Outcome, Request};
use crate::fact::socket::Listener;
use crate::session::Session;
use crate::session::company::{Company, Member};
use crate::text::units::Protocol;
use crate::text::url::Url;

/// The most of a body that is kept.
pub(super) const BODY: usize = 8 << 20;

/// What came of a request, which is a claim about the member of that number.
pub async fn of(company: &Company, at: usize, request: &Request) -> Answer {
    let within = Duration::from_millis(request.timeout_millis);
    let host = Url::parse(&request.url).map_or_else(|_| String::new(), |url| url.host);
    let mut way = match Way::of(company, at, (&request.from, Some(&host)), within).await {
        Ok(way) => way,
        Err(answer) => return answer,
    };
    let credentials = match company.live(at).await {
        Ok(mut live) => live.credentials(&request.tls).await,
        Err(fault) => Err(fault),
    };
    let credentials = match credentials {
        Ok(credentials) => credentials,
        Err(fault) => return Answer::Unseen(fault.to_string()),
    };
    match Box::pin(fetch(request, &credentials, &mut way, BODY)).await {
        Ok(outcome @ Outcome::Failed { .. }) => {
            ask::unless_ended(company, at, Fact::Http(outcome)).await
        }
        Ok(outcome) => Answer::Seen(Fact::Http(outcome)),
        Err(untried) => {
            let fault = Fault::new(FaultKind::Broken, "make the request", untried.0);
            way.blocked(&fault).await
        }
    }
}

/// How hosts are reached from where a connection starts.
pub(super) struct Way<'a> {
    pub(super) company: &'a Company,
    /// The member that the claim is about.
    at: usize,
    /// Whether it leads to that member whatever the host is called.
    own: bool,
    /// The member in which it starts; outside of all without it.
    pub(super) inside: Option<usize>,
    /// What the engine knew of the member that it leads to, or starts in.
    facts: Option<(usize, ContainerFacts)>,
    session: Session,
    within: Duration,
    ready: Option<Ready>,
}

/// A way that only has to be gone.
enum Ready {
    /// Dial this address and port.
    Dial(String, u16, By),
    /// It is open already.
    Open(Box<dyn Duplex>),
}

/// Who takes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// Whoever has that address.
    Itself,
    /// A container.
    Container,
    /// The engine's proxy, which takes all.
    Proxy,
}

/// What is known of the way to a port of a container.
enum Door {
    /// It is on this machine's own network.
    Host,
    /// This machine is next to it, and it has this address.
    Direct(String),
    /// This address of this machine leads there.
    Published(String, u16),
    /// Only from the container itself, at this address.
    Inside(String),
    /// From a client on this network of the engine, at this address.
    Client(String, String),
    /// There is none.
    Closed,
}

impl Connect for Way<'_> {
    type Stream = Box<dyn Duplex>;

    /// Everything that the engine and the probe do: which way leads there, whether anything listens,
    /// and a relay from inside.
    async fn prepare(&mut self, peer: &Peer) -> Result<(), Unconnected> {
        self.ready = None;
        if let Some(from) = self.inside {
            // Its own name stands for the container's own address there too, not for its loopback.
            let own = self.company.host(&peer.host, from) == Some(from);
            let host = match own {
                true => self
                    .address(from)
                    .await
                    .unwrap_or_else(|| "127.0.0.1".to_owned()),
                false => self.company.called(&peer.host).to_owned(),
            };
            let name = self.name(from).await?;
            self.ready = Some(Ready::Open(self.relayed(&name, &host, peer.port).await?));
            return Ok(());
        }
        let Some(to) = self.end(&peer.host) else {
            self.ready = Some(Ready::Dial(peer.host.clone(), peer.port, By::Itself));
            return Ok(());
        };
        let ready = match self.door(to, peer.port).await? {
            Door::Host => Ready::Dial("127.0.0.1".to_owned(), peer.port, By::Itself),
            Door::Direct(address) => Ready::Dial(address, peer.port, By::Container),
            Door::Published(address, number) => {
                let by = match self.listens(to, peer.port).await? {
                    true => By::Itself,
                    false => By::Proxy,
                };
                Ready::Dial(address, number, by)
            }
            Door::Inside(address) => {
                let name = self.name(to).await?;
                Ready::Open(self.relayed(&name, &address, peer.port).await?)
            }
            Door::Client(network, address) => {
                let client = self.company.client(&network).await;
                let client = client.map_err(|fault| Unconnected::Untried(fault.to_string()))?;
                Ready::Open(self.relayed(&client, &address, peer.port).await?)
            }
            Door::Closed => {
                let why = "the container has no network that anyone else is on";
                return Err(Unconnected::Other(why.to_owned()));
            }
        };
        self.ready = Some(ready);
        Ok(())
    }

    async fn connect(&mut self, peer: Peer) -> Result<Line<Self::Stream>, Unconnected> {
        if self.ready.is_none() {
            self.prepare(&peer).await?;
        }
        match self.ready.take() {
            Some(Ready::Dial(address, port, by)) => {
                let stream = dial(&address, port, self.within).await;
                let stream = stream.map_err(|failed| match (failed, by) {
                    (Unconnected::Refused(_), By::Container) => refused(port),
                    (failed, _) => failed,
                })?;
                Ok(Line {
                    stream: Box::new(stream),
                    relayed: by == By::Proxy,
                })
            }
            Some(Ready::Open(stream)) => Ok(Line {
                stream,
                relayed: false,
            }),
            None => Err(Unconnected::Untried("no way was prepared".to_owned())),
        }
    }
}

impl<'a> Way<'a> {
    /// The way from where a connection starts (`host`, or a service) to a host, or to that member itself
    /// without one. Where what it leads to has
    /// ended there is none.
    pub(super) async fn of(
        company: &'a Company,
        at: usize,
        (from, host): (&str, Option<&str>),
        within: Duration,
    ) -> Result<Self, Answer> {
        let unseen = |fault: Fault| Answer::Unseen(fault.to_string());
        let session = company.live(at).await.map_err(unseen)?.session.clone();
        let mut way = Self {
            company,
            at,
            own: host.is_none(),
            inside: None,
            facts: None,
            session,
            within,
            ready: None,
        };
        if from != "host" {
            let Some(start) = company.host(from, at) else {
                let why = format!("there is no container `{from}` for the connection to start in");
                return Err(Answer::Unseen(why));
            };
            way.inside = Some(start);
        }
        let Some(end) = way.inside.or_else(|| way.end(host.unwrap_or_default())) else {
            return Ok(way);
        };
        let mut live = company.live(end).await.map_err(unseen)?;
        let facts = live.facts().await.map_err(unseen)?;
        if (!facts.state.running || facts.state.restarting)
            && let Ok(Some(ending)) = live.down().await
        {
            let label = company.members().get(end).map(Member::label);
            return Err(match label.filter(|_| end != at) {
                None => Answer::Ended(ending),
                Some(label) if way.inside.is_some() => Answer::Unseen(format!(
                    "the connection starts in `{label}`, and that {ending}"
                )),
                Some(label) => Answer::Unseen(format!(
                    "the connection goes to `{label}`, and that {ending}; `service: {label}` beside the claim makes it one about `{label}`"
                )),
            });
        }
        drop(live);
        way.facts = Some((end, facts));
        Ok(way)
    }

    /// The member that a host stands for.
    fn end(&self, host: &str) -> Option<usize> {
        match self.own {
            true => Some(self.at),
            false => self.company.host(host, self.at),
        }
    }

    /// Why nothing came of it: what the claim is about has ended, or the fault.
    pub(super) async fn blocked(&mut self, fault: &Fault) -> Answer {
        match self.company.live(self.at).await {
            Ok(mut live) => ask::blocked(&mut live, fault).await,
            Err(worse) => Answer::Unseen(worse.to_string()),
        }
    }

    /// Whether the member's network is this machine's own.
    pub(super) async fn is_of_this_machine(&mut self, member: usize) -> bool {
        let here = self.session.shares_ports().await;
        let facts = self.facts(member).await;
        here && facts.is_ok_and(|f| f.settings.network_mode.as_deref() == Some("host"))
    }

    fn engine(&self) -> &Engine {
        &self.session.engine
    }

    /// What the engine knew of a member when it was first needed.
    async fn facts(&mut self, member: usize) -> Result<&ContainerFacts, Unconnected> {
        let untried = |fault: Fault| Unconnected::Untried(fault.to_string());
        let known = self.facts.take().filter(|(of, _)| *of == member);
        let facts = match known {
            Some((_, facts)) => facts,
            None => {
                let mut live = self.company.live(member).await.map_err(untried)?;
                live.facts().await.map_err(untried)?
            }
        };
        Ok(&self.facts.insert((member, facts)).1)
    }

    async fn door(&mut self, to: usize, port: u16) -> Result<Door, Unconnected> {
        let here = self.session.shares_ports().await;
        if self.is_of_this_machine(to).await {
            return Ok(Door::Host);
        }
        let session = self.session.clone();
        let facts = self.facts(to).await?;
        let mut networks = facts.networks.values();
        let is_near = session.is_near().await;
        let direct = networks.find_map(|network| {
            let (address, gateway) = (network.ip.as_ref()?, network.gateway.as_ref()?);
            is_next_to(address, gateway).then(|| address.clone())
        });
        if let Some(address) = direct.filter(|_| is_near) {
            return Ok(Door::Direct(address));
        }
        let published = facts.published.get(&format!("{port}/tcp"));
        let bound = published
            .into_iter()
            .flatten()
            .find_map(|p| Some((p.host_ip.clone(), p.host_port?)));
        if let (true, Some((address, number))) = (here, bound) {
            let any =
                |address: &String| address.is_empty() || address == "0.0.0.0" || address == "::";
            let address = address
                .filter(|a| !any(a))
                .unwrap_or_else(|| "127.0.0.1".to_owned());
            return Ok(Door::Published(address, number));
        }
        let networks: Vec<(String, String)> = self
            .facts(to)
            .await?
            .networks
            .iter()
            .filter_map(|(name, network)| Some((name.clone(), network.ip.clone()?)))
            .filter(|(_, address)| !address.is_empty())
            .collect();
        let ours = networks.iter().find(|(name, _)| self.company.has(name));
        Ok(match (ours, networks.first()) {
            (Some((network, address)), _) => Door::Client(network.clone(), address.clone()),
            (None, Some((_, address))) => Door::Inside(address.clone()),
            (None, None) => Door::Closed,
        })
    }

    async fn name(&mut self, member: usize) -> Result<String, Unconnected> {
        let live = self.company.live(member).await;
        live.map(|live| live.name.clone())
            .map_err(|fault| Unconnected::Untried(fault.to_string()))
    }

    /// A member's address on a network.
    pub(super) async fn address(&mut self, member: usize) -> Option<String> {
        self.addresses(member).await.into_iter().next()
    }

    /// A member's addresses on all of its networks.
    pub(super) async fn addresses(&mut self, member: usize) -> Vec<String> {
        let Ok(facts) = self.facts(member).await else {
            return Vec::new();
        };
        let addresses = facts.networks.values().filter_map(|n| n.ip.clone());
        addresses.filter(|ip| !ip.is_empty()).collect()
    }

    /// Whether anything listens behind a published port: the engine's proxy takes every connection,
    /// also when nothing does. `false` where that could not be seen.
    async fn listens(&mut self, member: usize, port: u16) -> Result<bool, Unconnected> {
        let reached = |listener: &Listener| {
            let is_it = listener.port.number == port && listener.port.protocol == Protocol::Tcp;
            is_it && !listener.is_loopback()
        };
        let Ok(mut live) = self.company.live(member).await else {
            return Ok(false);
        };
        match ask::listeners(&mut live).await {
            Some(listeners) if !listeners.iter().any(reached) => Err(refused(port)),
            listeners => Ok(listeners.is_some()),
        }
    }

    /// A connection that starts in the container of this name.
    async fn relayed(
        &mut self,
        name: &str,
        host: &str,
        port: u16,
    ) -> Result<Box<dyn Duplex>, Unconnected> {
        use crate::engine::probe::wire::Failure;
        let mut relayed = relay(self.engine(), name, host, port, self.within).await;
        if relayed.as_ref().is_err_and(Session::lacks_probe) {
            let installed = self.session.install_probe().await;
            installed.map_err(|fault| Unconnected::Untried(fault.to_string()))?;
            relayed = relay(self.engine(), name, host, port, self.within).await;
        }
        match relayed {
            Ok(Relayed::Connected(stream)) => Ok(stream),
            Ok(Relayed::Failed(failure, text)) => Err(match failure {
                Failure::Refused => Unconnected::Refused(text),
                Failure::TimedOut => Unconnected::Timeout(text),
                Failure::Dns => Unconnected::Dns(text),
                Failure::Unreachable | Failure::Reset | Failure::Other => Unconnected::Other(text),
            }),
            Err(fault) => Err(Unconnected::Untried(fault.to_string())),
        }
    }
}

fn refused(port: u16) -> Unconnected {
    Unconnected::Refused(format!(
        "nothing in the container listens on {port}/tcp for others"
    ))
}
