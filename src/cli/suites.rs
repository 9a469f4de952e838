//! Reads many suite files, side by side.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::outside::Desk;
use crate::report::mask::Mask;
use crate::suite::grant::Allowed;
use crate::suite::{Suite, load};
use crate::text::diagnostic::Diagnostic;
use crate::text::source::Sources;

/// One file as it was read.
#[derive(Debug)]
pub struct Loaded<'a> {
    /// The file.
    pub path: &'a Path,
    /// The text of it and of what it includes.
    pub sources: Sources,
    /// Its suites: one, or several with a matrix.
    pub suites: Vec<Suite>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// Takes its secrets out of what is shown.
    pub mask: Mask,
}

impl Loaded<'_> {
    /// What is wrong with it, as text.
    pub fn complaints(&self, color: bool) -> Vec<String> {
        let said = self.diagnostics.iter();
        said.map(|d| self.mask.diagnostic(d, &self.sources, color))
            .collect()
    }
}

/// Reads every file, with what is allowed, and gives what `look` makes of each, in order.
pub fn each<T: Send>(
    files: &[PathBuf],
    allowed: &Allowed,
    look: impl Fn(&Loaded<'_>) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Vec::with_capacity(files.len()));
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = files.get(at) else { return };
            let mut sources = Sources::default();
            let read = load(&mut sources, path, &Desk, allowed);
            let mask = Mask::of(&read.secrets);
            let one = look(&Loaded {
                path,
                sources,
                suites: read.suites,
                diagnostics: read.diagnostics,
                mask,
            });
            if let Ok(mut made) = made.lock() {
                made.push((at, one));
            }
        }
    };
    let hands = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 1..hands.min(files.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut made = made.into_inner().unwrap_or_default();
    made.sort_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, one)| one).collect()
}
