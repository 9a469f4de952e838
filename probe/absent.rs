//! What the folders of the search path do not hold, since asking for it again may be dear: some file
//! systems remember what is there and ask anew for what is not.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How long ago a folder must have changed, so that the next change surely bears another time: no
/// file system's times are coarser than two seconds, and ours are cut to a second.
const SETTLED: Duration = Duration::from_secs(3);

/// The device, the inode, and the times of the last change of content and of attributes.
type State = (u64, u64, (i64, i64), (i64, i64));

struct Folder {
    state: State,
    names: BTreeSet<Vec<u8>>,
}

/// Names that were looked for in vain, for as long as the folder has not changed since.
pub(crate) struct Absent {
    folders: BTreeMap<Vec<u8>, Folder>,
    now: fn() -> SystemTime,
}

impl Absent {
    pub(crate) const fn new(now: fn() -> SystemTime) -> Self {
        Self {
            folders: BTreeMap::new(),
            now,
        }
    }

    pub(crate) fn knows(&self, folder: &Path, name: &[u8]) -> bool {
        let known = self.folders.get(key(folder));
        let known = known.filter(|known| known.names.contains(name));
        known.is_some_and(|known| {
            fs::metadata(folder).is_ok_and(|seen| state_of(&seen) == known.state)
        })
    }

    /// Remembers that the folder had no such entry, `seen` being the folder before it was asked.
    pub(crate) fn remember(&mut self, folder: &Path, seen: &Metadata, name: &[u8]) {
        // A link to nothing is there, and its target may come without the folder changing.
        let entry = fs::symlink_metadata(folder.join(OsStr::from_bytes(name)));
        let gone = entry.is_err_and(|error| error.kind() == ErrorKind::NotFound);
        if !gone || !settled(seen, (self.now)()) {
            return;
        }
        let state = state_of(seen);
        let fresh = || Folder {
            state,
            names: BTreeSet::new(),
        };
        let known = self
            .folders
            .entry(key(folder).to_vec())
            .or_insert_with(fresh);
        if known.state != state {
            *known = fresh();
        }
        known.names.insert(name.to_vec());
    }
}

fn key(folder: &Path) -> &[u8] {
    folder.as_os_str().as_bytes()
}

fn state_of(seen: &Metadata) -> State {
    let content = (seen.mtime(), seen.mtime_nsec());
    let attributes = (seen.ctime(), seen.ctime_nsec());
    (seen.dev(), seen.ino(), content, attributes)
}

fn settled(seen: &Metadata, now: SystemTime) -> bool {
    let changed = u64::try_from(seen.ctime()).unwrap_or(u64::MAX);
    let changed = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(changed));
    let age = changed.and_then(|at| now.duration_since(at).ok());
    age.is_some_and(|age| age > SETTLED)
}
