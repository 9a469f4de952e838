//! Suites of `fixtures/behaviour`, which say themselves what must come of each line. Those of a folder
//! are run together.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use super::bench::{Job, Result, root};
use super::expected::as_written;

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |path: PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let suites = if path.is_dir() {
            listed(&path)
        } else {
            vec![path.clone()]
        };
        Trial::test(format!("behaviour::{name}"), || {
            run(suites).map_err(Into::into)
        })
    };
    let all = listed(&root().join("fixtures/behaviour"));
    all.into_iter().map(trial).collect()
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A fragment is included by the others and has no image to run.
fn is_suite(path: &PathBuf) -> bool {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .any(|line| line.starts_with("image:") || line.starts_with("compose:"))
}

fn run(paths: Vec<PathBuf>) -> Result {
    let suites = paths.into_iter().filter(is_suite);
    as_written(&Job::files(suites).run()?)
}
