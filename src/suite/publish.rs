//! Published ports in Compose's words.

use serde_json::{Value as Json, json};

use crate::record;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::{Node, Value};
use crate::text::units::{Port, Protocol};

/// A port of the container and where it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// The address on this machine; the harness takes 127.0.0.1 without one.
    pub address: Option<String>,
    /// The number on this machine; a free one without it.
    pub published: Option<u16>,
    /// The container's port.
    pub target: Port,
}

record! {
    /// A published port in the long form.
    pub struct LongPublish {
        /// The container's port.
        target: u16,
        /// The number on this machine.
        published: Option<u16>,
        /// The address on this machine.
        host_ip: Option<String>,
        /// `tcp` or `udp`.
        protocol: Option<String>,
    }
}

impl Read for Publish {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            let long = LongPublish::read(node, reader)?;
            let protocol = match long.protocol.as_deref() {
                None | Some("tcp") => Protocol::Tcp,
                Some("udp") => Protocol::Udp,
                Some(_) => return reader.wrong(node, "`tcp` or `udp` as protocol"),
            };
            let target = Port {
                number: long.target,
                protocol,
            };
            return Some(Self {
                address: long.host_ip,
                published: long.published,
                target,
            });
        }
        let read = node.text().and_then(short);
        read.or_else(|| {
            reader.wrong(
                node,
                "a port such as `8080:80`, `127.0.0.1:8080:80` or `53/udp`",
            )
        })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let long = LongPublish::schema(schemas);
        json!({ "anyOf": [{ "type": ["string", "integer"] }, long] })
    }
}

fn short(text: &str) -> Option<Publish> {
    let (front, target) = text
        .rsplit_once(':')
        .map_or((None, text), |(front, target)| (Some(front), target));
    let target = Port::parse(target)?;
    let (address, published) = match front {
        None => (None, None),
        Some(front) => match front.rsplit_once(':') {
            Some((address, number)) => (
                Some(address.trim_matches(['[', ']']).to_owned()),
                number_of(number).ok()?,
            ),
            None => (None, number_of(front).ok()?),
        },
    };
    Some(Publish {
        address,
        published,
        target,
    })
}

fn number_of(text: &str) -> Result<Option<u16>, std::num::ParseIntError> {
    if text.is_empty() {
        Ok(None)
    } else {
        text.parse().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_forms() {
        let port = |number| Port {
            number,
            protocol: Protocol::Tcp,
        };
        for (text, address, published, target) in [
            ("80", None, None, port(80)),
            ("8080:80", None, Some(8080), port(80)),
            ("127.0.0.1:8080:80", Some("127.0.0.1"), Some(8080), port(80)),
            ("[::1]::80", Some("::1"), None, port(80)),
            (
                "53:53/udp",
                None,
                Some(53),
                Port {
                    number: 53,
                    protocol: Protocol::Udp,
                },
            ),
        ] {
            let expected = Publish {
                address: address.map(str::to_owned),
                published,
                target,
            };
            assert_eq!(short(text), Some(expected), "{text}");
        }
        for wrong in ["", "x:80", "80:", "8000-8010:80"] {
            assert_eq!(short(wrong), None, "{wrong}");
        }
    }
}
