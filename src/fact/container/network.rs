//! A container's networks and published ports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::reading::Place;

/// A container's end of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkFacts {
    /// The network's id; none before the container is started.
    pub id: Option<String>,
    /// The names it answers to there.
    pub aliases: Vec<String>,
    /// Its IPv4 address; none while it does not run.
    pub ip: Option<String>,
    /// The IPv4 gateway.
    pub gateway: Option<String>,
    /// Its IPv6 address.
    pub ipv6: Option<String>,
    /// The IPv6 gateway.
    pub ipv6_gateway: Option<String>,
    /// Its hardware address.
    pub mac: Option<String>,
}

/// A port of the host that leads to a port of the container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishedPort {
    /// The address it listens on; none is every one.
    pub host_ip: Option<String>,
    /// The port; none is "any free one", before the container is started.
    pub host_port: Option<u16>,
}

impl NetworkFacts {
    pub(super) fn read_all(networks: Place<'_>) -> BTreeMap<String, Self> {
        networks
            .fields()
            .map(|(name, network)| {
                let facts = Self {
                    id: network.at("NetworkID").text(),
                    aliases: network.at("Aliases").texts(),
                    ip: network.at("IPAddress").text(),
                    gateway: network.at("Gateway").text(),
                    ipv6: network.at("GlobalIPv6Address").text(),
                    ipv6_gateway: network.at("IPv6Gateway").text(),
                    mac: network.at("MacAddress").text(),
                };
                (name.to_owned(), facts)
            })
            .collect()
    }
}

impl PublishedPort {
    pub(super) fn read_all(ports: Place<'_>) -> BTreeMap<String, Vec<Self>> {
        ports
            .fields()
            .map(|(port, bindings)| {
                let bindings = bindings
                    .list()
                    .map(|binding| Self {
                        host_ip: binding.at("HostIp").text(),
                        host_port: binding
                            .at("HostPort")
                            .text()
                            .and_then(|port| port.parse().ok())
                            .filter(|port| *port != 0),
                    })
                    .collect::<Vec<_>>();
                (port.to_owned(), bindings)
            })
            // An exposed port that is not published has no bindings.
            .filter(|(_, bindings)| !bindings.is_empty())
            .collect()
    }
}
