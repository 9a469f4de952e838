//! The engine's API, as little of it as it takes to list and to remove.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How long the engine may take for the next byte.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it may take for all of an answer.
const ANSWER: Duration = Duration::from_mins(2);

/// How long a machine may take to answer at all.
const CONNECT: Duration = Duration::from_secs(10);

/// The longest answer that is read, and the longest of what stands before its body.
const LONGEST: u64 = 64 << 20;
const HEAD: usize = 64 << 10;

/// Where it listens, and how its paths begin.
pub(super) struct Engine {
    place: Place,
    prefix: String,
    /// When nothing is waited for any more.
    end: Instant,
}

#[derive(Clone)]
enum Place {
    Unix(String),
    Tcp(String),
}

trait Stream: Read + Write + Send {
    /// How long the next byte may take.
    fn waits(&self, time: Duration) -> io::Result<()>;
}

impl Stream for UnixStream {
    fn waits(&self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))?;
        self.set_write_timeout(Some(time))
    }
}

impl Stream for TcpStream {
    fn waits(&self, time: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(time))?;
        self.set_write_timeout(Some(time))
    }
}

/// A connection that is over at some time, however much comes of it.
struct Until {
    stream: Box<dyn Stream>,
    end: Instant,
}

impl Until {
    fn wait(&self) -> io::Result<()> {
        let left = self.end.saturating_duration_since(Instant::now());
        match left.is_zero() {
            true => Err(io::Error::from(io::ErrorKind::TimedOut)),
            false => self.stream.waits(left.min(PATIENCE)),
        }
    }
}

impl Read for Until {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.wait()?;
        self.stream.read(bytes)
    }
}

impl Write for Until {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.wait()?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Engine {
    /// The one at this address; nothing where it is none that is spoken to in the clear.
    pub(super) fn at(address: &str, prefix: &str) -> Option<Self> {
        let place = match address.split_once("://")? {
            ("unix", path) => Place::Unix(path.to_owned()),
            ("tcp", host) => Place::Tcp(host.to_owned()),
            _ => return None,
        };
        Some(Self {
            place,
            prefix: prefix.to_owned(),
            end: Instant::now(),
        })
    }

    /// The same, of which nothing is waited for after that time.
    pub(super) fn until(self, end: Instant) -> Self {
        Self { end, ..self }
    }

    /// What it answers to a request without a body: the status, and all that follows.
    pub(super) fn ask(&self, method: &str, path: &str) -> io::Result<(u16, Vec<u8>)> {
        let end = self.end.min(Instant::now() + ANSWER);
        let mut stream = Until {
            stream: self.open(end)?,
            end,
        };
        // By the first version of HTTP an answer ends with its connection.
        let asked = format!(
            "{method} {}{path} HTTP/1.0\r\nHost: docker\r\n\r\n",
            self.prefix
        );
        stream.write_all(asked.as_bytes())?;
        read(&mut stream.take(LONGEST))
            .and_then(|answer| answer.ok_or_else(|| io::Error::other("no whole answer")))
    }

    /// Connects, up to that time. Neither the search for a name's address nor a socket whose queue is full has a time of
    /// its own, so another thread waits for them: one that hangs is left behind.
    fn open(&self, end: Instant) -> io::Result<Box<dyn Stream>> {
        let within = end.saturating_duration_since(Instant::now()).min(CONNECT);
        let (told, opened) = mpsc::channel();
        let place = self.place.clone();
        thread::Builder::new().spawn(move || {
            // Nobody listens any more where it came too late.
            let _ = told.send(place.open());
        })?;
        let late = |_| io::Error::from(io::ErrorKind::TimedOut);
        opened.recv_timeout(within).map_err(late)?
    }
}

impl Place {
    fn open(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            Self::Unix(path) => Ok(Box::new(UnixStream::connect(path)?)),
            Self::Tcp(host) => {
                let mut last = io::Error::other("no address");
                for address in host.to_socket_addrs()? {
                    match TcpStream::connect_timeout(&address, CONNECT) {
                        Ok(stream) => return Ok(Box::new(stream)),
                        Err(error) => last = error,
                    }
                }
                Err(last)
            }
        }
    }
}

/// The status and the body of a whole answer.
fn read(stream: &mut impl Read) -> io::Result<Option<(u16, Vec<u8>)>> {
    let mut answer = Vec::new();
    let mut chunk = [0; 1 << 14];
    let mut seen = 0;
    let end = loop {
        let new = answer.get(seen..).unwrap_or_default();
        if let Some(end) = new.windows(4).position(|four| four == b"\r\n\r\n") {
            break seen + end;
        }
        // The end may stand in two pieces.
        seen = answer.len().saturating_sub(3);
        if answer.len() > HEAD {
            return Ok(None);
        }
        match stream.read(&mut chunk)? {
            0 => return Ok(None),
            count => answer.extend_from_slice(chunk.get(..count).unwrap_or_default()),
        }
    };
    let mut body = answer.split_off(end + 4);
    let head = String::from_utf8_lossy(&answer).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let Some(status) = status else {
        return Ok(None);
    };
    let value = |wanted: &str| {
        let mut named = lines.clone().filter_map(|line| line.split_once(':'));
        named
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim())
    };
    // One that stands between may hold the connection open.
    if let Some(length) = value("content-length").and_then(|length| length.parse::<u64>().ok()) {
        let more = length.saturating_sub(body.len() as u64);
        stream.take(more).read_to_end(&mut body)?;
        return Ok((body.len() as u64 == length).then_some((status, body)));
    }
    if matches!(status, 204 | 304) {
        return Ok(Some((status, body)));
    }
    stream.read_to_end(&mut body)?;
    match value("transfer-encoding") {
        Some(_) => Ok(whole(&body).map(|body| (status, body))),
        None => Ok(Some((status, body))),
    }
}

/// A body that came in pieces.
fn whole(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(body.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(all);
        }
        let begin = end + 2;
        all.extend_from_slice(body.get(begin..begin.checked_add(size)?)?);
        body = body.get(begin + size + 2..)?;
    }
}

/// A text as a path or a query takes it.
pub(super) fn encoded(text: &str) -> String {
    let mut all = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            all.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(all, "%{byte:02X}");
        }
    }
    all
}
