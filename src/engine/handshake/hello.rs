//! The first message of a client that speaks one version only, and what a server answers to it.
//! Written by hand: no library that is still kept speaks versions before TLS 1.2. Pure.

use crate::fact::handshake::{Reply, Version};

/// Ciphers of TLS 1.3.
const CIPHERS_13: [u16; 4] = [0x1301, 0x1302, 0x1303, 0x1304];
/// Ciphers of all that came before, strong and weak, so that a refusal is not for want of one. The last
/// is no cipher and says that renegotiation is safe.
const CIPHERS: [u16; 44] = [
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xccaa, 0xc009, 0xc013, 0xc00a, 0xc014, 0xc023,
    0xc027, 0xc024, 0xc028, 0xc0ac, 0xc0ad, 0xc0ae, 0xc0af, 0x009c, 0x009d, 0x009e, 0x009f, 0x00a2,
    0x00a3, 0x003c, 0x003d, 0x0067, 0x006b, 0x002f, 0x0035, 0x0032, 0x0033, 0x0038, 0x0039, 0x000a,
    0x0013, 0x0016, 0xc008, 0xc012, 0x0005, 0x0004, 0xc011, 0x00ff,
];
/// Curves and groups.
const GROUPS: [u16; 7] = [0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0100, 0x0101];
/// Kinds of signatures.
const SIGNATURES: [u16; 16] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401,
    0x0501, 0x0601, 0x0203, 0x0201,
];
/// The most of an answer that is looked at.
pub(super) const MOST: usize = 64 << 10;

/// The client's hello as it goes out. `random` are any 64 bytes.
pub(super) fn client(version: Version, name: &str, random: [u8; 64]) -> Vec<u8> {
    let (nonce, session) = random.split_at(32);
    // TLS 1.3 says its number in an extension, and 1.2 in this place.
    let written = version.min(Version::Tls12).number();
    let mut body = written.to_be_bytes().to_vec();
    body.extend(nonce);
    let last = version == Version::Tls13;
    body.extend(part(1, if last { session } else { &[] }));
    let ciphers: &[u16] = if last { &CIPHERS_13 } else { &CIPHERS };
    body.extend(part(2, &numbers(ciphers)));
    body.extend(part(1, &[0]));
    if version > Version::Ssl3 {
        body.extend(part(2, &extensions(version, name)));
    }
    let mut message = vec![1];
    message.extend(part(3, &body));
    let mut record = vec![22];
    record.extend(version.min(Version::Tls10).number().to_be_bytes());
    record.extend(part(2, &message));
    record
}

fn extensions(version: Version, name: &str) -> Vec<u8> {
    let mut all = Vec::new();
    let mut add = |kind: u16, body: Vec<u8>| {
        all.extend(kind.to_be_bytes());
        all.extend(part(2, &body));
    };
    // An address is no name that a server could be asked for.
    if name.parse::<std::net::IpAddr>().is_err() {
        let mut host = vec![0];
        host.extend(part(2, name.as_bytes()));
        add(0, part(2, &host));
    }
    add(10, part(2, &numbers(&GROUPS)));
    if version < Version::Tls13 {
        add(11, part(1, &[0]));
        add(23, Vec::new());
    }
    if version >= Version::Tls12 {
        add(13, part(2, &numbers(&SIGNATURES)));
    }
    if version == Version::Tls13 {
        add(43, part(1, &version.number().to_be_bytes()));
        add(45, part(1, &[1]));
        // Without a key of ours: the server asks for one, and has then chosen the version.
        add(51, part(2, &[]));
    }
    all
}

/// Bytes behind their length, which takes so many bytes itself.
fn part(width: usize, bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_be_bytes();
    let mut all = length.get(8 - width..).unwrap_or_default().to_vec();
    all.extend(bytes);
    all
}

fn numbers(all: &[u16]) -> Vec<u8> {
    all.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// What a server's bytes say so far; `None` where more have to come.
pub(super) fn reply(asked: Version, bytes: &[u8]) -> Option<Reply> {
    let mut message = Vec::new();
    let mut rest = bytes;
    while let [kind, major, _, high, low, behind @ ..] = rest {
        if !matches!(kind, 20..=23) || *major != 3 {
            return Some(stranger());
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let body = behind.get(..length)?;
        match kind {
            21 => return Some(alert(body)),
            22 => message.extend(body),
            _ => return Some(stranger()),
        }
        if let Some(said) = hello(asked, &message) {
            return Some(said);
        }
        rest = behind.get(length..)?;
    }
    match bytes.first() {
        Some(first) if !matches!(first, 20..=23) => Some(stranger()),
        _ => None,
    }
}

fn stranger() -> Reply {
    Reply::Unknown("what answered does not speak TLS".to_owned())
}

/// What a server's first message says, once it is whole.
fn hello(asked: Version, message: &[u8]) -> Option<Reply> {
    let mut all = Cursor(message);
    let kind = all.number(1)?;
    if kind != 2 {
        return Some(stranger());
    }
    let length = all.number(3)?;
    if length > MOST {
        return Some(stranger());
    }
    let body = all.take(length)?;
    let broken = || Reply::Unknown("the server's first message cannot be read".to_owned());
    Some(version(body).map_or_else(broken, |chosen| {
        if chosen == usize::from(asked.number()) {
            return Reply::Accepted;
        }
        let known = Version::ALL.into_iter();
        let mut known = known.filter(|known| usize::from(known.number()) == chosen);
        let other = known.next().map_or("another version", Version::word);
        Reply::Refused(format!("it answers in {other}"))
    }))
}

/// The version that a server has chosen.
fn version(body: &[u8]) -> Option<usize> {
    let mut body = Cursor(body);
    let mut chosen = body.number(2)?;
    body.take(32)?;
    let session = body.number(1)?;
    body.take(session)?;
    body.take(3)?;
    // Before TLS 1.2 there may be none.
    let Some(length) = body.number(2) else {
        return Some(chosen);
    };
    let mut extensions = Cursor(body.take(length)?);
    while let Some(kind) = extensions.number(2) {
        let length = extensions.number(2)?;
        let mut extension = Cursor(extensions.take(length)?);
        if kind == 43 {
            chosen = extension.number(2)?;
        }
    }
    Some(chosen)
}

fn alert(body: &[u8]) -> Reply {
    let said = match body {
        [_, 40] => "handshake failure",
        [_, 47] => "illegal parameter",
        [_, 70] => "protocol version",
        [_, 71] => "insufficient security",
        [_, 80] => "internal error",
        [_, 86] => "inappropriate fallback",
        // It may speak the version, under another name.
        [_, 112] => {
            return Reply::Unknown("it does not know the name that it is asked for".to_owned());
        }
        [_, code] => return Reply::Refused(format!("alert {code}")),
        _ => return stranger(),
    };
    Reply::Refused(said.to_owned())
}

/// Takes bytes from the front.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.0.get(..count)?;
        self.0 = self.0.get(count..)?;
        Some(taken)
    }

    fn number(&mut self, width: usize) -> Option<usize> {
        let bytes = self.take(width)?;
        Some(
            bytes
                .iter()
                .fold(0, |all, byte| all << 8 | usize::from(*byte)),
        )
    }
}

#[cfg(test)]
mod tests;
