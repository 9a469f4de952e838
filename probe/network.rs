//! Connects by TCP from inside the container.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use crate::resolve::{self, Trouble};
use crate::sys;
use crate::wire::{Answer, Connection, Failure, Finish, MAX_CONTENT};

const CHUNK: usize = 16 << 10;

/// What to say and hear once connected.
pub(crate) struct Talk {
    pub(crate) send: Vec<u8>,
    pub(crate) max_receive: u32,
    pub(crate) receive_ms: u32,
}

pub(crate) fn resolve(name: &[u8], timeout_ms: u32) -> Answer {
    let deadline = Instant::now() + Duration::from_millis(timeout_ms.into());
    match resolve::addresses(name, deadline) {
        Ok(addresses) => Answer::Addresses { addresses },
        Err(Trouble { why, text }) => Answer::NotResolved { why, text },
    }
}

/// Whether a socket can have this address.
pub(crate) fn own(address: IpAddr) -> Answer {
    match UdpSocket::bind((address, 0)) {
        Ok(_) => Answer::Own { own: true },
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => Answer::Own { own: false },
        Err(error) => Answer::Errno {
            errno: sys::errno(&error),
        },
    }
}

pub(crate) fn connect(host: &[u8], port: u16, timeout_ms: u32, talk: &Talk) -> Answer {
    let (mut stream, mut connection) = match open(host, port, timeout_ms) {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let deadline = Instant::now() + Duration::from_millis(talk.receive_ms.into());
    let max = usize::try_from(talk.max_receive)
        .unwrap_or(MAX_CONTENT)
        .min(MAX_CONTENT);
    connection.finish = match send(&mut stream, &talk.send, deadline) {
        Ok(()) if max == 0 => Finish::Unasked,
        sent => {
            // What the other end said before it broke off still counts.
            let heard = receive(&mut stream, max, deadline, &mut connection.received);
            match (sent, heard) {
                (Err(error), _) | (_, Err(error)) => Finish::Broken {
                    errno: sys::errno(&error),
                },
                (Ok(()), Ok(finish)) => finish,
            }
        }
    };
    Answer::Connected { connection }
}

/// Connects to the first address that accepts, or says how the last one failed.
pub(crate) fn open(
    host: &[u8],
    port: u16,
    timeout_ms: u32,
) -> Result<(TcpStream, Connection), Answer> {
    let began = Instant::now();
    let deadline = began + Duration::from_millis(timeout_ms.into());
    let addresses =
        resolve::addresses(host, deadline).map_err(|trouble| Answer::ConnectFailed {
            failure: Failure::Dns,
            errno: 0,
            text: trouble.text,
        })?;
    let mut last = None;
    let mut left = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    for address in addresses {
        // One address that never answers must not use up the time of the others.
        let share = deadline.saturating_duration_since(Instant::now()) / left.max(1);
        left = left.saturating_sub(1);
        match try_one(address, port, share) {
            Ok((stream, local, peer)) => {
                let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                let (received, finish) = (Vec::new(), Finish::Unasked);
                return Ok((
                    stream,
                    Connection {
                        local,
                        peer,
                        micros,
                        received,
                        finish,
                    },
                ));
            }
            Err(error) => last = Some((SocketAddr::new(address, port), error)),
        }
    }
    Err(match last {
        Some((address, error)) => failed(address, &error),
        None => Answer::ConnectFailed {
            failure: Failure::Dns,
            errno: 0,
            text: "no address".to_owned(),
        },
    })
}

fn try_one(
    address: IpAddr,
    port: u16,
    time: Duration,
) -> io::Result<(TcpStream, SocketAddr, SocketAddr)> {
    if time.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    let stream = TcpStream::connect_timeout(&SocketAddr::new(address, port), time)?;
    stream.set_nodelay(true)?;
    let (local, peer) = (stream.local_addr()?, stream.peer_addr()?);
    Ok((stream, local, peer))
}

fn failed(address: SocketAddr, error: &io::Error) -> Answer {
    let errno = error.raw_os_error().unwrap_or(0);
    let failure = match (error.kind(), errno) {
        (io::ErrorKind::ConnectionRefused, _) => Failure::Refused,
        (io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted, _) => Failure::Reset,
        (io::ErrorKind::TimedOut, _) | (_, sys::ETIMEDOUT) => Failure::TimedOut,
        (_, sys::ENETUNREACH | sys::EHOSTUNREACH) => Failure::Unreachable,
        _ => Failure::Other,
    };
    Answer::ConnectFailed {
        failure,
        errno,
        text: format!("{address}: {error}"),
    }
}

fn left(deadline: Instant) -> Option<Duration> {
    Some(deadline.saturating_duration_since(Instant::now())).filter(|time| !time.is_zero())
}

fn send(stream: &mut TcpStream, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
    while !bytes.is_empty() {
        let time = left(deadline).ok_or(io::ErrorKind::TimedOut)?;
        stream.set_write_timeout(Some(time))?;
        match stream.write(bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if is_idle(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn receive(
    stream: &mut TcpStream,
    max: usize,
    deadline: Instant,
    into: &mut Vec<u8>,
) -> io::Result<Finish> {
    let mut buffer = vec![0; CHUNK];
    while into.len() < max {
        let Some(time) = left(deadline) else {
            return Ok(Finish::TimeUp);
        };
        stream.set_read_timeout(Some(time))?;
        let room = buffer.len().min(max - into.len());
        match stream.read(buffer.get_mut(..room).unwrap_or_default()) {
            Ok(0) => return Ok(Finish::Closed),
            Ok(count) => into.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(error) if is_idle(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Finish::Full)
}

fn is_idle(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
