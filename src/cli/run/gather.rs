//! Reports of a run whose cases are run by processes of their own: each adds what came of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{FILES, JUDGED, STATEMENT, saved, started};
use crate::cli::save::Folder;
use crate::cli::saved::{self as earlier, Saved};
use crate::plan::shard::Name;
use crate::run::gathered;
use crate::run::outcome::Outcome;

/// Writes the reports of what came of all cases of this run so far into the folder. Those of another run that are there
/// are removed.
pub fn gather(
    path: &Path,
    run: &str,
    outcome: &Outcome,
    order: &[Name],
    began: Option<u64>,
) -> Result<Vec<PathBuf>, String> {
    let folder = Folder::shared(path)?;
    let mut new = outcome.clone();
    run.clone_into(&mut new.run);
    let before = earlier::read(&path.join(JUDGED), "added to", earlier::ANY).ok();
    let before: Option<Saved> = before.filter(|before| before.outcome.run == run);
    let Some(before) = before else {
        folder.empty(&[&FILES[..], &[STATEMENT]].concat())?;
        return saved(&new, &folder, began);
    };
    let began = before.began().into_iter().chain(began).min();
    let since = |began: u64| started().map(|now| now.saturating_sub(began));
    let took = Duration::from_secs(began.and_then(since).unwrap_or_default());
    let took = took.max(before.outcome.took).max(new.took);
    let whole = gathered::with(before.outcome, new, order, took);
    saved(&whole, &folder, began)
}
