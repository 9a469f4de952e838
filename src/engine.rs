//! The only door to the container engine: where it is, how it is spoken to, what it answers.
//!
//! Nothing here prints, and nothing here judges: an operation gives a typed value or a [`Fault`]
//! that says what was being done, what went wrong and what to do about it.

#![expect(
    clippy::disallowed_methods,
    reason = "this is where the world is spoken to"
)]

pub mod answer;
pub mod archive;
pub mod api;
pub mod ask;
pub mod begun;
pub mod body;
pub mod build;
pub mod certificates;
pub mod clock;
pub mod compose;
pub mod config;
pub mod containers;
pub mod context;
pub mod count;
pub mod credentials;
pub mod demux;
pub mod dial;
pub mod fault;
pub mod find;
pub mod handshake;
pub mod http;
pub mod images;
pub mod info;
pub mod lines;
pub mod load;
pub mod networks;
pub mod owner;
pub mod path;
pub mod podman;
pub mod probe;
pub mod probe_binary;
pub mod reaper;
pub mod record;
pub mod relays;
mod scan;
pub mod sources;
pub mod streams;
pub mod tarball;
pub mod talk;
pub mod transport;
pub mod usage;
pub mod version;
pub mod volumes;
pub mod wire;
pub mod world;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::Api;
use config::DockerConfig;
use containers::Containers;
use count::Counter;
use find::{Candidate, Choice};
use images::Images;
use networks::Networks;
use transport::{Address, Dialer};
use volumes::Volumes;
use world::World;

pub use fault::{Fault, FaultKind, Result};

/// How long each of the usual places has to answer before the next one is tried.
const USUAL: Duration = Duration::from_secs(10);

/// Does what waits for the disk on a thread that may wait.
pub async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::result::Result<T, String> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| error.to_string())
}

/// An engine that answers. Clones are the same engine, its connections shared.
#[derive(Clone, Debug)]
pub struct Engine {
    api: Api,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: DockerConfig,
    reason: String,
    /// The podman that serves this engine, where we started it; it ends with the last clone.
    _podman: Option<podman::Service>,
}

impl Engine {
    /// Finds the engine as the Docker CLI does and agrees on an API version with it.
    /// `wish` is an address or the name of a Docker context.
    pub async fn find(wish: Option<&str>) -> Result<Self> {
        let (world, config) = World::read()?;
        let Choice { candidates, named } = find::candidates(wish, &config, &world)?;
        let mut tried = Vec::new();
        for Candidate { address, reason } in candidates {
            let within = if named { api::PING } else { USUAL };
            match open(address, within).await {
                Ok(api) => return Ok(Self::new(api, config, reason, None)),
                Err(fault) if named => {
                    let message = format!("{} ({reason})", fault.message);
                    return Err(Fault { message, ..fault });
                }
                Err(fault) => tried.push((reason, fault)),
            }
        }
        let reason = "nothing else answers, and podman is installed";
        match podman::Service::start().await {
            Ok(Some(service)) => match open(service.address(), USUAL).await {
                Ok(api) => {
                    return Ok(Self::new(api, config, reason.to_owned(), Some(service)));
                }
                Err(fault) => tried.push((reason.to_owned(), fault)),
            },
            Ok(None) => {}
            Err(fault) => tried.push((reason.to_owned(), fault)),
        }
        Err(nowhere(&tried))
    }

    /// Uses the engine at this address and no other.
    pub async fn at(address: Address) -> Result<Self> {
        let (_, config) = World::read()?;
        let api = open(address, api::PING).await?;
        Ok(Self::new(api, config, "it was asked for".to_owned(), None))
    }

    /// Stands in the place of an engine where none is asked.
    pub fn unasked() -> Result<Self> {
        let dialer = Dialer::new(Address::Unix(PathBuf::new()))?;
        let reason = "it is not asked".to_owned();
        Ok(Self::new(
            Api::unasked(dialer),
            DockerConfig::default(),
            reason,
            None,
        ))
    }

    fn new(
        api: Api,
        config: DockerConfig,
        reason: String,
        podman: Option<podman::Service>,
    ) -> Self {
        let shared = Arc::new(Shared {
            config,
            reason,
            _podman: podman,
        });
        Self { api, shared }
    }

    /// Its API.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The same engine, and what counts the calls that are made through it.
    #[must_use]
    pub fn counted(&self) -> (Self, Counter) {
        let counter = self.api.counter().part();
        let engine = Self {
            api: self.api.counted(counter.clone()),
            shared: Arc::clone(&self.shared),
        };
        (engine, counter)
    }

    /// Its containers.
    pub fn containers(&self) -> Containers {
        Containers::new(self.api().clone())
    }

    /// Its images.
    pub fn images(&self) -> Images {
        Images::new(self.clone())
    }

    /// Its volumes.
    pub fn volumes(&self) -> Volumes {
        Volumes::new(self.api().clone())
    }

    /// Its networks.
    pub fn networks(&self) -> Networks {
        Networks::new(self.api().clone())
    }

    /// The Docker configuration of this user: credentials and proxies.
    pub fn config(&self) -> &DockerConfig {
        &self.shared.config
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        self.api.address()
    }

    /// Why this engine and no other was taken.
    pub fn reason(&self) -> &str {
        &self.shared.reason
    }

    /// Whether it is podman.
    pub fn is_podman(&self) -> bool {
        self.api.ping().libpod.is_some()
    }

    /// The variables that builds and containers get so that they reach the network through the
    /// user's proxy. Build arguments and container environments have the same names.
    pub fn proxy_variables(&self) -> Vec<(String, String)> {
        self.config().proxy_variables(&self.address().to_string())
    }
}

async fn open(address: Address, within: Duration) -> Result<Api> {
    Api::open(Dialer::new(address)?, within).await
}

/// No engine answers: everything that was tried, and what to do.
fn nowhere(tried: &[(String, Fault)]) -> Fault {
    let mut message = "no container engine answers; tried".to_owned();
    for (reason, fault) in tried {
        // Writing to a String cannot fail.
        let _ = write!(
            message,
            "\n    {}: {} ({reason})",
            fault.doing, fault.message
        );
    }
    let denied = tried.iter().find_map(|(_, fault)| {
        fault
            .help
            .as_ref()
            .filter(|_| fault.message.contains("denied"))
    });
    let help = denied.cloned().unwrap_or_else(|| {
        "install and start Docker or podman, or say where the engine is with `--engine` or DOCKER_HOST"
            .to_owned()
    });
    Fault::new(FaultKind::Unreachable, "find the container engine", message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_answers_one_fault_tells_all_that_was_tried() {
        let fault = |what: &str| Fault::new(FaultKind::Unreachable, "connect to a", what);
        let one = (
            "it is the default socket".to_owned(),
            fault("Permission denied").help("join"),
        );
        let two = ("podman listens there".to_owned(), fault("No such file"));
        let text = nowhere(&[one, two]).to_string();
        assert_eq!(
            text,
            "cannot find the container engine: no container engine answers; tried\n    \
             connect to a: Permission denied (it is the default socket)\n    \
             connect to a: No such file (podman listens there)\n  help: join"
        );
        assert!(nowhere(&[]).to_string().contains("DOCKER_HOST"));
    }
}
