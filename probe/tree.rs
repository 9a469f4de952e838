//! Goes through the regular files below a folder.

use std::fs::{self, DirEntry};
use std::os::unix::ffi::OsStringExt;

use crate::files::path;
use crate::sys;

/// No more folders than this wait to be entered.
const FOLDERS: usize = 1 << 20;

/// No more than this is told of what could not be looked at.
const ERRORS: usize = 10_000;

/// What a round has met beside files.
#[derive(Default)]
pub(crate) struct Round {
    /// What could not be looked at, with the error number.
    pub(crate) errors: Vec<(Vec<u8>, i32)>,
    /// Whether some was left out.
    pub(crate) truncated: bool,
}

impl Round {
    /// Shows every regular file below `root`, but for what lies in folders that `skips` names; links are
    /// not followed. Ends where `see` says so.
    pub(crate) fn go(
        &mut self,
        root: &[u8],
        skips: impl Fn(&[u8]) -> bool,
        mut see: impl FnMut(&mut Self, Vec<u8>) -> bool,
    ) {
        if fs::symlink_metadata(path(root)).is_ok_and(|found| found.is_file()) {
            see(self, root.to_vec());
            return;
        }
        let mut ahead = vec![root.to_vec()];
        while let Some(folder) = ahead.pop() {
            let listed = match fs::read_dir(path(&folder)) {
                Ok(listed) => listed,
                Err(error) => {
                    self.failed(folder, sys::errno(&error));
                    continue;
                }
            };
            for entry in listed {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        self.failed(folder.clone(), sys::errno(&error));
                        break;
                    }
                };
                let at = join(&folder, &entry);
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && skips(&at) => {}
                    Ok(kind) if kind.is_dir() && ahead.len() < FOLDERS => ahead.push(at),
                    Ok(kind) if kind.is_dir() => self.truncated = true,
                    Ok(kind) if kind.is_file() => {
                        if !see(self, at) {
                            self.truncated = true;
                            return;
                        }
                    }
                    Ok(_) => {}
                    Err(error) => self.failed(at, sys::errno(&error)),
                }
            }
        }
    }

    /// Takes what could not be looked at. What is gone meanwhile is not there.
    pub(crate) fn failed(&mut self, at: Vec<u8>, errno: i32) {
        if errno == sys::ENOENT {
            return;
        }
        if self.errors.len() < ERRORS {
            self.errors.push((at, errno));
        } else {
            self.truncated = true;
        }
    }
}

fn join(folder: &[u8], entry: &DirEntry) -> Vec<u8> {
    let mut joined = folder.to_vec();
    if joined.last() != Some(&b'/') {
        joined.push(b'/');
    }
    joined.extend_from_slice(&entry.file_name().into_vec());
    joined
}
