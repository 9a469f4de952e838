//! Picks files by their mode and their attributes.

use std::ffi::CString;

use crate::files::{look, path};
use crate::sys;
use crate::tree::Round;
use crate::wire::{Answer, MAX_CONTENT, Sifted, Stat};

/// What a file takes on the wire beside its path and its attributes.
const OVERHEAD: usize = 100;

/// What is looked for.
pub(crate) struct Sieve {
    /// Bits of which one is enough.
    pub(crate) mode: u16,
    /// Names of attributes of which one is enough.
    pub(crate) attributes: Vec<Vec<u8>>,
}

/// Whether anyone runs the file, or its owner could come to.
fn may_run(stat: &Stat) -> bool {
    stat.mode & 0o111 != 0 || stat.uid != 0
}

pub(crate) fn sift(root: &[u8], skip: &[Vec<u8>], sieve: &Sieve) -> Answer {
    let names: Vec<CString> = sieve
        .attributes
        .iter()
        .filter_map(|name| CString::new(name.clone()).ok())
        .collect();
    let mut files = Vec::new();
    let (mut looked, mut bytes) = (0, 0);
    let mut round = Round::default();
    let skips = |at: &[u8]| skip.iter().any(|skipped| skipped == at);
    round.go(root, skips, |round, at| {
        looked += 1;
        let stat = match look(path(&at)) {
            Ok(stat) => stat,
            Err(errno) => {
                round.failed(at, errno);
                return true;
            }
        };
        let mut attributes = Vec::new();
        // Each is a question of its own to the file system, which may take long to answer.
        let names = names.iter().filter(|_| may_run(&stat));
        for name in names {
            match sys::attribute(path(&at), name) {
                Ok(Some(value)) => attributes.push((name.as_bytes().to_vec(), value)),
                Ok(None) => {}
                Err(errno) => round.failed(at.clone(), errno),
            }
        }
        if stat.mode & sieve.mode != 0 || !attributes.is_empty() {
            bytes += at.len() + OVERHEAD;
            files.push(Sifted {
                path: at,
                stat,
                attributes,
            });
        }
        bytes < MAX_CONTENT
    });
    Answer::Sifted {
        files,
        looked,
        truncated: round.truncated,
        errors: round.errors,
    }
}
