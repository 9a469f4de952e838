//! Suites of `fixtures/behaviour`, which say themselves what must come of each line. Those of a folder
//! are run together.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use seaworthy::Report;
use seaworthy::report::json;
use seaworthy::run::outcome::Outcome;

use super::bench::{Job, Result, root};

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
    let ran = Job::files(suites).run()?;
    ran.as_written()?;
    judged_again(&ran.told)
}

/// By what the report holds alone, everything comes to the same.
fn judged_again(told: &Outcome) -> Result {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let report = folder.path().join("report.json");
    std::fs::write(&report, json::of(told, Some(0))).map_err(|error| error.to_string())?;
    let read = Report::read(&report).and_then(|read| read.judged_again());
    let read = read.map_err(|why| why.to_string())?;
    let again = read.outcome();
    // No report says it, since nobody but who changes what is judged goes by it.
    let told = &Outcome {
        unmade: Vec::new(),
        ..told.clone()
    };
    let both = told.cases.iter().zip(&again.cases);
    let differ = both.filter(|(first, second)| first != second);
    let differ: Vec<String> = differ
        .map(|(first, second)| format!("judged again it is otherwise:\n{first:#?}\n{second:#?}"))
        .collect();
    match (differ.is_empty(), again == told) {
        (true, true) => Ok(()),
        (true, false) => Err("the run as a whole is otherwise when it is judged again".to_owned()),
        _ => Err(differ.join("\n")),
    }
}
