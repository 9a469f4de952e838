//! What the harness and the probe say to each other: frames, questions and answers.
//!
//! Both sides compile this very file, so it is plain `std`. Every decoder is total: any bytes give
//! a value or [`Malformed`], and no length that was read decides how much memory is taken; [`ROOM`] is the most.

use std::fmt;

#[path = "wire/answer.rs"]
mod answer;
#[path = "wire/codec.rs"]
mod codec;
#[path = "wire/parts.rs"]
mod parts;
#[path = "wire/request.rs"]
mod request;
#[path = "wire/travels.rs"]
mod travels;

pub use answer::Answer;
pub use codec::{Malformed, ROOM, Reader, Wire};
pub use parts::{
    Connection, Content, Ended, Entry, Failure, Find, Finish, Found, Held, Kind, Output, Process,
    Sifted, Stat, Step, Unresolved,
};
pub use request::{Command, Request, Searching, Whom};

/// The version of this language; the first answer says which one the probe speaks.
pub const WIRE_VERSION: u32 = 2;

/// No frame's payload is longer than this.
pub const MAX_FRAME: usize = 64 << 20;

/// The most bytes of content that one answer carries; the rest of a frame is for what describes it.
pub const MAX_CONTENT: usize = 48 << 20;

/// The bytes in front of each payload: its length, little-endian.
pub const HEADER: usize = 4;

/// A frame whose announced length is above the limit. What follows cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// The length that was announced.
    pub announced: u32,
    /// The limit that it broke.
    pub limit: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { announced, limit } = self;
        write!(
            f,
            "a frame of {announced} bytes is announced, the limit is {limit}"
        )
    }
}

impl std::error::Error for TooLong {}

/// The frame that carries a payload, or `None` when the payload is above [`MAX_FRAME`].
pub fn frame(payload: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(payload.len()).ok()?;
    if payload.len() > MAX_FRAME {
        return None;
    }
    let mut whole = Vec::with_capacity(HEADER + payload.len());
    whole.extend_from_slice(&length.to_le_bytes());
    whole.extend_from_slice(payload);
    Some(whole)
}

/// The payload of the first frame of `buffer`, or `None` while it has not arrived whole.
///
/// The frame takes [`HEADER`] bytes and the payload's own.
pub fn first_frame(buffer: &[u8], limit: usize) -> Result<Option<&[u8]>, TooLong> {
    let Some((header, rest)) = buffer.split_first_chunk::<HEADER>() else {
        return Ok(None);
    };
    let announced = u32::from_le_bytes(*header);
    match usize::try_from(announced) {
        Ok(length) if length <= limit => Ok(rest.get(..length)),
        _ => Err(TooLong { announced, limit }),
    }
}

/// The 64-bit FNV-1a hash, by which the harness knows its own probe.
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
