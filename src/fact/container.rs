//! What an engine says of a container.

mod network;
mod settings;
mod state;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::image::Healthcheck;
use super::moment::Moment;
use super::reading::Place;
pub use network::{NetworkFacts, PublishedPort};
pub use settings::{MountFacts, ReservedCpus, RestartPolicy, Settings, Ulimit};
pub use state::{HealthFacts, HealthProbe, StateFacts};

/// A container as its engine describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerFacts {
    /// The container's id.
    pub id: String,
    /// Its name, without the engine's leading slash.
    pub name: String,
    /// The id of its image.
    pub image_id: String,
    /// The image as it was asked for.
    pub image: String,
    /// When it was made.
    pub created: Option<Moment>,
    /// How it is.
    pub state: StateFacts,
    /// How often a restart policy has started it again.
    pub restart_count: i64,
    /// The program that was started, and its arguments.
    pub command: Vec<String>,
    /// The user it was started as; none is root.
    pub user: Option<String>,
    /// The folder it was started in.
    pub workdir: Option<String>,
    /// Its host name.
    pub hostname: Option<String>,
    /// `NAME=value`, in the engine's order.
    pub env: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// `8080/tcp`, sorted.
    pub exposed_ports: Vec<String>,
    /// Whether it has a terminal; its output is then one stream.
    pub tty: bool,
    /// The signal that stops it.
    pub stop_signal: Option<String>,
    /// Seconds it gets to stop.
    pub stop_timeout: Option<i64>,
    /// Its health check, declared by the image or when it was made.
    pub healthcheck: Option<Healthcheck>,
    /// What it was allowed and refused when it was made.
    pub settings: Settings,
    /// What is mounted where, tmpfs aside.
    pub mounts: Vec<MountFacts>,
    /// Container port to the host's ports, as they are now: nothing while it does not run.
    pub published: BTreeMap<String, Vec<PublishedPort>>,
    /// Its networks by name.
    pub networks: BTreeMap<String, NetworkFacts>,
}

impl ContainerFacts {
    /// Reads what the engine answered to an inspection.
    pub fn read(inspected: &Value) -> Self {
        let container = Place::root(inspected);
        let config = container.at("Config");
        let network = container.at("NetworkSettings");
        let mut command = vec![container.at("Path").text_or_empty()];
        command.retain(|program| !program.is_empty());
        command.extend(container.at("Args").texts());
        let settings = Settings::read(container.at("HostConfig"));
        let restart_count = container.at("RestartCount").number().unwrap_or(0);
        let state = StateFacts::read(container.at("State"), &settings.restart, restart_count);
        let name = container.at("Name").text_or_empty();
        Self {
            id: container.at("Id").text_or_empty(),
            name: name.strip_prefix('/').unwrap_or(&name).to_owned(),
            image_id: container.at("Image").text_or_empty(),
            image: config.at("Image").text_or_empty(),
            created: container.at("Created").moment(),
            state,
            restart_count,
            command,
            user: config.at("User").text(),
            workdir: config.at("WorkingDir").text(),
            hostname: config.at("Hostname").text(),
            env: config.at("Env").texts(),
            labels: config.at("Labels").map(),
            exposed_ports: config.at("ExposedPorts").names(),
            tty: config.at("Tty").flag(),
            stop_signal: config.at("StopSignal").text(),
            stop_timeout: config.at("StopTimeout").number(),
            healthcheck: Healthcheck::read(config.at("Healthcheck")),
            settings,
            mounts: container
                .at("Mounts")
                .list()
                .map(MountFacts::read)
                .collect(),
            published: PublishedPort::read_all(network.at("Ports")),
            networks: NetworkFacts::read_all(network.at("Networks")),
        }
    }
}

#[cfg(test)]
mod tests;
