//! Looks for files by how their names end, and reads the beginning of each.

use std::fs;

use crate::files::{describe, path, start_of};
use crate::sys;
use crate::walk::{self, Bounds};
use crate::wire::{Answer, Found, Kind};

/// What a find takes on the wire beside its path and its content.
const OVERHEAD: usize = 100;
const MAX_EACH: u32 = 1 << 20;

pub(crate) fn find(
    root: Vec<u8>,
    bounds: &Bounds,
    ends: &[(Vec<u8>, Vec<u8>)],
    max_each: u32,
) -> Answer {
    let max = usize::try_from(max_each.min(MAX_EACH)).unwrap_or_default();
    let mut found = Vec::new();
    let walked = walk::visit(root, bounds, |at, stat| {
        if !ends.iter().any(|ends| is_meant(&at, ends)) {
            return 0;
        }
        let link = stat.target.clone();
        let there = match stat.kind {
            Kind::Link => fs::metadata(path(&at))
                .map(|there| describe(&there, None))
                .map_err(|error| sys::errno(&error)),
            _ => Ok(stat),
        };
        let is_file = there.as_ref().is_ok_and(|there| there.kind == Kind::File);
        let content = (max > 0 && is_file).then(|| start_of(&at, max));
        let held = match &content {
            Some(Ok(content)) => content.data.len(),
            _ => 0,
        };
        let bytes = at.len() + OVERHEAD + held + link.as_ref().map_or(0, Vec::len);
        found.push(Found {
            path: at,
            link,
            there,
            content,
        });
        bytes
    });
    Answer::Finds {
        found,
        truncated: walked.truncated,
        errors: walked.errors,
    }
}

/// Whether a path's folder and name end as is asked for.
fn is_meant(at: &[u8], (folder_ends, name_ends): &(Vec<u8>, Vec<u8>)) -> bool {
    let slash = at
        .iter()
        .rposition(|byte| *byte == b'/')
        .unwrap_or_default();
    let (folder, name) = at.split_at_checked(slash).unwrap_or((&[], at));
    folder.ends_with(folder_ends) && name.ends_with(name_ends)
}
