//! What comes over a connection, part by part.

use std::io::{self, Read as _, Write};
use std::os::unix::net::UnixStream;

/// A stream with what was read of it too early.
pub(super) struct Reader {
    stream: UnixStream,
    buffer: Vec<u8>,
}

impl Reader {
    pub(super) fn of(stream: &UnixStream) -> io::Result<Self> {
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
    pub(super) fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                return Ok(Some(self.buffer.drain(..at + 4).collect()));
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Hears nothing more until the other side has gone.
    pub(super) fn until_gone(&mut self) -> io::Result<()> {
        while self.more()? {
            self.buffer.clear();
        }
        Ok(())
    }

    /// Passes on the body that a request's head announces.
    pub(super) fn body(&mut self, head: &[u8], to: &mut impl Write) -> io::Result<()> {
        if header(head, "transfer-encoding").is_some() {
            return self.chunks(to);
        }
        let length = header(head, "content-length").and_then(|length| length.parse().ok());
        self.exactly(length.unwrap_or(0), to)
    }

    /// Passes on the body of an answer; whether the connection goes on behind it.
    pub(super) fn answer(&mut self, head: &[u8], to: &mut impl Write) -> io::Result<bool> {
        let has_end = ["transfer-encoding", "content-length"]
            .iter()
            .any(|name| header(head, name).is_some());
        match has_end {
            true => self.body(head, to)?,
            false => self.rest(to)?,
        }
        Ok(has_end)
    }

    fn exactly(&mut self, mut length: usize, to: &mut impl Write) -> io::Result<()> {
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

    fn chunks(&mut self, to: &mut impl Write) -> io::Result<()> {
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

    pub(super) fn rest(&mut self, to: &mut impl Write) -> io::Result<()> {
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
pub(super) fn header(head: &[u8], name: &str) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n").skip(1);
    lines.find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}
