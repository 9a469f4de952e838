//! Published ports in Compose's words.

use serde_json::{Value as Json, json};

use crate::record;
use crate::text::host::address;
use crate::text::near::nearest;
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::Spanned;
use crate::text::tree::{Node, Value};
use crate::text::units::{Port, Protocol};

/// A port of the container and where it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// The address on this machine; the harness takes 127.0.0.1 without one, and an empty one is every address.
    pub address: Option<String>,
    /// The number on this machine; a free one without it.
    pub published: Option<u16>,
    /// The container's port.
    pub target: Port,
}

impl Publish {
    /// Whether it is one certain port of this machine.
    pub fn is_fixed(&self) -> bool {
        self.published.is_some_and(|number| number != 0)
    }

    /// Whether the engine can give only one of the two what it wants of this machine.
    pub fn meets(&self, other: &Self) -> bool {
        let own = self.address.as_deref().unwrap_or("127.0.0.1");
        let others = other.address.as_deref().unwrap_or("127.0.0.1");
        self.published == other.published
            && self.target.protocol == other.target.protocol
            && (covers(own, others) || covers(others, own))
    }
}

/// Whether who has the one address has the other too. One of every address is of its own family alone.
fn covers(one: &str, other: &str) -> bool {
    let is_of_six = other.contains(':');
    match one {
        "" => true,
        "0.0.0.0" => !is_of_six,
        "::" | "[::]" => is_of_six,
        one => one == other,
    }
}

record! {
    /// A published port in the long form.
    pub struct LongPublish {
        /// The container's port.
        target: Spanned<u16>,
        /// The number on this machine.
        published: Option<u16>,
        /// The address on this machine.
        host_ip: Option<Spanned<String>>,
        /// `tcp` or `udp`.
        protocol: Option<Spanned<String>>,
    }
}

impl Read for Publish {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            let long = LongPublish::read(node, reader)?;
            let protocol = match &long.protocol {
                None => Protocol::Tcp,
                Some(written) => match protocol(&written.value) {
                    Some(protocol) => protocol,
                    None => {
                        reader.unknown(written.span, "protocol", &written.value, PROTOCOLS);
                        return None;
                    }
                },
            };
            if long.target.value == 0 {
                reader.say(long.target.span, NO_PORT);
                return None;
            }
            if let Some(other) = long.host_ip.as_ref().filter(|a| !is_address(&a.value)) {
                reader.say(other.span, no_address(&other.value));
                return None;
            }
            let target = Port {
                number: long.target.value,
                protocol,
            };
            return Some(Self {
                address: long.host_ip.map(|address| address.value),
                published: long.published,
                target,
            });
        }
        let expected = "a port such as `8080:80`, `127.0.0.1:8080:80` or `53/udp`";
        let Some(text) = node.text() else {
            return reader.wrong(node, expected);
        };
        match short(text) {
            Ok(port) => Some(port),
            Err(None) => reader.wrong(node, expected),
            Err(Some(why)) => {
                let said = reader.say(node.span, why);
                said.help(format!("write {expected}"));
                None
            }
        }
    }
    fn schema(schemas: &mut Schemas) -> Json {
        let long = LongPublish::schema(schemas);
        json!({ "anyOf": [{ "type": ["string", "integer"] }, long] })
    }
}

const PROTOCOLS: [&str; 2] = ["tcp", "udp"];
const NO_PORT: &str = "0 is no port of a container";

fn protocol(text: &str) -> Option<Protocol> {
    match text {
        "tcp" => Some(Protocol::Tcp),
        "udp" => Some(Protocol::Udp),
        _ => None,
    }
}

/// Whether it is an address, or none as Compose writes every address.
fn is_address(text: &str) -> bool {
    text.is_empty() || address(text).is_some()
}

fn no_address(text: &str) -> String {
    format!("`{text}` is not an IP address of this machine")
}

/// `[[address:]number:]port[/protocol]`, or what is wrong with it where that can be said.
fn short(text: &str) -> Result<Publish, Option<String>> {
    let (front, target) = text
        .rsplit_once(':')
        .map_or((None, text), |(front, target)| (Some(front), target));
    let (front, number) = match front.map(|front| (front, front.rsplit_once(':'))) {
        None => (None, None),
        Some((_, Some((address, number)))) => (Some(address), Some(number)),
        Some((number, None)) => (None, Some(number)),
    };
    let (inside, kind) = target.split_once('/').unwrap_or((target, "tcp"));
    let target = Port {
        number: port(inside)?,
        protocol: protocol(kind).ok_or_else(|| {
            let near = nearest(kind, PROTOCOLS).unwrap_or("tcp` or `udp");
            Some(format!("unknown protocol `{kind}`: it is `{near}`"))
        })?,
    };
    if target.number == 0 {
        return Err(Some(NO_PORT.to_owned()));
    }
    if let Some(other) = front.filter(|front| !is_address(front)) {
        return Err(Some(no_address(other)));
    }
    let published = number.filter(|number| !number.is_empty());
    Ok(Publish {
        address: front.map(|front| front.trim_matches(['[', ']']).to_owned()),
        published: published.map(port).transpose()?,
        target,
    })
}

/// A number of 16 bits, or what is wrong with it where that can be said.
fn port(text: &str) -> Result<u16, Option<String>> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits(text) {
        let beyond = || format!("`{text}` is no port: the highest is 65535");
        return text.parse().map_err(|_| Some(beyond()));
    }
    match text.split_once('-') {
        Some((from, to)) if digits(from) && digits(to) => Err(Some(format!(
            "`{text}` is a range, and each port is published by itself"
        ))),
        _ => Err(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_meet_where_one_address_covers_the_other() {
        let meet = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|text| short(text).unwrap());
            assert_eq!(one.meets(&other), other.meets(&one), "{one:?} {other:?}");
            one.meets(&other)
        };
        for (one, other) in [
            ("80:1", "80:2"),
            ("80:1", "127.0.0.1:80:2"),
            ("80:1", "0.0.0.0:80:2"),
            ("[::1]:80:1", "[::]:80:2"),
            (":80:1", "[::1]:80:2"),
            (":80:1", "0.0.0.0:80:2"),
            (":80:1", "[::]:80:2"),
            ("10.0.0.1:80:1", "10.0.0.1:80:2"),
        ] {
            assert!(meet(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("0.0.0.0:80:1", "[::]:80:2"),
            ("0.0.0.0:80:1", "[::1]:80:2"),
            ("127.0.0.1:80:1", "[::]:80:2"),
            ("80:1", "[::1]:80:2"),
            ("10.0.0.1:80:1", "10.0.0.2:80:2"),
            ("80:1", "81:1"),
            ("80:1/tcp", "80:1/udp"),
        ] {
            assert!(!meet(one, other), "{one} {other}");
        }
    }

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
            (":8080:80", Some(""), Some(8080), port(80)),
            ("::80", Some(""), None, port(80)),
            (":80", None, None, port(80)),
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
            assert_eq!(short(text), Ok(expected), "{text}");
        }
        for wrong in ["", "x:80", "80:", "-1:80", "tcp/80"] {
            assert_eq!(short(wrong), Err(None), "{wrong}");
        }
        for (wrong, why) in [
            ("8000-8010:80", "`8000-8010` is a range"),
            ("8080:80:1", "`8080` is not an IP address"),
            ("localhost:8080:80", "`localhost` is not an IP address"),
            ("8080:0", "0 is no port"),
            ("65536", "`65536` is no port: the highest is 65535"),
            ("70000:80", "`70000` is no port"),
            ("80/tpc", "unknown protocol `tpc`: it is `tcp`"),
            ("80/sctp", "it is `tcp`"),
            ("80/x", "it is `tcp` or `udp`"),
        ] {
            let said = short(wrong).unwrap_err().unwrap();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }
}
