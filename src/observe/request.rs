//! Requests to the container: how its host is reached.

use std::time::Duration;

use super::ask;
use crate::engine::Engine;
use crate::engine::dial::dial;
use crate::engine::http::{Connect, Line, Peer, Unconnected, fetch};
use crate::engine::probe::{Relayed, relay};
use crate::engine::transport::Duplex;
use crate::fact::answer::{Answer, Fact};
use crate::fact::container::ContainerFacts;
use crate::fact::http::Request;
use crate::fact::socket::Listener;
use crate::session::Session;
use crate::session::live::{Live, is_here};
use crate::text::units::Protocol;

/// The most of a body that is kept.
const BODY: usize = 8 << 20;

/// What came of a request.
pub async fn of(live: &mut Live, request: &Request) -> Answer {
    let within = Duration::from_millis(request.timeout_millis);
    let mut way = match Way::of(live, &request.from, within).await {
        Ok(way) => way,
        Err(answer) => return answer,
    };
    let credentials = match way.live.credentials(&request.tls).await {
        Ok(credentials) => credentials,
        Err(fault) => return Answer::Unseen(fault.to_string()),
    };
    match fetch(request, &credentials, &mut way, BODY).await {
        Ok(outcome) => Answer::Seen(Fact::Http(outcome)),
        Err(untried) => {
            let fault = crate::engine::Fault::new(
                crate::engine::FaultKind::Broken,
                "make the request",
                untried.0,
            );
            ask::blocked(live, &fault).await
        }
    }
}

/// How hosts are reached from where a request starts.
pub(super) struct Way<'a> {
    pub(super) live: &'a mut Live,
    /// Whether it starts in the container.
    pub(super) inside: bool,
    facts: ContainerFacts,
    name: String,
    session: Session,
    within: Duration,
    ready: Option<Ready>,
}

/// A way that only has to be gone.
enum Ready {
    /// Dial this address and port; whether a proxy takes the connection there first.
    Dial(String, u16, bool),
    /// It is open already.
    Open(Box<dyn Duplex>),
}

/// What is known of the way to a port of the container under test.
enum Door {
    /// This address of this machine leads there.
    Published(String, u16),
    /// This machine can reach it at this address by itself.
    Direct(String),
    /// Only from inside, at this address.
    Inside(String),
    /// There is none.
    Closed,
}

impl Connect for Way<'_> {
    type Stream = Box<dyn Duplex>;

    /// Everything that the engine and the probe do: which way leads there, whether anything listens,
    /// and a relay from inside.
    async fn prepare(&mut self, peer: &Peer) -> Result<(), Unconnected> {
        self.ready = None;
        if self.inside {
            // `app` is the container's own address there too, not its loopback.
            let own = self.address().unwrap_or_else(|| "127.0.0.1".to_owned());
            let host = if peer.host == "app" {
                own
            } else {
                peer.host.clone()
            };
            self.ready = Some(Ready::Open(self.relayed(&host, peer.port).await?));
            return Ok(());
        }
        let ready = match self.door(peer) {
            Door::Direct(address) => Ready::Dial(address, peer.port, false),
            Door::Published(address, number) => {
                let listens = self.listens(peer.port).await?;
                Ready::Dial(address, number, !listens)
            }
            Door::Inside(address) => Ready::Open(self.relayed(&address, peer.port).await?),
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
            Some(Ready::Dial(address, port, relayed)) => {
                let stream = dial(&address, port, self.within).await?;
                Ok(Line {
                    stream: Box::new(stream),
                    relayed,
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
    /// The way from `host`, or from inside; where the container has ended there is none.
    pub(super) async fn of(
        live: &'a mut Live,
        from: &str,
        within: Duration,
    ) -> Result<Self, Answer> {
        let facts = match live.facts().await {
            Ok(facts) => facts,
            Err(fault) => return Err(Answer::Unseen(fault.to_string())),
        };
        if (!facts.state.running || facts.state.restarting)
            && let Ok(Some(ending)) = live.down().await
        {
            return Err(Answer::Ended(ending));
        }
        Ok(Self {
            inside: from != "host",
            facts,
            name: live.name.clone(),
            session: live.session.clone(),
            within,
            live,
            ready: None,
        })
    }

    /// Whether the container's network is this machine's own.
    pub(super) fn is_of_this_machine(&self) -> bool {
        is_here(self.engine().address())
            && self.facts.settings.network_mode.as_deref() == Some("host")
    }

    fn engine(&self) -> &Engine {
        &self.session.engine
    }

    fn door(&self, peer: &Peer) -> Door {
        let port = peer.port;
        if peer.host != "app" {
            return Door::Direct(peer.host.clone());
        }
        let here = is_here(self.engine().address());
        if self.is_of_this_machine() {
            return Door::Direct("127.0.0.1".to_owned());
        }
        let published = self.facts.published.get(&format!("{port}/tcp"));
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
            return Door::Published(address, number);
        }
        self.address().map_or(Door::Closed, Door::Inside)
    }

    /// The container's address on a network.
    pub(super) fn address(&self) -> Option<String> {
        let mut addresses = self.facts.networks.values().filter_map(|n| n.ip.clone());
        addresses.find(|ip| !ip.is_empty())
    }

    /// Whether anything listens behind a published port: the engine's proxy takes every connection,
    /// also when nothing does. `false` where that could not be seen.
    async fn listens(&mut self, port: u16) -> Result<bool, Unconnected> {
        let reached = |listener: &Listener| {
            let is_it = listener.port.number == port && listener.port.protocol == Protocol::Tcp;
            is_it && !listener.is_loopback()
        };
        match ask::listeners(self.live).await {
            Some(listeners) if !listeners.iter().any(reached) => {
                let why = format!("nothing in the container listens on {port}/tcp for others");
                Err(Unconnected::Refused(why))
            }
            listeners => Ok(listeners.is_some()),
        }
    }

    async fn relayed(&mut self, host: &str, port: u16) -> Result<Box<dyn Duplex>, Unconnected> {
        use crate::engine::probe::wire::Failure;
        let mut relayed = relay(self.engine(), &self.name, host, port, self.within).await;
        if relayed.as_ref().is_err_and(Session::lacks_probe) {
            let installed = self.session.install_probe().await;
            installed.map_err(|fault| Unconnected::Untried(fault.to_string()))?;
            relayed = relay(self.engine(), &self.name, host, port, self.within).await;
        }
        match relayed {
            Ok(Relayed::Connected(stream)) => Ok(stream),
            Ok(Relayed::Failed(failure, text)) => Err(match failure {
                Failure::Refused => Unconnected::Refused(text),
                Failure::TimedOut => Unconnected::Timeout(text),
                Failure::Dns => Unconnected::Dns(text),
                Failure::Unreachable | Failure::Other => Unconnected::Other(text),
            }),
            Err(fault) => Err(Unconnected::Untried(fault.to_string())),
        }
    }
}
