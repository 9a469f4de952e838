//! Searches what is read for words, and keeps what has a name that is asked for. However long a file is, only a
//! part of it is held at once.

use std::io::{self, Read};

use regex::bytes::Regex;

use crate::fact::blob::Blob;
use crate::fact::search::{Find, Held, Search, Searched};

/// How much of a file is looked at at once.
const WINDOW: usize = 1 << 20;
/// The most of a file with such a name that is kept where it is no text.
const LOOK: usize = 8 << 10;
/// The most finds in one file.
const FINDS: usize = 1_000;
/// How much stands around a find.
const BEFORE: usize = 120;
const AFTER: usize = 240;

/// How much is read and kept.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Of one file.
    pub file: u64,
    /// Of one text with a name that is asked for.
    pub held: usize,
    /// Of all that is found and kept together.
    pub all: usize,
}

/// A search on its way.
#[derive(Debug)]
pub struct Scan {
    search: Search,
    words: Option<Regex>,
    longest: usize,
    bounds: Bounds,
    room: usize,
    /// What was found so far.
    pub found: Searched,
}

impl Scan {
    /// Nothing was read yet.
    pub fn new(search: &Search, bounds: Bounds) -> io::Result<Self> {
        let escaped: Vec<String> = search.words.iter().map(|w| regex::escape(w)).collect();
        let words = match escaped.as_slice() {
            [] => None,
            words => Some(Regex::new(&words.join("|")).map_err(io::Error::other)?),
        };
        Ok(Self {
            longest: search.words.iter().map(String::len).max().unwrap_or(0),
            search: search.clone(),
            words,
            bounds,
            room: bounds.all,
            found: Searched::default(),
        })
    }

    /// Whether a file has one of the names that are not searched, which is counted.
    pub fn passes(&mut self, path: &str) -> bool {
        let last = path.rsplit('/').next().unwrap_or("");
        let mut names = self.search.pass.iter();
        let passes = names.any(|name| match name.strip_suffix('*') {
            Some(part) => last.contains(part),
            None => last.ends_with(name.as_str()),
        });
        self.found.passed += u64::from(passes);
        passes
    }

    /// Whether a file lies in a folder that is not searched, or was compiled from another one of a package.
    pub fn leaves(&self, path: &str) -> bool {
        let below = |folder: &String| {
            let rest = path.strip_prefix(folder.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        if self.search.skip.iter().any(below) {
            return true;
        }
        let mut marks = self.search.packages.iter();
        marks.any(|mark| {
            let Some(at) = path.find(mark.as_str()) else {
                return false;
            };
            let folders = path[at + mark.len()..].rsplit('/').skip(1);
            let mut names = folders.map(|name| name.trim_start_matches('_'));
            names.any(|name| {
                name == "pycache__" || self.search.leave.iter().any(|left| left == name)
            })
        })
    }

    /// Searches one file of so many bytes.
    pub fn file(&mut self, name: &str, from: &mut impl Read, total: u64) -> io::Result<()> {
        self.found.count += 1;
        let mut head = self.is_wanted(name).then(Vec::new);
        let tail = self.longest + AFTER;
        let mut left = self.bounds.file;
        let mut partly = total > left;
        // What is looked at, where it goes on there, and the line that it begins in.
        let (mut text, mut at, mut line) = (Vec::new(), 0, 1);
        let mut finds = 0;
        loop {
            let known = text.len();
            let most = left.min((WINDOW + tail + BEFORE - known) as u64);
            from.by_ref().take(most).read_to_end(&mut text)?;
            let new = text.get(known..).unwrap_or_default();
            let count = new.len() as u64;
            left -= count;
            self.found.bytes += count;
            if let Some(head) = &mut head {
                let room = self.bounds.held - head.len().min(self.bounds.held);
                head.extend_from_slice(&new[..new.len().min(room)]);
            }
            let ended = count < most || left == 0;
            // What begins later may go on behind what is there.
            let firm = match ended {
                true => text.len(),
                false => text.len() - tail.min(text.len()),
            };
            while let Some(found) = self.next(&text, at).filter(|(begin, _)| *begin < firm) {
                at = found.1;
                if finds == FINDS {
                    partly = true;
                    break;
                }
                finds += 1;
                let find = around(name, &text, found, line);
                self.keep(
                    find.path.len() + find.before.len() + find.after.len(),
                    |seen| {
                        seen.finds.push(find);
                    },
                );
            }
            // What is wanted whole is read on.
            if ended || finds == FINDS && partly && head.is_none() {
                break;
            }
            at = at.max(firm);
            let gone = at.saturating_sub(BEFORE);
            line += ends(&text[..gone]);
            text.drain(..gone);
            at -= gone;
        }
        if let Some(head) = head {
            self.hold(name, head, total);
        }
        if partly {
            self.found.partly.push(name.to_owned());
        }
        Ok(())
    }

    /// Where the next word begins and ends.
    fn next(&self, text: &[u8], at: usize) -> Option<(usize, usize)> {
        let found = self.words.as_ref()?.find_at(text, at)?;
        Some((found.start(), found.end()))
    }

    /// Keeps the start of a file with a name that is asked for.
    fn hold(&mut self, name: &str, mut bytes: Vec<u8>, total: u64) {
        let first = &bytes[..bytes.len().min(LOOK)];
        let wide = first.starts_with(&[0xff, 0xfe]) || first.starts_with(&[0xfe, 0xff]);
        if first.contains(&0) && !wide {
            bytes.truncate(LOOK);
        }
        let path = name.to_owned();
        self.keep(bytes.len() + path.len(), |seen| {
            let content = Blob { bytes, total };
            seen.files.push(Held { path, content });
        });
    }

    /// Keeps something of that size, as long as there is room.
    fn keep(&mut self, size: usize, keep: impl FnOnce(&mut Searched)) {
        match self.room.checked_sub(size) {
            Some(room) => {
                self.room = room;
                keep(&mut self.found);
            }
            None => self.found.cut = true,
        }
    }

    /// Whether a file has one of the names that are wanted whole.
    fn is_wanted(&self, path: &str) -> bool {
        let last = path.rsplit('/').next().unwrap_or("");
        let whole = format!("/{path}");
        let mut names = self.search.names.iter();
        names.any(|name| match name.strip_suffix('*') {
            Some(start) => last.starts_with(start),
            None => whole.ends_with(name),
        })
    }
}

/// A find, with what stands around it in a part of a file that begins in that line.
fn around(name: &str, part: &[u8], (begin, end): (usize, usize), line: u64) -> Find {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Find {
        path: name.to_owned(),
        line: line + ends(&part[..begin]),
        word: text(&part[begin..end]),
        before: text(&part[begin.saturating_sub(BEFORE)..begin]),
        after: text(&part[end..part.len().min(end + AFTER)]),
    }
}

/// How many lines end in it.
fn ends(bytes: &[u8]) -> u64 {
    bytes.split(|byte| *byte == b'\n').count() as u64 - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        file: 16 << 20,
        held: 64,
        all: 4 << 20,
    };

    fn search() -> Search {
        let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Search {
            words: all(&["ghp_", "-----BEGIN "]),
            names: all(&["/.npmrc", ".env*"]),
            pass: all(&[".so"]),
            skip: all(&["/usr/share/doc"]),
            packages: all(&["/site-packages/"]),
            leave: all(&["tests"]),
        }
    }

    fn scanned(name: &str, text: &[u8]) -> Searched {
        let mut scan = Scan::new(&search(), BOUNDS).unwrap();
        scan.file(name, &mut &*text, text.len() as u64).unwrap();
        scan.found
    }

    #[test]
    fn a_word_is_found_once_wherever_it_stands_with_its_line_and_what_is_around_it() {
        // Across the end of what is looked at first, right before and behind it, and far from it.
        let end = WINDOW + AFTER + BEFORE + "-----BEGIN ".len();
        let near = (end - AFTER - 30..end + 10).step_by(7);
        for place in near.chain([0, 1, WINDOW, 3 * WINDOW]) {
            let mut text = vec![b'.'; 3 * WINDOW + 900];
            for at in (0..text.len()).step_by(1000) {
                text[at] = b'\n';
            }
            text[place..place + 5].copy_from_slice(b"ghp_A");
            let found = scanned("a", &text);
            let [find] = found.finds.as_slice() else {
                panic!("{place}: {:?}", found.finds);
            };
            assert_eq!(find.line, ends(&text[..place]) + 1, "{place}");
            assert_eq!(find.before.len(), place.min(BEFORE), "{place}");
            assert!(find.after.starts_with('A'), "{place}");
            assert_eq!(
                find.after.len(),
                AFTER.min(text.len() - place - 4),
                "{place}"
            );
            assert_eq!(found.bytes, text.len() as u64);
        }
    }

    #[test]
    fn what_is_too_long_or_too_much_is_said() {
        let many = "ghp_ \n".repeat(FINDS);
        assert_eq!(scanned("a", many.as_bytes()).partly, [""; 0]);
        let more = "ghp_ \n".repeat(FINDS + 1);
        let found = scanned("a", more.as_bytes());
        assert_eq!((found.finds.len(), found.partly.len()), (FINDS, 1));
        let long = vec![b'x'; usize::try_from(BOUNDS.file).unwrap() + 1];
        let found = scanned("b", &long);
        assert_eq!(
            (found.partly.as_slice(), found.bytes),
            (["b".to_owned()].as_slice(), BOUNDS.file)
        );
        let mut scan = Scan::new(&search(), Bounds { all: 50, ..BOUNDS }).unwrap();
        for name in ["x/.env", "y/.env"] {
            scan.file(name, &mut &[b'y'; 30][..], 30).unwrap();
        }
        assert_eq!((scan.found.files.len(), scan.found.cut), (1, true));
    }

    #[test]
    fn files_are_kept_passed_and_left_by_their_names() {
        let kept = scanned("/root/.npmrc", &[b'x'; 100]);
        let [held] = kept.files.as_slice() else {
            panic!("{:?}", kept.files);
        };
        assert_eq!((held.content.bytes.len(), held.content.total), (64, 100));
        let mut scan = Scan::new(&search(), BOUNDS).unwrap();
        assert!(scan.passes("/lib/a.so") && !scan.passes("/lib/a.so.d/b"));
        assert_eq!(scan.found.passed, 1);
        for (path, left) in [
            ("/usr/share/doc/a", true),
            ("/usr/share/docs", false),
            ("/v/site-packages/a/tests/key", true),
            ("/v/site-packages/a/_tests/key", true),
            ("/v/site-packages/a/__pycache__/x.cpython-311.pyc", true),
            ("/app/tests/key", false),
            ("/app/__pycache__/x.pyc", false),
            ("/v/site-packages/tests", false),
        ] {
            assert_eq!(scan.leaves(path), left, "{path}");
        }
    }
}
