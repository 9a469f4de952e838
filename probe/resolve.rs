//! Finds the addresses of a name: `/etc/hosts`, then the name servers of `/etc/resolv.conf`.
//!
//! A static program has no `getaddrinfo` that works in every image, so this is one of our own.

#[path = "resolve/message.rs"]
mod message;
#[path = "resolve/settings.rs"]
mod settings;

use std::fs;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use crate::wire::Unresolved;
use message::{Question, Reply};
pub(crate) use settings::{Settings, in_hosts};

/// Neither file is read any further.
const MAX_FILE: u64 = 1 << 20;

/// A name with no address, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) why: Unresolved,
    pub(crate) text: String,
}

impl Trouble {
    fn new(why: Unresolved, text: impl Into<String>) -> Self {
        Self {
            why,
            text: text.into(),
        }
    }
}

/// The addresses of a name, IPv4 first. An address stands for itself.
pub(crate) fn addresses(name: &[u8], deadline: Instant) -> Result<Vec<IpAddr>, Trouble> {
    let name = std::str::from_utf8(name)
        .map_err(|_| Trouble::new(Unresolved::BadName, "the name is not text"))?;
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    if let Ok(address) = bare.parse() {
        return Ok(vec![address]);
    }
    let known = in_hosts(&read("/etc/hosts"), name);
    if !known.is_empty() {
        return Ok(known);
    }
    ask_all(name, &Settings::parse(&read("/etc/resolv.conf")), deadline)
}

fn read(path: &str) -> String {
    let mut bytes = Vec::new();
    if let Ok(file) = fs::File::open(path) {
        let _ = file.take(MAX_FILE).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Asks the name servers for each full name that this one may stand for.
pub(crate) fn ask_all(
    name: &str,
    settings: &Settings,
    deadline: Instant,
) -> Result<Vec<IpAddr>, Trouble> {
    if settings.servers.is_empty() {
        let text = format!("no name server is known to ask for {name:?}");
        return Err(Trouble::new(Unresolved::NoServers, text));
    }
    let mut trouble = None;
    for full in settings.candidates(name) {
        match ask_each(&full, settings, deadline) {
            Ok(addresses) => return Ok(addresses),
            // A search domain that makes the name too long says nothing about the others.
            Err(next) if matches!(next.why, Unresolved::NotFound | Unresolved::BadName) => {
                trouble.get_or_insert(next);
            }
            // Of several reasons, "there is no such name" is the weakest.
            Err(next) if next.why == Unresolved::NoAddress => trouble = Some(next),
            Err(next) => return Err(next),
        }
    }
    Err(trouble.unwrap_or_else(|| {
        Trouble::new(Unresolved::NotFound, format!("there is no name {name:?}"))
    }))
}

/// Asks for one full name until a server gives an answer that counts.
fn ask_each(name: &str, settings: &Settings, deadline: Instant) -> Result<Vec<IpAddr>, Trouble> {
    let questions = [message::A, message::AAAA].map(|kind| Question::new(name, kind, random()));
    let [Some(first), Some(second)] = questions else {
        return Err(Trouble::new(
            Unresolved::BadName,
            format!("{name:?} cannot be a name"),
        ));
    };
    let mut trouble = None;
    for _ in 0..settings.attempts {
        for server in &settings.servers {
            let time = settings
                .timeout
                .min(deadline.saturating_duration_since(Instant::now()));
            if time.is_zero() {
                break;
            }
            match ask(*server, &[&first, &second], Instant::now() + time) {
                Ok(replies) => match judge(name, *server, replies) {
                    Err(failed) if failed.why == Unresolved::ServerFailure => {
                        trouble = Some(failed);
                    }
                    decided => return decided,
                },
                Err(error) => {
                    let silent = matches!(
                        error.kind(),
                        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock
                    );
                    let why = if silent {
                        Unresolved::TimedOut
                    } else {
                        Unresolved::ServerFailure
                    };
                    let text = if silent {
                        "no answer in time".to_owned()
                    } else {
                        error.to_string()
                    };
                    trouble = Some(Trouble::new(
                        why,
                        format!("name server {server}, asked for {name}: {text}"),
                    ));
                }
            }
        }
    }
    let late = || {
        Trouble::new(
            Unresolved::TimedOut,
            format!("no answer for {name} in time"),
        )
    };
    Err(trouble.unwrap_or_else(late))
}

/// What the two replies say together: an address of either kind is enough.
fn judge(name: &str, server: SocketAddr, replies: [Reply; 2]) -> Result<Vec<IpAddr>, Trouble> {
    let found: Vec<IpAddr> = replies
        .iter()
        .flat_map(|reply| reply.addresses.iter().copied())
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let codes = replies.map(|reply| reply.code);
    if let Some(code) = codes.iter().find(|code| !matches!(code, 0 | 3)) {
        let text = format!("name server {server} answers for {name} with error {code}");
        return Err(Trouble::new(Unresolved::ServerFailure, text));
    }
    if codes.contains(&0) {
        return Err(Trouble::new(
            Unresolved::NoAddress,
            format!("{name} has no address"),
        ));
    }
    Err(Trouble::new(
        Unresolved::NotFound,
        format!("there is no name {name}"),
    ))
}

/// Puts both questions to one server at once.
fn ask(
    server: SocketAddr,
    questions: &[&Question; 2],
    deadline: Instant,
) -> io::Result<[Reply; 2]> {
    let any: IpAddr = if server.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(server)?;
    for question in questions {
        socket.send(&question.bytes)?;
    }
    let mut replies = [None, None];
    let mut buffer = [0; 4096];
    while replies.iter().any(Option::is_none) {
        socket.set_read_timeout(Some(left(deadline)?))?;
        let length = match socket.recv(&mut buffer) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = buffer.get(..length).unwrap_or_default();
        for (question, reply) in questions.iter().zip(&mut replies) {
            // What answers another question is a stray or a forgery, and is passed over.
            if let Some(answered) = question.reply(bytes) {
                let whole = if answered.cut {
                    ask_by_tcp(server, question, deadline)?
                } else {
                    answered
                };
                *reply = Some(whole);
            }
        }
    }
    let [first, second] = replies;
    Ok([first.unwrap_or_default(), second.unwrap_or_default()])
}

/// An answer too long for a datagram is asked for again over a connection.
fn ask_by_tcp(server: SocketAddr, question: &Question, deadline: Instant) -> io::Result<Reply> {
    let mut stream = TcpStream::connect_timeout(&server, left(deadline)?)?;
    let length = u16::try_from(question.bytes.len()).map_err(io::Error::other)?;
    stream.set_write_timeout(Some(left(deadline)?))?;
    stream.write_all(&[&length.to_be_bytes(), question.bytes.as_slice()].concat())?;
    let mut length = [0; 2];
    fill(&mut stream, &mut length, deadline)?;
    let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
    fill(&mut stream, &mut bytes, deadline)?;
    question
        .reply(&bytes)
        .ok_or_else(|| io::Error::other("the answer makes no sense"))
}

fn fill(stream: &mut TcpStream, mut into: &mut [u8], deadline: Instant) -> io::Result<()> {
    while !into.is_empty() {
        stream.set_read_timeout(Some(left(deadline)?))?;
        match stream.read(into) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => into = into.get_mut(count..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn left(deadline: Instant) -> io::Result<Duration> {
    let time = deadline.saturating_duration_since(Instant::now());
    if time.is_zero() {
        Err(io::ErrorKind::TimedOut.into())
    } else {
        Ok(time)
    }
}

/// A number that an onlooker does not guess: the standard library seeds its hash maps from the kernel.
fn random() -> u16 {
    use std::hash::{BuildHasher, RandomState};
    let bytes = RandomState::new().hash_one(0_u8).to_le_bytes();
    u16::from_le_bytes([bytes[0], bytes[1]])
}
