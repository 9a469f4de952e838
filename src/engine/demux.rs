//! The engine's way to send standard output and standard error over one stream: each piece has a
//! header of eight bytes that names its channel and its length. With a terminal there is no header.

/// Which of a process's streams a piece comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Standard output; with a terminal, everything.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A piece of output, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Where it comes from.
    pub channel: Channel,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// It begins here; otherwise it goes on with the last one, as all of a raw stream does.
    pub begins: bool,
}

/// Takes the stream apart without holding any of it back.
#[derive(Debug)]
pub struct Demux {
    raw: bool,
    header: [u8; 8],
    have: usize,
    channel: Channel,
    left: usize,
    begins: bool,
}

impl Demux {
    /// For the stream of a process, which is raw where the process has a terminal.
    pub fn new(terminal: bool) -> Self {
        Self {
            raw: terminal,
            header: [0; 8],
            have: 0,
            channel: Channel::Stdout,
            left: 0,
            begins: false,
        }
    }

    /// Takes the next piece off the front of `bytes`; `None` once nothing is left of it.
    /// An error is a stream that is not the engine's.
    pub fn take<'a>(&mut self, bytes: &mut &'a [u8]) -> Result<Option<Piece<'a>>, String> {
        if self.raw {
            let all = std::mem::take(bytes);
            return Ok((!all.is_empty()).then_some(Piece {
                channel: Channel::Stdout,
                bytes: all,
                begins: false,
            }));
        }
        while self.left == 0 {
            let wanted = (8 - self.have).min(bytes.len());
            let (part, rest) = bytes.split_at(wanted);
            self.header[self.have..self.have + wanted].copy_from_slice(part);
            self.have += wanted;
            *bytes = rest;
            if self.have < 8 {
                return Ok(None);
            }
            self.begin()?;
        }
        let length = self.left.min(bytes.len());
        if length == 0 {
            return Ok(None);
        }
        let (piece, rest) = bytes.split_at(length);
        *bytes = rest;
        self.left -= length;
        Ok(Some(Piece {
            channel: self.channel,
            bytes: piece,
            begins: std::mem::take(&mut self.begins),
        }))
    }

    /// Whether the stream may end here.
    pub fn between_pieces(&self) -> bool {
        self.have == 0 && self.left == 0
    }

    fn begin(&mut self) -> Result<(), String> {
        let [channel, zeros @ .., a, b, c, d] = self.header;
        self.channel = match channel {
            // 0 is an echo of standard input, 3 an error of the engine's own.
            0 | 1 => Channel::Stdout,
            2 | 3 => Channel::Stderr,
            _ => return Err(format!("a piece of output begins with {channel}")),
        };
        if zeros != [0; 3] {
            return Err("the header of a piece of output is not one".to_owned());
        }
        self.left = u32::from_be_bytes([a, b, c, d]) as usize;
        self.have = 0;
        self.begins = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(channel: u8, bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap();
        let mut frame = vec![channel, 0, 0, 0];
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(bytes);
        frame
    }

    fn collect(demux: &mut Demux, pieces: &[&[u8]]) -> Result<(Vec<u8>, Vec<u8>, usize), String> {
        let (mut out, mut err, mut begun) = (Vec::new(), Vec::new(), 0);
        for mut bytes in pieces.iter().copied() {
            while let Some(piece) = demux.take(&mut bytes)? {
                begun += usize::from(piece.begins);
                match piece.channel {
                    Channel::Stdout => out.extend_from_slice(piece.bytes),
                    Channel::Stderr => err.extend_from_slice(piece.bytes),
                }
            }
        }
        Ok((out, err, begun))
    }

    #[test]
    fn channels_are_told_apart_wherever_the_stream_is_cut() {
        let stream = [
            frame(1, b"one\n"),
            frame(2, b"err"),
            frame(1, b""),
            frame(1, b"two"),
        ]
        .concat();
        for cut in 0..=stream.len() {
            let mut demux = Demux::new(false);
            let (head, tail) = stream.split_at(cut);
            let seen = collect(&mut demux, &[head, tail]).unwrap();
            assert_eq!(
                seen,
                (b"one\ntwo".to_vec(), b"err".to_vec(), 3),
                "cut at {cut}"
            );
            assert!(demux.between_pieces());
        }
    }

    #[test]
    fn an_end_within_a_piece_is_noticed() {
        let stream = frame(1, b"one");
        for cut in 1..stream.len() {
            let mut demux = Demux::new(false);
            collect(&mut demux, &[&stream[..cut]]).unwrap();
            assert!(!demux.between_pieces(), "cut at {cut}");
        }
    }

    #[test]
    fn what_is_not_such_a_stream_is_refused_and_a_terminal_is_raw() {
        assert!(collect(&mut Demux::new(false), &[b"HTTP/1.1 200 OK"]).is_err());
        assert!(collect(&mut Demux::new(false), &[&[1, 1, 0, 0, 0, 0, 0, 0]]).is_err());
        let seen = collect(&mut Demux::new(true), &[b"HTTP", b"/1.1"]).unwrap();
        assert_eq!(seen.0, b"HTTP/1.1");
    }
}
