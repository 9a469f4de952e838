//! Makes standard input and output one end of a TCP connection that starts inside the container.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::network;
use crate::sys::{self, Held, Want};
use crate::wire::{self, Answer, Wire};

/// After the other end has ended, the input is still passed on until it rests for this long. It
/// cannot be seen whether the other end still listens, and an engine shows our end only when we exit.
const LINGER: Duration = Duration::from_millis(100);

/// How long the other end may then take for what has been read already.
const STALL: Duration = Duration::from_secs(10);

pub(crate) fn relay(host: &str, port: u16, timeout_ms: u32) -> ExitCode {
    let (stream, answer) = match network::open(host.as_bytes(), port, timeout_ms) {
        Ok((stream, connection)) => (Some(stream), Answer::Connected { connection }),
        Err(answer) => (None, answer),
    };
    let frame = wire::frame(&answer.encode()).unwrap_or_default();
    let said = io::stdout()
        .write_all(&frame)
        .and_then(|()| io::stdout().flush());
    let Some(stream) = stream else {
        return ExitCode::SUCCESS;
    };
    match said.and_then(|()| pass(File::from(std::os::fd::OwnedFd::from(stream)))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Bytes that go one way.
struct Way {
    from: File,
    to: File,
    waiting: Vec<u8>,
    sent: usize,
    /// No more is to be read.
    ended: bool,
    /// The last byte was written, or nobody takes any.
    done: bool,
}

impl Way {
    fn new(from: File, to: File) -> Self {
        Self {
            from,
            to,
            waiting: Vec::new(),
            sent: 0,
            ended: false,
            done: false,
        }
    }

    /// What this way waits for.
    fn wants(&self) -> Option<(std::os::fd::BorrowedFd<'_>, Want)> {
        match (self.done, self.waiting.is_empty()) {
            (true, _) => None,
            (false, true) => Some((self.from.as_fd(), Want::Read)),
            (false, false) => Some((self.to.as_fd(), Want::Write)),
        }
    }

    /// When this way has rested for long enough to be given up.
    fn rest(&self) -> Instant {
        Instant::now()
            + if self.waiting.is_empty() {
                LINGER
            } else {
                STALL
            }
    }

    /// Passes on what can be passed on without waiting.
    fn go(&mut self, chunk: &mut [u8]) {
        if self.waiting.is_empty() && !self.ended {
            match self.from.read(chunk) {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    self.waiting
                        .extend_from_slice(chunk.get(..count).unwrap_or_default());
                    self.sent = 0;
                }
                Err(error) if is_idle(&error) => {}
                Err(_) => self.ended = true,
            }
        }
        while let Some(rest) = self
            .waiting
            .get(self.sent..)
            .filter(|rest| !rest.is_empty())
        {
            match self.to.write(rest) {
                Ok(count) if count > 0 => self.sent += count,
                Err(error) if is_idle(&error) => return,
                _ => {
                    self.done = true;
                    return;
                }
            }
        }
        self.waiting.clear();
        self.done = self.ended;
    }
}

fn pass(socket: File) -> io::Result<()> {
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    for file in [&input, &output, &socket] {
        sys::set_nonblocking(file.as_fd());
    }
    let stream = std::net::TcpStream::from(std::os::fd::OwnedFd::from(socket.try_clone()?));
    let mut there = Way::new(input, socket.try_clone()?);
    let mut back = Some(Way::new(socket, output));
    let mut chunk = vec![0; 64 << 10];
    let mut rests_until = None;
    let held = Held::new();
    loop {
        if there.done && back.is_none() {
            return Ok(());
        }
        let watch_output = back.as_ref().map(|back| (back.to.as_fd(), Want::Nothing));
        let time = rests_until.map(|end: Instant| end.saturating_duration_since(Instant::now()));
        let files = [
            there.wants(),
            back.as_ref().and_then(Way::wants),
            watch_output,
        ];
        let [input, answer, output] = held.wait(files, time)?;
        if output.broken || rests_until.is_some_and(|end| end <= Instant::now()) {
            return Ok(());
        }
        if input.now {
            there.go(&mut chunk);
            rests_until = rests_until.map(|_| there.rest());
            if there.done {
                let _ = stream.shutdown(std::net::Shutdown::Write);
            }
        }
        if let Some(way) = &mut back
            && answer.now
        {
            way.go(&mut chunk);
            if way.done && !way.ended {
                return Ok(());
            }
            if way.done {
                // Whoever listens must see the end now, even while there is more to say to them.
                back = None;
                sys::close_outputs();
                rests_until = Some(there.rest());
            }
        }
    }
}

fn is_idle(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
    )
}
