//! Searches files for words, and takes those of certain names along.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::beneath::Over;
use crate::files::{open_quietly, path, start};
use crate::needles::Needles;
use crate::sys;
use crate::tree::Round;
use crate::wire::{Answer, Find, Held, MAX_CONTENT, Searching};

/// How much of a file is read at once.
const CHUNK: usize = 256 << 10;

/// What a find takes on the wire beside its texts.
const OVERHEAD: usize = 64;

/// No more threads than this.
const THREADS: usize = 4;

/// No more Python files than this are kept in mind.
const SOURCES: usize = 100_000;

/// So many files go to a thread at once.
const BATCH: usize = 16;

/// What all threads share.
struct Shared {
    asked: Searching,
    needles: Option<Needles>,
    /// What the answer holds so far.
    size: AtomicUsize,
}

/// Searches the files below a folder; of a layer, those that are not seen where others lie over it.
pub(crate) fn search(
    root: &[u8],
    over: Option<&Over<'_>>,
    skip: &[Vec<u8>],
    asked: Searching,
) -> Answer {
    let needles = Needles::new(asked.needles.clone());
    if needles.is_none() && !asked.needles.is_empty() {
        return Answer::Refused {
            text: "a word to search for is too short".to_owned(),
        };
    }
    let shared = Shared {
        asked,
        needles,
        size: AtomicUsize::new(0),
    };
    let threads = thread::available_parallelism().map_or(1, |count| count.get().min(THREADS));
    let (sender, receiver) = mpsc::sync_channel::<Vec<Vec<u8>>>(THREADS * 4);
    let receiver = Mutex::new(receiver);
    let mut round = Round::default();
    let mut all = Search::new(&shared);
    thread::scope(|scope| {
        let work = || {
            let mut search = Search::new(&shared);
            search.all(&receiver);
            search
        };
        let start = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
        let started: Vec<_> = (0..threads).filter_map(start).collect();
        let mut batch = Vec::new();
        let mut sources = Sources::default();
        let skips =
            |at: &[u8]| skip.iter().any(|skipped| skipped == at) || is_left(&shared.asked, at);
        let see = |_: &mut Round, at: Vec<u8>| {
            sources.meet(&shared.asked, &at);
            // The source beside it may be seen, and is searched there.
            let is_compiled = over.is_some() && is_compiled(&shared.asked, &at);
            if is_compiled || sources.has(&shared.asked, &at) {
                all.passed += 1;
            } else if started.is_empty() {
                all.one(at);
            } else {
                batch.push(at);
                if batch.len() >= BATCH {
                    let _ = sender.send(std::mem::take(&mut batch));
                }
            }
            shared.size.load(Ordering::Relaxed) < MAX_CONTENT
        };
        match over {
            Some(over) => over.go(&mut round, root, skips, see),
            None => round.go(root, skips, see),
        }
        let _ = sender.send(batch);
        drop(sender);
        for search in started {
            match search.join() {
                Ok(search) => all.add(search),
                Err(_) => round.truncated = true,
            }
        }
    });
    for (at, errno) in std::mem::take(&mut all.errors) {
        round.failed(at, errno);
    }
    Answer::Searched {
        held: all.held,
        finds: all.finds,
        cut: all.cut,
        files: all.files,
        passed: all.passed,
        bytes: all.bytes,
        truncated: round.truncated,
        errors: round.errors,
    }
}

/// What lies below the folder of a package that this path leads through.
fn in_package<'a>(asked: &Searching, at: &'a [u8]) -> Option<&'a [u8]> {
    asked.packages.iter().find_map(|mark| {
        let begin = at
            .windows(mark.len().max(1))
            .position(|part| part == mark)?;
        at.get(begin + mark.len()..)
    })
}

/// Whether a folder is one of a package that is not entered.
fn is_left(asked: &Searching, folder: &[u8]) -> bool {
    let name = folder
        .rsplit(|byte| *byte == b'/')
        .next()
        .unwrap_or_default();
    let start = name
        .iter()
        .position(|byte| *byte != b'_')
        .unwrap_or(name.len());
    let bare = name.get(start..).unwrap_or_default();
    asked.leave.iter().any(|left| left == bare) && in_package(asked, folder).is_some()
}

/// Whether it is a file of a package that Python has compiled.
fn is_compiled(asked: &Searching, at: &[u8]) -> bool {
    at.ends_with(b".pyc") && in_package(asked, at).is_some()
}

/// The Python files of packages that were met. A folder's files are met before those of the folders in it.
#[derive(Default)]
struct Sources(HashSet<Vec<u8>>);

impl Sources {
    /// Takes note of one. Where there are too many, what they were compiled to is searched too.
    fn meet(&mut self, asked: &Searching, at: &[u8]) {
        if at.ends_with(b".py") && self.0.len() < SOURCES && in_package(asked, at).is_some() {
            self.0.insert(at.to_vec());
        }
    }

    /// Whether a file of a package is one of Python's, compiled from the one beside it, which is searched
    /// itself.
    fn has(&self, asked: &Searching, at: &[u8]) -> bool {
        let mark = b"/__pycache__/";
        let source = || {
            let at = at.strip_suffix(b".pyc")?;
            let begin = at.windows(mark.len()).rposition(|part| part == mark)?;
            let name = at.get(begin + mark.len()..)?;
            // `name.cpython-311`, `name.cpython-311.opt-1`
            let end = name.windows(9).position(|part| part == b".cpython-")?;
            let folder = at.get(..=begin)?;
            Some([folder, name.get(..end)?, b".py"].concat())
        };
        let is_met = |source: Vec<u8>| self.0.contains(&source);
        is_compiled(asked, at) && source().is_some_and(is_met)
    }
}

/// What one thread has searched.
struct Search<'a> {
    shared: &'a Shared,
    buffer: Vec<u8>,
    held: Vec<Held>,
    finds: Vec<Find>,
    cut: Vec<Vec<u8>>,
    errors: Vec<(Vec<u8>, i32)>,
    files: u64,
    passed: u64,
    bytes: u64,
}

impl<'a> Search<'a> {
    fn new(shared: &'a Shared) -> Self {
        Self {
            shared,
            buffer: vec![0; CHUNK],
            held: Vec::new(),
            finds: Vec::new(),
            cut: Vec::new(),
            errors: Vec::new(),
            files: 0,
            passed: 0,
            bytes: 0,
        }
    }

    /// Searches all files that come.
    fn all(&mut self, batches: &Mutex<Receiver<Vec<Vec<u8>>>>) {
        loop {
            let batch = match batches.lock() {
                Ok(batches) => batches.recv(),
                Err(_) => return,
            };
            let Ok(batch) = batch else { return };
            for at in batch {
                self.one(at);
            }
        }
    }

    fn one(&mut self, at: Vec<u8>) {
        if let Err(error) = self.file(&at) {
            self.errors.push((at, sys::errno(&error)));
        }
    }

    fn add(&mut self, mut other: Self) {
        self.held.append(&mut other.held);
        self.finds.append(&mut other.finds);
        self.cut.append(&mut other.cut);
        self.errors.append(&mut other.errors);
        self.files += other.files;
        self.passed += other.passed;
        self.bytes += other.bytes;
    }

    /// Takes note of what the answer will hold.
    fn takes(&self, bytes: usize) {
        self.shared
            .size
            .fetch_add(bytes + OVERHEAD, Ordering::Relaxed);
    }

    fn is_full(&self) -> bool {
        self.shared.size.load(Ordering::Relaxed) >= MAX_CONTENT
    }

    fn file(&mut self, at: &[u8]) -> io::Result<()> {
        if self.is_passed(at) {
            self.passed += 1;
            return Ok(());
        }
        self.files += 1;
        // That it is a regular file, its folder said: asking once more would cost as much as opening it.
        let mut file = open_quietly(path(at))?;
        if self.is_named(at) {
            let most = usize::try_from(self.shared.asked.max_held).unwrap_or(usize::MAX);
            let content = start(&mut file, most)?;
            self.takes(at.len() + content.data.len());
            self.held.push(Held {
                path: at.to_vec(),
                size: file.metadata()?.len(),
                content,
            });
            io::Seek::rewind(&mut file)?;
        }
        match &self.shared.needles {
            Some(needles) => self.words(at, &mut file, needles),
            None => Ok(()),
        }
    }

    fn is_passed(&self, at: &[u8]) -> bool {
        let last = at.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let fits = |name: &Vec<u8>| match name.split_last() {
            Some((b'*', part)) if !part.is_empty() => {
                last.windows(part.len()).any(|window| window == part)
            }
            _ => last.ends_with(name),
        };
        self.shared.asked.pass.iter().any(fits)
    }

    fn is_named(&self, at: &[u8]) -> bool {
        let last = at.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let fits = |name: &Vec<u8>| match name.split_last() {
            Some((b'*', start)) => last.starts_with(start),
            _ => at.ends_with(name),
        };
        self.shared.asked.names.iter().any(fits)
    }

    fn words(&mut self, at: &[u8], file: &mut File, needles: &Needles) -> io::Result<()> {
        let overlap = needles.longest() - 1;
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut finds: Vec<(u64, usize)> = Vec::new();
        let most = usize::try_from(self.shared.asked.max_each).unwrap_or(usize::MAX);
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
            if full || from + filled as u64 >= self.shared.asked.max_size {
                self.cut.push(at.to_vec());
                self.takes(at.len());
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
            let before = u64::from(self.shared.asked.before).min(*offset);
            let length = needles.length(*word) as u64;
            let whole = before + length + u64::from(self.shared.asked.after);
            let mut text = vec![0; usize::try_from(whole).unwrap_or(0).min(CHUNK)];
            let mut filled = 0;
            while let Some(rest) = text.get_mut(filled..).filter(|rest| !rest.is_empty()) {
                match file.read_at(rest, offset - before + filled as u64)? {
                    0 => break,
                    count => filled += count,
                }
            }
            text.truncate(filled);
            self.takes(at.len() + text.len());
            self.finds.push(Find {
                path: at.to_vec(),
                needle: u32::try_from(*word).unwrap_or(u32::MAX),
                line,
                before: u32::try_from(before).unwrap_or_default(),
                text,
            });
            if self.is_full() {
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
