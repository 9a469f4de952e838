//! How values become bytes and bytes become values.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The most memory that the lists of one message take: a few bytes can stand for a value that takes many.
pub const ROOM: usize = 256 << 20;

/// Bytes that are no value of the expected type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// What was being read when it stopped making sense.
    pub what: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed message: {}", self.what)
    }
}

impl std::error::Error for Malformed {}

/// What is left of a message that is being read.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
    room: usize,
}

impl<'a> Reader<'a> {
    /// Reads from the start of a message.
    pub fn new(message: &'a [u8]) -> Self {
        Self {
            rest: message,
            room: ROOM,
        }
    }

    /// Takes the room for a list of so many values, each of which is a byte or more of the message.
    fn room(&mut self, count: usize, size: usize) -> Result<(), Malformed> {
        if count > self.rest.len() {
            return Err(Malformed {
                what: "a list is longer than its message",
            });
        }
        let left = self.room.checked_sub(count.saturating_mul(size));
        self.room = left.ok_or(Malformed {
            what: "its lists take too much memory",
        })?;
        Ok(())
    }

    /// Takes that many bytes.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Malformed {
            what: "it ends too early",
        })?;
        self.rest = rest;
        Ok(taken)
    }

    /// Whether all of the message was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// A value that travels.
pub trait Wire: Sized {
    /// Appends the value's bytes.
    fn put(&self, out: &mut Vec<u8>);

    /// Reads one value.
    fn take(from: &mut Reader<'_>) -> Result<Self, Malformed>;

    /// Appends the bytes of many values.
    fn put_all(values: &[Self], out: &mut Vec<u8>) {
        for value in values {
            value.put(out);
        }
    }

    /// Reads that many values.
    fn take_all(count: usize, from: &mut Reader<'_>) -> Result<Vec<Self>, Malformed> {
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(Self::take(from)?);
        }
        Ok(values)
    }

    /// The whole message for this value.
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.put(&mut out);
        out
    }

    /// The value that a whole message holds.
    fn decode(message: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(message);
        let value = Self::take(&mut reader)?;
        if reader.is_empty() {
            Ok(value)
        } else {
            Err(Malformed {
                what: "bytes are left over",
            })
        }
    }
}

impl Wire for u8 {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(from.bytes(1)?.first().copied().unwrap_or_default())
    }

    fn put_all(values: &[Self], out: &mut Vec<u8>) {
        out.extend_from_slice(values);
    }

    fn take_all(count: usize, from: &mut Reader<'_>) -> Result<Vec<Self>, Malformed> {
        from.bytes(count).map(<[u8]>::to_vec)
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Wire for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn take(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                let bytes = from.bytes(size_of::<Self>())?;
                let bytes = bytes.try_into().map_err(|_| Malformed { what: "a number" })?;
                Ok(Self::from_le_bytes(bytes))
            }
        }
    )*};
}

numbers!(u16, u32, u64, i32, i64);

impl Wire for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed {
                what: "a yes or no",
            }),
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        // A longer list cannot be in a frame: the frame is refused, so what is written here is moot.
        u32::try_from(self.len()).unwrap_or(u32::MAX).put(out);
        T::put_all(self, out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = usize::try_from(u32::take(from)?).map_err(|_| Malformed { what: "a list" })?;
        from.room(count, size_of::<T>())?;
        T::take_all(count, from)
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(if bool::take(from)? {
            Some(T::take(from)?)
        } else {
            None
        })
    }
}

impl<T: Wire, E: Wire> Wire for Result<T, E> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_ok().put(out);
        match self {
            Ok(value) => value.put(out),
            Err(value) => value.put(out),
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(if bool::take(from)? {
            Ok(T::take(from)?)
        } else {
            Err(E::take(from)?)
        })
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok((A::take(from)?, B::take(from)?))
    }
}

impl Wire for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_bytes().to_vec().put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::from_utf8(Vec::take(from)?).map_err(|_| Malformed { what: "a text" })
    }
}

impl Wire for IpAddr {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::V4(address) => (4_u8, address.to_bits()).put(out),
            Self::V6(address) => {
                out.push(6);
                out.extend_from_slice(&address.octets());
            }
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        match u8::take(from)? {
            4 => Ok(Self::V4(Ipv4Addr::from_bits(u32::take(from)?))),
            6 => {
                let octets: [u8; 16] = from
                    .bytes(16)?
                    .try_into()
                    .map_err(|_| Malformed { what: "an address" })?;
                Ok(Self::V6(Ipv6Addr::from(octets)))
            }
            _ => Err(Malformed { what: "an address" }),
        }
    }
}

impl Wire for SocketAddr {
    fn put(&self, out: &mut Vec<u8>) {
        (self.ip(), self.port()).put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        <(IpAddr, u16)>::take(from).map(Self::from)
    }
}
