//! The engine's HTTP API at the version both sides know.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{HeaderMap, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::ask::Ask;
use super::count::Counter;
use super::lines::Lines;
use super::transport::{Address, Dialer, Duplex};
use super::version::{ApiVersion, NEWEST, OLDEST};
use super::wire::{Exchange, Wire};
use super::{Fault, FaultKind, Result, answer};

/// How long an engine may take to answer the first ping.
pub const PING: Duration = Duration::from_secs(35);

/// What an engine says of itself in its answer to a ping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ping {
    /// The newest API version it speaks.
    pub api: ApiVersion,
    /// Its operating system, `linux` or `windows`.
    pub os: Option<String>,
    /// The builder it prefers: `2` is `BuildKit`.
    pub builder: Option<String>,
    /// The version of podman's own API, if it is podman.
    pub libpod: Option<String>,
}

/// The API of one engine. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Api {
    wire: Arc<Wire>,
    ping: Ping,
    version: ApiVersion,
    prefix: Arc<str>,
    counter: Counter,
}

impl Api {
    /// Pings the engine at the dialer's address and agrees on a version.
    pub async fn open(dialer: Dialer, within: Duration) -> Result<Self> {
        let doing = format!("use the engine at {}", dialer.address());
        let wire = Wire::new(dialer);
        let ask = Ask::get(&doing, "/_ping").within(within);
        let exchange = wire.exchange("", ask).await?;
        let mut exchange = answer::agreed(&wire, &doing, exchange).await?;
        let ping = Ping::read(exchange.response.headers()).ok_or_else(|| {
            Fault::new(
                FaultKind::Broken,
                &doing,
                "what answers there is not a container engine: it names no API version",
            )
            .help("check the address (`--engine` or DOCKER_HOST, `docker context ls`)")
        })?;
        answer::whole(&doing, exchange.response.body_mut(), 4096).await?;
        wire.keep(exchange.connection);
        let version = ApiVersion::agreed(ping.api).ok_or_else(|| {
            Fault::new(
                FaultKind::Unsupported,
                &doing,
                format!(
                    "it speaks API {}, and the oldest that works is {OLDEST}",
                    ping.api
                ),
            )
            .help("use Docker 19.03 or newer, or podman 4 or newer")
        })?;
        Ok(Self {
            wire,
            ping,
            version,
            prefix: format!("/v{version}").into(),
            counter: Counter::default(),
        })
    }

    /// That of an engine that is never asked for anything.
    pub fn unasked(dialer: Dialer) -> Self {
        Self {
            wire: Wire::new(dialer),
            ping: Ping {
                api: OLDEST,
                os: None,
                builder: None,
                libpod: None,
            },
            version: OLDEST,
            prefix: format!("/v{OLDEST}").into(),
            counter: Counter::default(),
        }
    }

    /// The version that is spoken: the older of the engine's and [`NEWEST`].
    pub fn version(&self) -> ApiVersion {
        debug_assert!(self.version <= NEWEST);
        self.version
    }

    /// Whether the version spoken is at least this one.
    pub fn at_least(&self, major: u16, minor: u16) -> bool {
        self.version >= ApiVersion::new(major, minor)
    }

    /// What counts the calls that are made through it.
    pub fn counter(&self) -> &Counter {
        &self.counter
    }

    /// The same API, its calls counted here.
    #[must_use]
    pub fn counted(&self, counter: Counter) -> Self {
        Self {
            counter,
            ..self.clone()
        }
    }

    /// What the engine said of itself.
    pub fn ping(&self) -> &Ping {
        &self.ping
    }

    /// Where the engine is.
    pub fn address(&self) -> &Address {
        self.wire.dialer().address()
    }

    /// The answer as JSON.
    pub async fn json<T: DeserializeOwned>(&self, ask: Ask) -> Result<T> {
        let doing = ask.doing.clone();
        let bytes = self.bytes(ask, answer::WHOLE_LIMIT).await?;
        answer::parse(&doing, &bytes)
    }

    /// For requests whose answer says nothing beyond its status, which is given.
    pub async fn done(&self, ask: Ask) -> Result<StatusCode> {
        self.unary(ask, answer::WHOLE_LIMIT)
            .await
            .map(|(response, _)| response)
    }

    /// The answer's bytes, at most `limit` of them; more is a fault.
    pub async fn bytes(&self, ask: Ask, limit: usize) -> Result<Bytes> {
        self.unary(ask, limit).await.map(|(_, bytes)| bytes)
    }

    /// The answer while it comes. A status other than 2xx is a fault already.
    pub async fn send(&self, ask: Ask) -> Result<Response<Incoming>> {
        self.exchange(ask).await.map(|exchange| exchange.response)
    }

    /// The answer as JSON values, one a line, with pauses of at most `pause` between them.
    pub async fn lines<T: DeserializeOwned>(&self, ask: Ask, pause: Duration) -> Result<Lines<T>> {
        let doing = ask.doing.clone();
        let response = self.send(ask).await?;
        Ok(Lines::new(doing, response, pause))
    }

    /// Turns the connection into a byte stream both ways (exec, attach: `tcp`; sessions: `h2c`).
    /// The headers that this needs are added here.
    pub async fn upgrade(&self, ask: Ask, protocol: &str) -> Result<Box<dyn Duplex>> {
        let (doing, within) = (ask.doing.clone(), ask.within);
        let ask = ask
            .header("Connection", "Upgrade")
            .header("Upgrade", protocol);
        let response = self.send(ask).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(Fault::new(
                FaultKind::Unsupported,
                doing,
                format!(
                    "the engine did not open a stream (HTTP status {})",
                    response.status().as_u16()
                ),
            )
            .help("check whether a proxy stands between here and the engine"));
        }
        let stopped = |message: String| Fault::new(FaultKind::Unreachable, &doing, message);
        let upgraded = timeout(within, hyper::upgrade::on(response))
            .await
            .map_err(|_| stopped(format!("the stream did not open within {within:?}")))?
            .map_err(|error| stopped(error.to_string()))?;
        Ok(Box::new(TokioIo::new(upgraded)))
    }

    async fn unary(&self, ask: Ask, limit: usize) -> Result<(StatusCode, Bytes)> {
        let doing = ask.doing.clone();
        let Exchange {
            mut response,
            connection,
        } = self.exchange(ask).await?;
        let bytes = answer::whole(&doing, response.body_mut(), limit).await?;
        self.wire.keep(connection);
        Ok((response.status(), bytes))
    }

    async fn exchange(&self, ask: Ask) -> Result<Exchange> {
        let doing = ask.doing.clone();
        self.counter.asked(&ask);
        let exchange = self.wire.exchange(&self.prefix, ask).await?;
        answer::agreed(&self.wire, &doing, exchange).await
    }
}

impl Ping {
    fn read(headers: &HeaderMap) -> Option<Self> {
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        Some(Self {
            api: ApiVersion::parse(&header("Api-Version")?)?,
            os: header("Ostype"),
            builder: header("Builder-Version"),
            libpod: header("Libpod-Api-Version"),
        })
    }
}
