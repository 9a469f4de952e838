//! Goes through the files of a layer that nobody sees who sees what lies over it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, FileType};
use std::io;
use std::os::unix::ffi::OsStrExt;

use crate::files::path;
use crate::sys;
use crate::tree::Round;

/// What is in a folder, and what each is. Links are not followed.
type Listed = HashMap<OsString, FileType>;

/// What lies over a layer.
pub(crate) struct Over<'a> {
    /// The tree that all layers make together.
    pub(crate) seen: &'a [u8],
    /// The layers above.
    pub(crate) above: &'a [Vec<u8>],
    /// Files over which something else is seen, that is no layer's. They have slashes in front.
    pub(crate) covered: &'a [Vec<u8>],
}

/// A folder of the layer that also some layer above has.
struct Shared {
    /// Below the layer's root, empty or with a slash in front.
    at: Vec<u8>,
    /// Which of the layers above have it.
    above: Vec<usize>,
}

impl Over<'_> {
    /// Shows every regular file of the layer that is not the one that is seen at its place, but for what lies
    /// in folders that `skips` names, and those that are covered and that no layer above has. That a layer takes something away is told by what is not seen: the marks
    /// for it differ.
    pub(crate) fn go(
        &self,
        round: &mut Round,
        layer: &[u8],
        skips: impl Fn(&[u8]) -> bool,
        mut see: impl FnMut(&mut Round, Vec<u8>) -> bool,
    ) {
        for at in self.covered {
            let has = |root: &[u8]| {
                let whole = [root, at.as_slice()].concat();
                fs::symlink_metadata(path(&whole)).is_ok_and(|found| found.is_file())
            };
            // Where one above has it, it is found on the way.
            if has(layer) && !self.above.iter().any(|root| has(root)) {
                see(round, [layer, at.as_slice()].concat());
            }
        }
        let mut ahead = vec![Shared {
            at: Vec::new(),
            above: (0..self.above.len()).collect(),
        }];
        while let Some(folder) = ahead.pop() {
            let here = [layer, folder.at.as_slice()].concat();
            let own = match listed(&here) {
                Ok(own) => own,
                Err(error) => {
                    round.failed(here, sys::errno(&error));
                    continue;
                }
            };
            // What cannot be compared counts as hidden, and is searched once more than needed.
            let seen = listed(&[self.seen, folder.at.as_slice()].concat()).unwrap_or_default();
            let above: Vec<(usize, Listed)> = folder
                .above
                .iter()
                .filter_map(|&number| {
                    let root = self.above.get(number)?;
                    Some((number, listed(&[root.as_slice(), &folder.at].concat()).ok()?))
                })
                .collect();
            for (name, kind) in own {
                let at = [folder.at.as_slice(), b"/", name.as_bytes()].concat();
                let whole = [layer, at.as_slice()].concat();
                // A mark that something is taken away is no file.
                if !kind.is_file() && !kind.is_dir() || kind.is_dir() && skips(&whole) {
                    continue;
                }
                let covering = above.iter().filter(|(_, names)| names.contains_key(&name));
                let is_seen = seen.get(&name);
                if is_seen.is_some() && covering.clone().next().is_none() {
                    continue;
                }
                if kind.is_dir() && is_seen.is_some_and(FileType::is_dir) {
                    let is_folder = |names: &Listed| names.get(&name).is_some_and(FileType::is_dir);
                    let shared = covering.filter(|(_, names)| is_folder(names));
                    let above = shared.map(|(number, _)| *number).collect();
                    ahead.push(Shared { at, above });
                } else {
                    round.go(&whole, &skips, &mut see);
                }
                if round.truncated {
                    return;
                }
            }
        }
    }
}

fn listed(folder: &[u8]) -> io::Result<Listed> {
    let mut listed = Listed::new();
    for entry in fs::read_dir(path(folder))? {
        let entry = entry?;
        listed.insert(entry.file_name(), entry.file_type()?);
    }
    Ok(listed)
}
