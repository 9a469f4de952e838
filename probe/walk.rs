//! Lists a tree.

use std::fs;
use std::os::unix::ffi::OsStringExt;

use crate::files::{look, path};
use crate::sys;
use crate::wire::{Answer, Entry, Kind, MAX_CONTENT, Stat};

/// What an entry takes on the wire beside its path and its target.
const ENTRY_OVERHEAD: usize = 80;

/// How far a walk goes.
pub(crate) struct Bounds {
    pub(crate) max_depth: u32,
    pub(crate) max_entries: u32,
    pub(crate) same_device: bool,
    pub(crate) skip: Vec<Vec<u8>>,
}

/// What came of a walk beside what was met.
#[derive(Default)]
pub(crate) struct Walked {
    pub(crate) errors: Vec<(Vec<u8>, i32)>,
    pub(crate) truncated: bool,
    pub(crate) looked: usize,
    bytes: usize,
}

pub(crate) fn walk(root: Vec<u8>, bounds: &Bounds) -> Answer {
    let mut entries = Vec::new();
    let walked = visit(root, bounds, |path, stat| {
        let bytes = path.len() + ENTRY_OVERHEAD + stat.target.as_ref().map_or(0, Vec::len);
        entries.push(Entry { path, stat });
        bytes
    });
    Answer::Entries {
        entries,
        truncated: walked.truncated,
        errors: walked.errors,
    }
}

/// Shows everything on the way to `each`, which says how many bytes of the answer it takes.
pub(crate) fn visit(
    root: Vec<u8>,
    bounds: &Bounds,
    mut each: impl FnMut(Vec<u8>, Stat) -> usize,
) -> Walked {
    let mut found = Walked::default();
    let limit = usize::try_from(bounds.max_entries).unwrap_or(usize::MAX);
    let mut device = None;
    // Paths still to look at, the next one last.
    let mut ahead = vec![(root, 0_u32)];
    while let Some((at, depth)) = ahead.pop() {
        if found.looked >= limit || found.bytes >= MAX_CONTENT {
            found.truncated = true;
            break;
        }
        found.looked += 1;
        let stat = match look(path(&at)) {
            Ok(stat) => stat,
            Err(errno) => {
                found.fail(at, errno);
                continue;
            }
        };
        let home = *device.get_or_insert(stat.dev);
        // The root is followed where it is a link: what is asked for lies behind it.
        let folder = stat.kind == Kind::Directory
            || depth == 0 && fs::metadata(path(&at)).is_ok_and(|there| there.is_dir());
        let enter = folder
            && depth < bounds.max_depth
            && (stat.dev == home || !bounds.same_device)
            && (depth == 0 || !bounds.skip.contains(&at));
        found.bytes += each(at.clone(), stat);
        if enter {
            let fits = limit.saturating_sub(ahead.len());
            let mut names = found.names(&at, fits);
            names.sort_unstable_by(|a, b| b.cmp(a));
            ahead.extend(names.into_iter().map(|name| (join(&at, &name), depth + 1)));
        }
    }
    found
}

impl Walked {
    fn fail(&mut self, path: Vec<u8>, errno: i32) {
        self.bytes += path.len() + ENTRY_OVERHEAD;
        self.errors.push((path, errno));
    }

    /// The names in a folder; no more than there is room for, and one that shows there are more.
    fn names(&mut self, folder: &[u8], room: usize) -> Vec<Vec<u8>> {
        let mut names = Vec::new();
        let listed = match fs::read_dir(path(folder)) {
            Ok(listed) => listed,
            Err(error) => {
                self.fail(folder.to_vec(), sys::errno(&error));
                return names;
            }
        };
        for entry in listed {
            match entry {
                Ok(_) if names.len() > room => {
                    self.truncated = true;
                    break;
                }
                Ok(entry) => names.push(entry.file_name().into_vec()),
                Err(error) => {
                    self.fail(folder.to_vec(), sys::errno(&error));
                    break;
                }
            }
        }
        names
    }
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let mut joined = folder.to_vec();
    if joined.last() != Some(&b'/') {
        joined.push(b'/');
    }
    joined.extend_from_slice(name);
    joined
}
