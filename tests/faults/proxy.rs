//! A proxy in front of the engine's socket that spoils one request, or ends who asks.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What is done to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The engine is not asked; the answer is an error of its own making.
    Refused,
    /// The engine is asked, and its answer never comes: the connection is closed.
    Reset,
    /// The engine's answer breaks off in its middle.
    CutOff,
    /// The engine is asked, and what comes back is no answer to that question.
    Nonsense,
    /// Who asks is ended before the engine is asked.
    KilledBefore,
    /// Who asks is ended once the engine is asked.
    KilledAfter,
}

/// Which request it is done to: the one of that number, from 0, of all or of those of a kind.
#[derive(Clone, Debug)]
pub struct Plan {
    pub fault: Fault,
    pub kind: Option<String>,
    pub number: usize,
    /// Whether it is done to all that follow too.
    pub lasts: bool,
}

#[derive(Debug, Default)]
struct State {
    /// The kinds of all requests, in their order.
    asked: Vec<String>,
    counts: BTreeMap<String, usize>,
    plan: Option<Plan>,
    /// Whom to end.
    victim: Option<u32>,
    done: bool,
}

/// The proxy; it serves until the process ends.
#[derive(Clone, Debug)]
pub struct Proxy {
    socket: PathBuf,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Listens beside this engine, at a socket of this path.
    pub fn open(engine: &Path, socket: PathBuf, plan: Option<Plan>) -> io::Result<Self> {
        let listener = UnixListener::bind(&socket)?;
        let proxy = Self {
            socket,
            state: Arc::new(Mutex::new(State {
                plan,
                ..State::default()
            })),
        };
        let (served, engine) = (proxy.clone(), engine.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (proxy, engine) = (served.clone(), engine.clone());
                thread::spawn(move || {
                    if let Ok(engine) = UnixStream::connect(engine) {
                        // What breaks off is what the test is about.
                        let _ = proxy.pass(&client, &engine);
                        let _ = engine.shutdown(Shutdown::Both);
                    }
                    let _ = client.shutdown(Shutdown::Both);
                });
            }
        });
        Ok(proxy)
    }

    /// Where it listens, as a client is told.
    pub fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// From here on this process is the one to be ended.
    pub fn may_end(&self, process: u32) {
        self.state().victim = Some(process);
    }

    /// The kinds of what was asked so far.
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    /// Whether the plan was carried out.
    pub fn is_done(&self) -> bool {
        self.state().done
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be done to a request of this kind.
    fn wish(&self, kind: &str) -> Option<Fault> {
        let mut state = self.state();
        let count = state.counts.entry(kind.to_owned()).or_default();
        let of_kind = *count;
        *count += 1;
        let of_all = state.asked.len();
        state.asked.push(kind.to_owned());
        let plan = state.plan.clone()?;
        let number = match &plan.kind {
            Some(wanted) if wanted != kind => return None,
            Some(_) => of_kind,
            None => of_all,
        };
        (number == plan.number || plan.lasts && number > plan.number).then(|| {
            state.done = true;
            plan.fault
        })
    }

    fn end_victim(&self) {
        let victim = self.state().victim;
        if let Some(victim) = victim {
            let _ = Command::new("kill")
                .args(["-9", &victim.to_string()])
                .status();
        }
    }

    /// One connection, request by request.
    fn pass(&self, client: &UnixStream, engine: &UnixStream) -> io::Result<()> {
        let (mut from_client, mut from_engine) = (Reader::of(client)?, Reader::of(engine)?);
        let (mut to_client, mut to_engine) = (client.try_clone()?, engine.try_clone()?);
        while let Some(head) = from_client.head()? {
            let kind = kind(&head);
            let wish = self.wish(&kind);
            if wish == Some(Fault::KilledBefore) {
                self.end_victim();
                return Ok(());
            }
            if wish == Some(Fault::Refused) {
                let body = r#"{"message":"made up by a test"}"#;
                let head = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json";
                let answer = format!(
                    "{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                return to_client.write_all(answer.as_bytes());
            }
            to_engine.write_all(&head)?;
            from_client.body(&head, &mut to_engine)?;
            if wish == Some(Fault::KilledAfter) {
                self.end_victim();
            }
            let Some(answer) = from_engine.head()? else {
                return Ok(());
            };
            match wish {
                Some(Fault::Reset) => return Ok(()),
                Some(Fault::CutOff) => {
                    let half = answer.len() - answer.len() / 4;
                    return to_client.write_all(&answer[..half]);
                }
                Some(Fault::Nonsense) => {
                    let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\nConnection: close\r\n\r\n<p>Please log in</p>";
                    return to_client.write_all(answer.as_bytes());
                }
                _ => {}
            }
            to_client.write_all(&answer)?;
            let is_stream =
                answer.starts_with(b"HTTP/1.1 101") || header(&head, "upgrade").is_some();
            if is_stream {
                return tunnel(from_client, from_engine, to_client, to_engine);
            }
            let bodiless = head.starts_with(b"HEAD ")
                || [b"204", b"304"]
                    .iter()
                    .any(|code| answer.get(9..12) == Some(&code[..]));
            if !bodiless && !from_engine.answer(&answer, &mut to_client)? {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Bytes both ways until each side has ended.
fn tunnel(
    mut from_client: Reader,
    mut from_engine: Reader,
    mut to_client: UnixStream,
    mut to_engine: UnixStream,
) -> io::Result<()> {
    let there = thread::spawn(move || {
        let _ = from_client.rest(&mut to_engine);
        let _ = to_engine.shutdown(Shutdown::Write);
    });
    let back = from_engine.rest(&mut to_client);
    let _ = to_client.shutdown(Shutdown::Write);
    let _ = there.join();
    back
}

/// A stream with what was read of it too early.
struct Reader {
    stream: UnixStream,
    buffer: Vec<u8>,
}

impl Reader {
    fn of(stream: &UnixStream) -> io::Result<Self> {
        let stream = stream.try_clone()?;
        let buffer = Vec::new();
        Ok(Self { stream, buffer })
    }

    fn more(&mut self) -> io::Result<bool> {
        let mut chunk = vec![0; 1 << 16];
        let count = self.stream.read(&mut chunk)?;
        self.buffer.extend_from_slice(&chunk[..count]);
        Ok(count > 0)
    }

    /// All up to the empty line; nothing at the end.
    fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                return Ok(Some(self.buffer.drain(..at + 4).collect()));
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Passes on the body that a request's head announces.
    fn body(&mut self, head: &[u8], to: &mut UnixStream) -> io::Result<()> {
        if header(head, "transfer-encoding").is_some() {
            return self.chunks(to);
        }
        let length = header(head, "content-length").and_then(|length| length.parse().ok());
        self.exactly(length.unwrap_or(0), to)
    }

    /// Passes on the body of an answer; whether the connection goes on behind it.
    fn answer(&mut self, head: &[u8], to: &mut UnixStream) -> io::Result<bool> {
        let has_end = ["transfer-encoding", "content-length"]
            .iter()
            .any(|name| header(head, name).is_some());
        match has_end {
            true => self.body(head, to)?,
            false => self.rest(to)?,
        }
        Ok(has_end)
    }

    fn exactly(&mut self, mut length: usize, to: &mut UnixStream) -> io::Result<()> {
        while length > 0 {
            if self.buffer.is_empty() && !self.more()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let piece: Vec<u8> = self.buffer.drain(..length.min(self.buffer.len())).collect();
            to.write_all(&piece)?;
            length -= piece.len();
        }
        Ok(())
    }

    fn chunks(&mut self, to: &mut UnixStream) -> io::Result<()> {
        loop {
            let end = loop {
                if let Some(at) = self.buffer.windows(2).position(|two| two == b"\r\n") {
                    break at + 2;
                }
                if !self.more()? {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            };
            let line = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
            let size = usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16);
            let size = size.map_err(io::Error::other)?;
            self.exactly(end + size + 2, to)?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn rest(&mut self, to: &mut UnixStream) -> io::Result<()> {
        loop {
            to.write_all(&self.buffer)?;
            self.buffer.clear();
            if !self.more()? {
                return Ok(());
            }
        }
    }
}

/// The value of a header.
fn header(head: &[u8], name: &str) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n").skip(1);
    lines.find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

/// A request's method and its path, with what names one thing among many left out.
fn kind(head: &[u8]) -> String {
    let head = String::from_utf8_lossy(head);
    let mut words = head.split(' ');
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let path = path.split('?').next().unwrap_or_default();
    let mut parts: Vec<&str> = path.split('/').skip(1).collect();
    if parts.first().is_some_and(|part| {
        part.starts_with('v') && part[1..].starts_with(|c: char| c.is_ascii_digit())
    }) {
        parts.remove(0);
    }
    let fixed = ["create", "json", "prune", "load", "get", "search", "df"];
    let plural = parts.first().copied().unwrap_or_default();
    if [
        "containers",
        "images",
        "volumes",
        "networks",
        "exec",
        "distribution",
    ]
    .contains(&plural)
        && parts.len() > 1
        && !(parts.len() == 2 && fixed.contains(&parts[1]))
    {
        // The name of an image may have several parts.
        let last = parts.last().copied().unwrap_or_default();
        let is_deed = parts.len() > 2 && last.chars().all(|c| c.is_ascii_lowercase());
        return match is_deed {
            true => format!("{method} /{plural}/X/{last}"),
            false => format!("{method} /{plural}/X"),
        };
    }
    format!("{method} /{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_names_no_thing() {
        let cases = [
            ("GET /_ping HTTP/1.1\r\n", "GET /_ping"),
            (
                "GET /v1.41/containers/json?all=1 HTTP/1.1\r\n",
                "GET /containers/json",
            ),
            (
                "POST /v1.41/containers/create?name=a HTTP/1.1\r\n",
                "POST /containers/create",
            ),
            (
                "POST /v1.41/containers/0a1/start HTTP/1.1\r\n",
                "POST /containers/X/start",
            ),
            (
                "DELETE /v1.41/containers/0a1?v=1 HTTP/1.1\r\n",
                "DELETE /containers/X",
            ),
            (
                "GET /v1.41/images/a/b:1/json HTTP/1.1\r\n",
                "GET /images/X/json",
            ),
            (
                "DELETE /v1.41/images/seaworthy/a:1 HTTP/1.1\r\n",
                "DELETE /images/X",
            ),
            ("POST /v1.41/build?t=a HTTP/1.1\r\n", "POST /build"),
        ];
        for (head, expected) in cases {
            assert_eq!(kind(head.as_bytes()), expected);
        }
    }
}
