//! Many TCP connections that start inside the container, all over standard input and output, so that one
//! conversation is enough for any number of requests.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::network;
use crate::sys;
use crate::wire::{self, Answer, Failure, HEADER, MAX_FRAME, Request, Wire};

/// What is read of a connection at once.
const CHUNK: usize = 16 << 10;
/// How long the other end may take nothing of what is sent.
const STALL: Duration = Duration::from_secs(30);

/// Standard output, which all connections share.
#[derive(Clone)]
struct Voice(Arc<Mutex<File>>);

impl Voice {
    /// Says it whole. Where nobody listens any more, the input ends too.
    fn say(&self, answer: &Answer) {
        let frame = wire::frame(&answer.encode()).unwrap_or_default();
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = output.write_all(&frame);
    }
}

/// Where a connection is to lead.
struct Place {
    line: u32,
    host: Vec<u8>,
    port: u16,
    timeout_ms: u32,
}

pub(crate) fn relays() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve() -> io::Result<()> {
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let voice = Voice(Arc::new(Mutex::new(output)));
    let mut lines: HashMap<u32, Sender<Vec<u8>>> = HashMap::new();
    let (mut buffer, mut chunk) = (Vec::new(), vec![0; CHUNK]);
    loop {
        let wrong = |why: String| io::Error::other(why);
        while let Some(payload) =
            wire::first_frame(&buffer, MAX_FRAME).map_err(|error| wrong(error.to_string()))?
        {
            let length = HEADER + payload.len();
            let request = Request::decode(payload).map_err(|error| wrong(error.to_string()))?;
            obey(request, &mut lines, &voice);
            buffer.drain(..length);
        }
        match input.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => buffer.extend_from_slice(chunk.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn obey(request: Request, lines: &mut HashMap<u32, Sender<Vec<u8>>>, voice: &Voice) {
    match request {
        Request::Dial {
            line,
            host,
            port,
            timeout_ms,
        } => {
            let (sender, words) = mpsc::channel();
            let place = Place {
                line,
                host,
                port,
                timeout_ms,
            };
            let own = voice.clone();
            match thread::Builder::new().spawn(move || talk(&place, &words, &own)) {
                Ok(_) => {
                    lines.insert(line, sender);
                }
                Err(error) => voice.say(&Answer::NotDialled {
                    line,
                    failure: Failure::Other,
                    text: format!("no thread: {error}"),
                }),
            }
        }
        Request::Say { line, data } => {
            // One that has ended has said so.
            if let Some(sender) = lines.get(&line) {
                let _ = sender.send(data);
            }
        }
        Request::HangUp { line } => {
            lines.remove(&line);
        }
        _ => voice.say(&Answer::Refused {
            text: "`probe serve` answers that".to_owned(),
        }),
    }
}

/// One connection, until it is hung up or has ended.
fn talk(place: &Place, words: &Receiver<Vec<u8>>, voice: &Voice) {
    let line = place.line;
    let (mut stream, peer) = match network::open(&place.host, place.port, place.timeout_ms) {
        Ok((stream, connection)) => (stream, connection.peer),
        Err(Answer::ConnectFailed { failure, text, .. }) => {
            return voice.say(&Answer::NotDialled {
                line,
                failure,
                text,
            });
        }
        Err(_) => return,
    };
    match listen(line, &stream, peer, voice) {
        Ok(()) => {}
        Err(error) => {
            return voice.say(&Answer::NotDialled {
                line,
                failure: Failure::Other,
                text: error.to_string(),
            });
        }
    }
    let _ = stream.set_write_timeout(Some(STALL));
    let mut deaf = false;
    for data in words {
        // Whoever listens finds out how it ended.
        deaf = deaf || stream.write_all(&data).is_err();
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// Passes on what comes, in a thread of its own.
fn listen(line: u32, stream: &TcpStream, peer: SocketAddr, voice: &Voice) -> io::Result<()> {
    let mut stream = stream.try_clone()?;
    let voice = voice.clone();
    let heard = move || {
        voice.say(&Answer::Dialled { line, peer });
        let mut chunk = vec![0; CHUNK];
        let errno = loop {
            match stream.read(&mut chunk) {
                Ok(0) => break 0,
                Ok(count) => voice.say(&Answer::Heard {
                    line,
                    data: chunk.get(..count).unwrap_or_default().to_vec(),
                }),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break sys::errno(&error),
            }
        };
        voice.say(&Answer::HungUp { line, errno });
    };
    thread::Builder::new().spawn(heard).map(drop)
}
