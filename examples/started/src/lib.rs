//! Counts in Redis. Its tests start one with `testcontainers`, and make claims about it.

use std::io::{BufRead, BufReader, Error, Result, Write};
use std::net::{TcpStream, ToSocketAddrs};

/// Adds one to the counter of that name; gives what it is then.
pub fn count(redis: impl ToSocketAddrs, counter: &str) -> Result<u64> {
    let mut stream = TcpStream::connect(redis)?;
    let length = counter.len();
    write!(stream, "*2\r\n$4\r\nINCR\r\n${length}\r\n{counter}\r\n")?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    let number = answer.trim_end().strip_prefix(':');
    number
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| Error::other(format!("Redis answered `{}`", answer.trim_end())))
}
