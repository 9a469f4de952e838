//! The walk over a context's folder.

use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::error::ContextError;
use super::{Entry, EntryKind};
use crate::text::ignore::{Above, Ignore};

/// How deep folders may lie: far beyond any real context, and within what the stack holds.
const DEEPEST: usize = 256;

pub(super) struct Walked {
    pub(super) entries: Vec<Entry>,
    pub(super) notes: Vec<String>,
}

struct Walk<'a> {
    root: &'a Path,
    ignore: &'a Ignore,
    wildcards: bool,
    out: Walked,
}

/// Lists what is sent of a folder, in the order of names, folders before what they hold.
pub(super) fn walk(root: &Path, ignore: &Ignore, wildcards: bool) -> Result<Walked, ContextError> {
    let mut walk = Walk {
        root,
        ignore,
        wildcards,
        out: Walked {
            entries: Vec::new(),
            notes: Vec::new(),
        },
    };
    walk.folder(Path::new(""), &Above::default(), &mut Vec::new(), DEEPEST)?;
    Ok(walk.out)
}

impl Walk<'_> {
    /// `pending` are folders above that are left out themselves and are sent only once something
    /// below them is.
    fn folder(
        &mut self,
        folder: &Path,
        above: &Above,
        pending: &mut Vec<Entry>,
        depth: usize,
    ) -> Result<(), ContextError> {
        let here = self.root.join(folder);
        if depth == 0 {
            let error = std::io::Error::other("the folders lie too deep in each other");
            return Err(ContextError::unreadable(here, &error));
        }
        let unreadable = |error| ContextError::unreadable(&here, &error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&here).map_err(unreadable)? {
            names.push(entry.map_err(unreadable)?.file_name());
        }
        names.sort_unstable();
        for name in names {
            let path = folder.join(name);
            let (decision, below) = self.ignore.decide_below(above, &path.to_string_lossy());
            let full = self.root.join(&path);
            let metadata = match fs::symlink_metadata(&full) {
                Ok(metadata) => metadata,
                Err(_) if decision.ignored => continue,
                Err(error) => return Err(ContextError::changed(full, &error)),
            };
            let is_folder = metadata.is_dir();
            if decision.ignored {
                let text = path.to_string_lossy();
                if is_folder && self.ignore.may_take_back_below(&text, self.wildcards) {
                    pending.push(entry(path.clone(), EntryKind::Folder, &metadata));
                    let sent = pending.len();
                    self.folder(&path, &below, pending, depth - 1)?;
                    pending.truncate(pending.len().min(sent - 1));
                }
                continue;
            }
            let Some(kind) = self.kind(&full, &path, &metadata)? else {
                continue;
            };
            self.out.entries.append(pending);
            self.out.entries.push(entry(path.clone(), kind, &metadata));
            if is_folder {
                self.folder(&path, &below, pending, depth - 1)?;
            }
        }
        Ok(())
    }

    fn kind(
        &mut self,
        full: &Path,
        path: &Path,
        metadata: &Metadata,
    ) -> Result<Option<EntryKind>, ContextError> {
        let kind = metadata.file_type();
        if kind.is_dir() {
            return Ok(Some(EntryKind::Folder));
        }
        if kind.is_symlink() {
            let target = fs::read_link(full);
            let target = target.map_err(|error| ContextError::changed(full, &error))?;
            return Ok(Some(EntryKind::Link(target)));
        }
        if kind.is_file() {
            return Ok(Some(EntryKind::File));
        }
        let what = if kind.is_socket() {
            "a socket"
        } else {
            "a device or pipe"
        };
        let note = format!(
            "{} is {what} and is not sent to the builder",
            path.display()
        );
        self.out.notes.push(note);
        Ok(None)
    }
}

fn entry(path: PathBuf, kind: EntryKind, metadata: &Metadata) -> Entry {
    let size = if kind == EntryKind::File {
        metadata.len()
    } else {
        0
    };
    Entry {
        path,
        kind,
        mode: metadata.mode() & 0o7777,
        size,
        modified: metadata
            .mtime()
            .saturating_mul(1_000_000_000)
            .saturating_add(metadata.mtime_nsec()),
    }
}
