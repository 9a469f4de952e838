//! Searches files for words, and takes those of certain names along.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use crate::files::{open_quietly, path, start};
use crate::needles::Needles;
use crate::sys;
use crate::tree::Round;
use crate::wire::{Answer, Find, Held, MAX_CONTENT, Searching};

/// How much of a file is read at once.
const CHUNK: usize = 256 << 10;

/// What a find takes on the wire beside its texts.
const OVERHEAD: usize = 64;

pub(crate) fn search(root: &[u8], skip: &[Vec<u8>], asked: Searching) -> Answer {
    let mut search = Search {
        needles: Needles::new(asked.needles.clone()),
        buffer: vec![0; CHUNK],
        held: Vec::new(),
        finds: Vec::new(),
        cut: Vec::new(),
        files: 0,
        bytes: 0,
        size: 0,
        asked,
    };
    if search.needles.is_none() && !search.asked.needles.is_empty() {
        return Answer::Refused {
            text: "a word to search for is too short".to_owned(),
        };
    }
    let mut round = Round::default();
    round.go(root, skip, |round, at| {
        if let Err(error) = search.file(&at) {
            round.failed(at, sys::errno(&error));
        }
        search.size < MAX_CONTENT
    });
    Answer::Searched {
        held: search.held,
        finds: search.finds,
        cut: search.cut,
        files: search.files,
        bytes: search.bytes,
        truncated: round.truncated,
        errors: round.errors,
    }
}

struct Search {
    asked: Searching,
    needles: Option<Needles>,
    buffer: Vec<u8>,
    held: Vec<Held>,
    finds: Vec<Find>,
    cut: Vec<Vec<u8>>,
    files: u64,
    bytes: u64,
    /// What the answer holds so far.
    size: usize,
}

impl Search {
    fn file(&mut self, at: &[u8]) -> io::Result<()> {
        self.files += 1;
        let mut file = open_quietly(path(at))?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Ok(());
        }
        if self.is_named(at) {
            let most = usize::try_from(self.asked.max_held).unwrap_or(usize::MAX);
            let content = start(&mut file, most)?;
            self.size += at.len() + content.data.len() + OVERHEAD;
            self.held.push(Held {
                path: at.to_vec(),
                size: found.len(),
                content,
            });
            io::Seek::rewind(&mut file)?;
        }
        let Some(needles) = self.needles.take() else {
            return Ok(());
        };
        let searched = self.words(at, &mut file, &needles);
        self.needles = Some(needles);
        searched
    }

    fn is_named(&self, at: &[u8]) -> bool {
        let last = at.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let fits = |name: &Vec<u8>| match name.split_last() {
            Some((b'*', start)) => last.starts_with(start),
            _ => at.ends_with(name),
        };
        self.asked.names.iter().any(fits)
    }

    fn words(&mut self, at: &[u8], file: &mut File, needles: &Needles) -> io::Result<()> {
        let overlap = needles.longest() - 1;
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut finds: Vec<(u64, usize)> = Vec::new();
        let most = usize::try_from(self.asked.max_each).unwrap_or(usize::MAX);
        // Where the buffer's start lies in the file, and how much of it is there from before.
        let (mut from, mut kept) = (0_u64, 0_usize);
        let ended = loop {
            let count = match file.read(buffer.get_mut(kept..).unwrap_or_default()) {
                Ok(0) => break Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => break Err(error),
            };
            self.bytes += count as u64;
            let filled = kept + count;
            let text = buffer.get(..filled).unwrap_or_default();
            let mut full = false;
            needles.each(text, |begin, word| {
                let find = (from + begin as u64, word);
                // What lies wholly in what was there before was told before.
                if !finds.contains(&find) {
                    full = finds.len() >= most;
                    if !full {
                        finds.push(find);
                    }
                }
                !full
            });
            let keep = overlap.min(filled);
            if full || from + filled as u64 >= self.asked.max_size {
                self.cut.push(at.to_vec());
                self.size += at.len();
                break Ok(());
            }
            buffer.copy_within(filled - keep..filled, 0);
            from += (filled - keep) as u64;
            kept = keep;
        };
        self.buffer = buffer;
        ended?;
        finds.sort_unstable();
        self.take(at, file, &finds, needles)
    }

    /// Takes finds with what stands around them.
    fn take(
        &mut self,
        at: &[u8],
        file: &File,
        finds: &[(u64, usize)],
        needles: &Needles,
    ) -> io::Result<()> {
        let (mut line, mut counted) = (1, 0);
        for (offset, word) in finds {
            line += self.lines(file, counted, *offset)?;
            counted = *offset;
            let before = u64::from(self.asked.before).min(*offset);
            let length = needles.length(*word) as u64;
            let whole = before + length + u64::from(self.asked.after);
            let mut text = vec![0; usize::try_from(whole).unwrap_or(0).min(CHUNK)];
            let mut filled = 0;
            while let Some(rest) = text.get_mut(filled..).filter(|rest| !rest.is_empty()) {
                match file.read_at(rest, offset - before + filled as u64)? {
                    0 => break,
                    count => filled += count,
                }
            }
            text.truncate(filled);
            self.size += at.len() + text.len() + OVERHEAD;
            self.finds.push(Find {
                path: at.to_vec(),
                needle: u32::try_from(*word).unwrap_or(u32::MAX),
                line,
                before: u32::try_from(before).unwrap_or_default(),
                text,
            });
            if self.size >= MAX_CONTENT {
                break;
            }
        }
        Ok(())
    }

    /// How many lines end in this part of a file.
    fn lines(&mut self, file: &File, mut from: u64, to: u64) -> io::Result<u64> {
        let mut lines = 0;
        while from < to {
            let most = usize::try_from(to - from).unwrap_or(CHUNK).min(CHUNK);
            let part = self.buffer.get_mut(..most).unwrap_or_default();
            let count = file.read_at(part, from)?;
            if count == 0 {
                break;
            }
            let read = part.get(..count).unwrap_or_default();
            lines += read.iter().filter(|byte| **byte == b'\n').count() as u64;
            from += count as u64;
        }
        Ok(lines)
    }
}
