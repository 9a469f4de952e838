//! An answer that is a stream of JSON values, one a line: pulls, builds, imports, events.

use std::marker::PhantomData;
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use hyper::Response;
use hyper::body::Incoming;
use serde::de::DeserializeOwned;

use super::{Fault, FaultKind, Result, answer};

/// The longest line that is taken.
const LINE_LIMIT: usize = 16 * 1024 * 1024;

/// Values of an answer as they come.
#[derive(Debug)]
pub struct Lines<T> {
    doing: String,
    body: Incoming,
    pause: Duration,
    splitter: Splitter,
    ended: bool,
    value: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Lines<T> {
    /// Reads the body of `response`, which may pause for `pause` between two pieces.
    pub fn new(doing: impl Into<String>, response: Response<Incoming>, pause: Duration) -> Self {
        Self {
            doing: doing.into(),
            body: response.into_body(),
            pause,
            splitter: Splitter::default(),
            ended: false,
            value: PhantomData,
        }
    }

    /// The next value, or `None` at the proper end of the answer.
    pub async fn next(&mut self) -> Result<Option<T>> {
        loop {
            if let Some(line) = self.splitter.line(self.ended) {
                return answer::parse(&self.doing, &line).map(Some);
            }
            if self.ended {
                return Ok(None);
            }
            match answer::piece(&self.doing, &mut self.body, self.pause).await? {
                None => self.ended = true,
                Some(piece) => self.splitter.add(&piece).map_err(|()| {
                    Fault::new(
                        FaultKind::Broken,
                        &self.doing,
                        format!("a line of the engine's answer is longer than {LINE_LIMIT} bytes"),
                    )
                })?,
            }
        }
    }
}

/// Cuts bytes into lines, leaving out empty ones.
#[derive(Debug, Default)]
struct Splitter {
    held: BytesMut,
    /// How much of `held` is known to have no line end.
    searched: usize,
}

impl Splitter {
    fn add(&mut self, piece: &[u8]) -> std::result::Result<(), ()> {
        if self.held.len() + piece.len() > LINE_LIMIT {
            return Err(());
        }
        self.held.extend_from_slice(piece);
        Ok(())
    }

    /// The next whole line; at the end also one without a line end.
    fn line(&mut self, ended: bool) -> Option<BytesMut> {
        loop {
            let end = self.held[self.searched..]
                .iter()
                .position(|&byte| byte == b'\n')
                .map(|at| at + self.searched);
            let line = match end {
                Some(end) => {
                    let line = self.held.split_to(end);
                    self.held.advance(1);
                    line
                }
                None if ended && !self.held.is_empty() => self.held.split(),
                None => {
                    self.searched = self.held.len();
                    return None;
                }
            };
            self.searched = 0;
            if !line.iter().all(u8::is_ascii_whitespace) {
                return Some(line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_however_they_come() {
        let mut splitter = Splitter::default();
        let mut seen = Vec::new();
        for piece in ["{\"a\"", ":1}\r\n\r\n", "{}\n{", "\"b\":2}"] {
            splitter.add(piece.as_bytes()).unwrap();
            while let Some(line) = splitter.line(false) {
                seen.push(String::from_utf8(line.to_vec()).unwrap());
            }
        }
        seen.push(String::from_utf8(splitter.line(true).unwrap().to_vec()).unwrap());
        assert_eq!(seen, ["{\"a\":1}\r", "{}", "{\"b\":2}"]);
        assert_eq!(splitter.line(true), None);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut splitter = Splitter::default();
        splitter.add(&vec![b'x'; LINE_LIMIT]).unwrap();
        assert_eq!(splitter.add(b"x"), Err(()));
    }
}
