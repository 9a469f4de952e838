//! What is said in another way than the engine says it, or in place of what it says.

use std::io::{self, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;

use super::Fault;

/// So many bytes come one by one; a whole archive would take too long.
const SINGLE: usize = 2048;

/// Lines that no engine says, the first of them such as it could be.
const GARBAGE: [&str; 5] = [
    r#"{"Action":"die","Actor":{"Attributes":{"exitCode":"many"}},"timeNano":-1}"#,
    "null",
    r#"{"Action":7,"stream":[],"error":{},"Id":{},"timeNano":"soon"}"#,
    "\u{1b}[2J\u{0}",
    "<p>Please log in</p>",
];

/// Where the first bytes go one by one.
pub(super) struct Drops {
    to: UnixStream,
    left: usize,
}

impl Drops {
    pub(super) fn of(to: UnixStream, single: bool) -> Self {
        let left = if single { SINGLE } else { 0 };
        Self { to, left }
    }

    pub(super) fn end(&self) -> io::Result<()> {
        self.to.shutdown(Shutdown::Write)
    }
}

impl Write for Drops {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            return self.to.write(bytes);
        }
        self.left -= 1;
        // Who reads has the time to take each by itself.
        thread::yield_now();
        self.to.write(&bytes[..bytes.len().min(1)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// An answer that has begun as the engine's did, or as one that goes on.
pub(super) struct Instead {
    to: UnixStream,
    in_chunks: bool,
}

impl Instead {
    pub(super) fn begun(answer: &[u8], is_stream: bool, mut to: UnixStream) -> io::Result<Self> {
        let head: &[u8] = match is_stream {
            true => answer,
            false => {
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            }
        };
        to.write_all(head)?;
        let in_chunks = !is_stream;
        Ok(Self { to, in_chunks })
    }

    /// Goes on as this fault has it.
    pub(super) fn say(mut self, fault: Fault) -> io::Result<()> {
        match fault {
            Fault::Garbage => {
                for line in GARBAGE {
                    self.piece(format!("{line}\n").as_bytes())?;
                }
            }
            Fault::Endless => loop {
                self.piece(&[b'x'; 1 << 14])?;
            },
            _ => {}
        }
        match self.in_chunks {
            true => self.to.write_all(b"0\r\n\r\n"),
            false => Ok(()),
        }
    }

    fn piece(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.in_chunks {
            return self.to.write_all(bytes);
        }
        self.to
            .write_all(format!("{:x}\r\n", bytes.len()).as_bytes())?;
        self.to.write_all(bytes)?;
        self.to.write_all(b"\r\n")
    }
}
