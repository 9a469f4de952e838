//! A context with one file changed, without touching the folder that it is read from.

use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use super::{Context, ContextError, Entry, EntryKind};

impl Context {
    /// Changes a file that is sent: white space is put to its end that no other build has, so that the
    /// builder cannot have met it before, and few programs mind it. What is no such file stays.
    pub fn change(&mut self, path: &Path) -> Result<(), ContextError> {
        let is_it = |entry: &&mut Entry| entry.path == path && entry.kind == EntryKind::File;
        let Some(entry) = self.entries.iter_mut().find(is_it) else {
            let gone = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(ContextError::changed(self.root.join(path), &gone));
        };
        // Each hasher has keys of its own, made from the system's randomness.
        let random = || RandomState::new().hash_one(0_u8);
        let bits = u128::from(random()) << 64 | u128::from(random());
        let blank = |bit: u32| if bits >> bit & 1 == 0 { b' ' } else { b'\n' };
        let mut added = vec![b'\n'];
        added.extend((0..u128::BITS).map(blank));
        added.push(b'\n');
        entry.size += added.len() as u64;
        // The builder takes a file of the same size and time for the same.
        entry.modified ^= i64::try_from(random() >> 20).unwrap_or(1) | 1;
        self.changed = Some((path.to_owned(), added));
        Ok(())
    }

    /// Whether something stands at a path of the folder, sent or not.
    pub fn is_there(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    /// What is put to the end of this entry's file.
    pub fn added(&self, entry: &Entry) -> &[u8] {
        match &self.changed {
            Some((path, added)) if *path == entry.path => added,
            _ => &[],
        }
    }
}
