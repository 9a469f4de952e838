//! Ports that a container's configuration publishes on the host.

use std::net::IpAddr;

use serde_json::{Value as Json, json};

use crate::claim::Findings;
use crate::fact::container::{ContainerFacts, PublishedPort};
use crate::text::matcher::{Miss, listed};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::text::units::Port;

/// A port of a container and, where it is said, the host's port and address that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The address on the host; any without it.
    address: Option<IpAddr>,
    /// The port on the host; any without it.
    host: Option<u16>,
    /// The port of the container.
    port: Port,
}

impl Publication {
    /// `8080`, `53/udp`, `80:8080`, `127.0.0.1:80:8080/tcp`.
    fn parse(text: &str) -> Option<Self> {
        let Some((host, port)) = text.rsplit_once(':') else {
            let port = Port::parse(text)?;
            return Some(Self {
                address: None,
                host: None,
                port,
            });
        };
        let (address, host) = match host.rsplit_once(':') {
            None => (None, host),
            Some((address, host)) => {
                let bare = address.strip_prefix('[').and_then(|a| a.strip_suffix(']'));
                (Some(bare.unwrap_or(address).parse().ok()?), host)
            }
        };
        Some(Self {
            address,
            host: Some(host.parse().ok().filter(|port: &u16| *port > 0)?),
            port: Port::parse(port)?,
        })
    }

    fn is_met_by(&self, port: Port, binding: &PublishedPort) -> bool {
        let address = binding.host_ip.as_deref().unwrap_or("0.0.0.0");
        self.port == port
            && self.host.is_none_or(|host| binding.host_port == Some(host))
            && self
                .address
                .is_none_or(|wanted| address.parse() == Ok(wanted))
    }
}

impl std::fmt::Display for Publication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.address {
            Some(IpAddr::V6(v6)) => write!(f, "[{v6}]:")?,
            Some(IpAddr::V4(v4)) => write!(f, "{v4}:")?,
            None => {}
        }
        match self.host {
            Some(host) => write!(f, "{host}:{}", self.port),
            None => write!(f, "{}", self.port),
        }
    }
}

impl Read for Publication {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let read = node.text().and_then(Self::parse);
        let expected = "a port such as 8080 or 53/udp, or host and container as in 80:8080";
        read.or_else(|| reader.wrong(node, expected))
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": ["string", "integer"] })
    }
}

/// Compares what is declared to be published.
pub(super) fn compare(
    expected: &Spanned<Vec<Publication>>,
    only: bool,
    container: &ContainerFacts,
    findings: &mut Findings,
) {
    let declared: Vec<(Port, &PublishedPort)> = container
        .settings
        .port_bindings
        .iter()
        .filter_map(|(port, bindings)| Port::parse(port).map(|port| (port, bindings)))
        .flat_map(|(port, bindings)| bindings.iter().map(move |binding| (port, binding)))
        .collect();
    let actual = shown(&declared);
    let first = findings.misses.len();
    for wanted in &expected.value {
        let met = declared.iter().any(|(port, b)| wanted.is_met_by(*port, b));
        let miss = (!met).then(|| Miss::new(format!("{wanted} published"), &actual));
        findings.check(expected.span, "published", miss);
    }
    let others: Vec<(Port, &PublishedPort)> = declared
        .into_iter()
        .filter(|(port, b)| !expected.value.iter().any(|w| w.is_met_by(*port, b)))
        .collect();
    if only && !others.is_empty() {
        let wanted: Vec<String> = expected.value.iter().map(ToString::to_string).collect();
        let wanted = format!("{} published, and no other", listed(&wanted, "and"));
        let miss = Miss::new(wanted, format!("also {}", shown(&others)));
        findings.check(expected.span, "published", Some(miss));
    }
    if findings.misses.len() == first {
        findings.saw(format!("publishes {actual}"));
    }
}

/// Publications as Compose writes them.
fn shown(declared: &[(Port, &PublishedPort)]) -> String {
    let one = |(port, binding): &(Port, &PublishedPort)| {
        let address = match binding.host_ip.as_deref() {
            None => String::new(),
            Some(v6) if v6.contains(':') => format!("[{v6}]:"),
            Some(v4) => format!("{v4}:"),
        };
        let host = binding
            .host_port
            .map_or("any".to_owned(), |h| h.to_string());
        format!("{address}{host}:{port}")
    };
    listed(&declared.iter().map(one).collect::<Vec<_>>(), "and")
}
