//! The messages of DNS (RFC 1035), as far as asking for addresses needs them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(super) const A: u16 = 1;
pub(super) const AAAA: u16 = 28;

const INTERNET: u16 = 1;
const HEADER: usize = 12;

/// Bits of the header's flags.
const RESPONSE: u16 = 0x8000;
const CUT: u16 = 0x0200;
const RECURSE: u16 = 0x0100;

/// A question, ready to be sent.
pub(super) struct Question {
    pub(super) bytes: Vec<u8>,
    kind: u16,
}

/// What a server says.
#[derive(Default)]
pub(super) struct Reply {
    /// 0 for no error, 3 for no such name.
    pub(super) code: u16,
    pub(super) addresses: Vec<IpAddr>,
    /// The whole answer did not fit.
    pub(super) cut: bool,
}

impl Question {
    /// Asks for the addresses of one kind; `None` for what cannot be a name.
    pub(super) fn new(name: &str, kind: u16, id: u16) -> Option<Self> {
        let mut bytes = Vec::new();
        for number in [id, RECURSE, 1, 0, 0, 0] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        if name.is_empty() || name.len() > 253 {
            return None;
        }
        for label in name.split('.') {
            let length = u8::try_from(label.len())
                .ok()
                .filter(|length| (1..=63).contains(length))?;
            bytes.push(length);
            bytes.extend_from_slice(label.as_bytes());
        }
        bytes.push(0);
        for number in [kind, INTERNET] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        Some(Self { bytes, kind })
    }

    /// Reads a reply to this very question; anything else is `None`.
    pub(super) fn reply(&self, bytes: &[u8]) -> Option<Reply> {
        let number = |at: usize| {
            let (pair, _) = bytes.get(at..)?.split_first_chunk::<2>()?;
            Some(u16::from_be_bytes(*pair))
        };
        let asked = self.bytes.get(HEADER..)?;
        let repeated = bytes.get(HEADER..self.bytes.len())?;
        let flags = number(2)?;
        let same = bytes.get(..2) == self.bytes.get(..2)
            && flags & RESPONSE != 0
            && number(4)? == 1
            && repeated.eq_ignore_ascii_case(asked);
        if !same {
            return None;
        }
        let mut addresses = Vec::new();
        let mut at = self.bytes.len();
        for _ in 0..number(6)? {
            // A record that is cut off ends the list; those before it are whole.
            let Some((kind, data, next)) = record(bytes, at) else {
                break;
            };
            if kind == self.kind {
                addresses.extend(address(data));
            }
            at = next;
        }
        Some(Reply {
            code: flags & 0xf,
            addresses,
            cut: flags & CUT != 0,
        })
    }
}

/// The kind and the data of the record at a place, and where the next one is.
fn record(bytes: &[u8], at: usize) -> Option<(u16, &[u8], usize)> {
    let fields = after_name(bytes, at)?;
    let head: &[u8; 10] = bytes.get(fields..)?.first_chunk()?;
    let [k0, k1, c0, c1, _, _, _, _, l0, l1] = *head;
    let start = fields + head.len();
    let end = start + usize::from(u16::from_be_bytes([l0, l1]));
    let data = bytes.get(start..end)?;
    let kind = u16::from_be_bytes([k0, k1]);
    let internet = u16::from_be_bytes([c0, c1]) == INTERNET;
    Some((if internet { kind } else { 0 }, data, end))
}

/// Where a name ends, which is after its last label or after a reference to another place.
fn after_name(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            0 => return Some(at + 1),
            length @ 1..=63 => at += 1 + usize::from(length),
            0xc0.. => return Some(at + 2),
            _ => return None,
        }
    }
}

fn address(data: &[u8]) -> Option<IpAddr> {
    if let Ok(octets) = <[u8; 4]>::try_from(data) {
        return Some(Ipv4Addr::from(octets).into());
    }
    <[u8; 16]>::try_from(data)
        .ok()
        .map(|octets| Ipv6Addr::from(octets).into())
}
