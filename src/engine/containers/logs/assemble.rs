//! Lines made whole from the pieces that an engine sends, each piece with a time before it.

use std::collections::VecDeque;

use super::super::super::demux::{Channel, Piece};
use super::{LogLine, Logs, Moment};

/// The most that is kept of one line, its beginning.
const LINE_LIMIT: usize = 1024 * 1024;

/// What a line costs beside its bytes.
const LINE_COST: usize = 96;

/// Puts lines together, one of each channel at a time.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    stdout: Open,
    stderr: Open,
    cut: bool,
}

/// A line that has not ended.
#[derive(Debug, Default)]
struct Open {
    /// The time, as far as it was read.
    stamp: Vec<u8>,
    /// The time is whole, and what comes belongs to the line.
    stamped: bool,
    at: Option<Moment>,
    bytes: Vec<u8>,
    /// Something was seen of it, be it only its time.
    begun: bool,
    /// Its last piece had no end: the next one repeats a time that is none of the line's.
    continued: bool,
}

impl Assembler {
    /// Adds a piece and gives the lines that it ends.
    pub(super) fn add(&mut self, piece: Piece<'_>, ready: &mut VecDeque<LogLine>) {
        let open = match piece.channel {
            Channel::Stdout => &mut self.stdout,
            Channel::Stderr => &mut self.stderr,
        };
        if piece.begins && open.begun && open.stamped {
            open.stamped = false;
            open.stamp.clear();
            open.continued = true;
        }
        let mut rest = piece.bytes;
        while !rest.is_empty() {
            open.begun = true;
            if !open.stamped {
                rest = open.read_stamp(rest);
                continue;
            }
            let end = rest.iter().position(|&byte| byte == b'\n');
            let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
            let room = LINE_LIMIT.saturating_sub(open.bytes.len()).min(part.len());
            self.cut |= room < part.len();
            open.bytes.extend_from_slice(&part[..room]);
            rest = after;
            if end.is_some() {
                rest = &rest[1..];
                ready.push_back(open.take(piece.channel));
            }
        }
    }

    /// Gives what has not ended by a line end.
    pub(super) fn end(&mut self, ready: &mut VecDeque<LogLine>) {
        for (open, channel) in [
            (&mut self.stdout, Channel::Stdout),
            (&mut self.stderr, Channel::Stderr),
        ] {
            if open.begun {
                open.give_up_stamp();
                ready.push_back(open.take(channel));
            }
        }
    }

    /// Whether the rest of a very long line was left out.
    pub(super) fn was_cut(&self) -> bool {
        self.cut
    }
}

/// The longest time an engine writes: `2026-11-21T01:44:11.296673322+00:00`.
const STAMP_LIMIT: usize = 40;

impl Open {
    /// Reads the time at the front of a piece up to its space; gives what follows.
    fn read_stamp<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = bytes.iter().position(|&byte| matches!(byte, b' ' | b'\n'));
        match end {
            Some(end) if bytes[end] == b' ' && self.stamp.len() + end <= STAMP_LIMIT => {
                self.stamp.extend_from_slice(&bytes[..end]);
                let moment = std::str::from_utf8(&self.stamp).ok().and_then(Moment::read);
                if let Some(moment) = moment.filter(|moment| moment.nanos.is_some()) {
                    if !self.continued {
                        self.at = Some(moment);
                    }
                    self.stamp.clear();
                    self.stamped = true;
                    return &bytes[end + 1..];
                }
                self.give_up_stamp();
                &bytes[end..]
            }
            None if self.stamp.len() + bytes.len() <= STAMP_LIMIT => {
                self.stamp.extend_from_slice(bytes);
                &[]
            }
            _ => {
                self.give_up_stamp();
                bytes
            }
        }
    }

    /// What was taken for a time is a part of the line.
    fn give_up_stamp(&mut self) {
        let stamp = std::mem::take(&mut self.stamp);
        self.bytes.extend_from_slice(&stamp);
        self.stamped = true;
    }

    fn take(&mut self, channel: Channel) -> LogLine {
        let open = std::mem::take(self);
        LogLine {
            channel,
            at: open.at,
            bytes: open.bytes,
        }
    }
}

/// The newest lines that fit.
#[derive(Debug)]
pub(super) struct Tail {
    lines: VecDeque<LogLine>,
    room: usize,
    used: usize,
    cut: bool,
}

impl Tail {
    pub(super) fn new(room: usize) -> Self {
        Self {
            lines: VecDeque::new(),
            room,
            used: 0,
            cut: false,
        }
    }

    pub(super) fn add(&mut self, line: LogLine) {
        self.used += line.bytes.len() + LINE_COST;
        self.lines.push_back(line);
        while self.used > self.room {
            let Some(oldest) = self.lines.pop_front() else {
                break;
            };
            self.used -= oldest.bytes.len() + LINE_COST;
            self.cut = true;
        }
    }

    pub(super) fn into_logs(self, line_cut: bool) -> Logs {
        Logs {
            lines: self.lines.into(),
            cut: self.cut || line_cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2026-11-21T01:44:11.296673322Z";

    fn assemble(pieces: &[(Channel, &str)]) -> Vec<(Channel, bool, String)> {
        let mut assembler = Assembler::default();
        let mut ready = VecDeque::new();
        for (channel, text) in pieces {
            // Each byte by itself: the hardest cut.
            for (at, byte) in text.as_bytes().chunks(1).enumerate() {
                let piece = Piece {
                    channel: *channel,
                    bytes: byte,
                    begins: at == 0,
                };
                assembler.add(piece, &mut ready);
            }
        }
        assembler.end(&mut ready);
        ready
            .into_iter()
            .map(|line| {
                let text = String::from_utf8(line.bytes).unwrap();
                (line.channel, line.at.is_some(), text)
            })
            .collect()
    }

    #[test]
    fn each_line_has_its_time_and_its_channel() {
        use Channel::{Stderr, Stdout};
        let one = format!("{AT} one two\n");
        let two = format!("{AT} oops\n");
        let empty = format!("{AT} \n");
        let open = format!("{AT} no end");
        assert_eq!(
            assemble(&[
                (Stdout, &one),
                (Stderr, &two),
                (Stdout, &empty),
                (Stdout, &open)
            ]),
            [
                (Stdout, true, "one two".to_owned()),
                (Stderr, true, "oops".to_owned()),
                (Stdout, true, String::new()),
                (Stdout, true, "no end".to_owned()),
            ]
        );
    }

    #[test]
    fn a_long_line_in_several_pieces_is_one_line_without_the_repeated_times() {
        use Channel::{Stderr, Stdout};
        let (a, b, c) = (
            format!("{AT} aa"),
            format!("{AT} err\n"),
            format!("{AT} bb\n"),
        );
        assert_eq!(
            assemble(&[(Stdout, &a), (Stderr, &b), (Stdout, &c)]),
            [
                (Stderr, true, "err".to_owned()),
                (Stdout, true, "aabb".to_owned())
            ]
        );
    }

    #[test]
    fn a_line_without_a_time_is_kept_as_it_is() {
        use Channel::Stdout;
        for text in [
            "no time here",
            "short",
            "a-very-long-word-that-cannot-be-a-time-at-all-ever x",
            "x",
            "",
        ] {
            let seen = assemble(&[(Stdout, &format!("{text}\n"))]);
            assert_eq!(seen, [(Stdout, false, text.to_owned())]);
        }
    }

    #[test]
    fn the_newest_lines_are_kept() {
        let line = |text: &str| LogLine {
            channel: Channel::Stdout,
            at: None,
            bytes: text.as_bytes().to_vec(),
        };
        let mut tail = Tail::new(2 * (LINE_COST + 1));
        for text in ["a", "b", "c"] {
            tail.add(line(text));
        }
        let logs = tail.into_logs(false);
        assert_eq!(logs.lines, [line("b"), line("c")]);
        assert!(logs.cut);
        let mut none = Tail::new(3);
        none.add(line("abc"));
        assert!(none.into_logs(false).lines.is_empty());
    }

    #[test]
    fn one_endless_line_is_bounded() {
        let mut assembler = Assembler::default();
        let mut ready = VecDeque::new();
        let bytes = vec![b'x'; LINE_LIMIT];
        for begins in [true, false, false] {
            let piece = Piece {
                channel: Channel::Stdout,
                bytes: &bytes,
                begins,
            };
            assembler.add(piece, &mut ready);
        }
        assembler.end(&mut ready);
        assert_eq!(ready[0].bytes.len(), LINE_LIMIT);
        assert!(assembler.was_cut());
    }
}
