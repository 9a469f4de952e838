//! The little of protocol buffers that the builder's messages need: fields out of bytes, and back.
//!
//! Reading is total: malformed bytes end a message early, they never fail a build.

/// A value as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A number of variable length.
    Number(u64),
    /// Text, bytes or a message.
    Bytes(&'a [u8]),
    /// A number of fixed length, which none of our messages has.
    Fixed,
}

impl<'a> Value<'a> {
    /// The bytes, or none.
    pub(super) fn bytes(self) -> &'a [u8] {
        match self {
            Value::Bytes(bytes) => bytes,
            Value::Number(_) | Value::Fixed => &[],
        }
    }

    /// The text, with what is no text replaced.
    pub(super) fn text(self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }

    /// The number, or zero.
    pub(super) fn number(self) -> u64 {
        match self {
            Value::Number(number) => number,
            Value::Bytes(_) | Value::Fixed => 0,
        }
    }
}

/// The fields of a message, in order.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a>(&'a [u8]);

/// Reads a message.
pub(super) fn fields(message: &[u8]) -> Fields<'_> {
    Fields(message)
}

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        field
    }
}

/// A message being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    /// Adds a number; zero is left out, as it is the default.
    #[must_use]
    pub(super) fn number(mut self, field: u64, value: u64) -> Self {
        if value != 0 {
            self.varint(field << 3);
            self.varint(value);
        }
        self
    }

    /// Adds bytes; empty ones are left out, as they are the default.
    #[must_use]
    pub(super) fn bytes(self, field: u64, value: &[u8]) -> Self {
        if value.is_empty() {
            self
        } else {
            self.message(field, value)
        }
    }

    /// Adds a message, an empty one too.
    #[must_use]
    pub(super) fn message(mut self, field: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    /// What was written.
    pub(super) fn done(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let inner = Message::default().bytes(1, b"name").done();
        let bytes = Message::default()
            .number(1, 300)
            .number(2, 0)
            .bytes(3, b"")
            .message(4, &inner)
            .message(5, &[])
            .number(6, u64::MAX)
            .done();
        let seen: Vec<_> = fields(&bytes).collect();
        assert_eq!(
            seen,
            [
                (1, Value::Number(300)),
                (4, Value::Bytes(&inner)),
                (5, Value::Bytes(b"")),
                (6, Value::Number(u64::MAX)),
            ]
        );
    }

    #[test]
    fn every_cut_and_every_byte_is_survived() {
        let bytes = Message::default().number(1, 300).bytes(2, b"hello").done();
        for end in 0..bytes.len() {
            assert!(fields(&bytes[..end]).count() <= 2);
        }
        for byte in 0..=u8::MAX {
            let _ = fields(&[byte; 40]).count();
        }
        // A length far beyond the message.
        assert_eq!(fields(&[0x12, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]).count(), 0);
        // Fixed ones are stepped over.
        assert_eq!(
            fields(&[0x0d, 1, 2, 3, 4, 0x10, 7]).last(),
            Some((2, Value::Number(7)))
        );
    }
}
