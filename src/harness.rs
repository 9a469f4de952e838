//! Suites as tests of `cargo test`: a trial for each case.

mod hall;
mod trials;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, FormatSetting, Trial};

use crate::api::reading::Reading;
use crate::cli::out::Out;
use crate::cli::run::{emptied, saved};
use crate::engine::world;
use crate::run::options::Options;
use crate::run::outcome::Outcome;
use hall::{Hall, Work};
use trials::{Named, named};

/// Makes what keeps cases from being judged (no engine) a failure, where it is set and not empty.
const REQUIRED: &str = "SEAWORTHY_REQUIRE_ENGINE";
/// Set by nextest in each test's process. It shows a test as passed that says only when it runs that it is
/// not run.
const NEXTEST: &str = "NEXTEST";
/// The image to judge, in place of the one that the suites build or name.
const IMAGE: &str = "SEAWORTHY_IMAGE";
/// A folder for the reports.
const REPORT: &str = "SEAWORTHY_REPORT";

/// The most threads that wait for verdicts.
const WAITING: usize = 256;

/// Runs all suites below a folder as tests: a trial for each case. That is the whole of a test file:
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     seaworthy::test("suites")
/// }
/// ```
///
/// In `Cargo.toml` it has no harness, since it brings its own:
///
/// ```toml
/// [dev-dependencies]
/// seaworthy = "0.1"
///
/// [[test]]
/// name = "containers"
/// harness = false
/// ```
pub fn test(folder: impl Into<PathBuf>) -> ExitCode {
    Harness::new(folder).run()
}

/// Suites that are run as tests. See [`test()`], which is all that most projects need.
#[derive(Debug)]
pub struct Harness {
    paths: Vec<PathBuf>,
    options: Options,
    report: Option<PathBuf>,
    allowed: Vec<String>,
}

impl Harness {
    /// All suites below a folder, or of a file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            paths: vec![path.into()],
            options: Options::default(),
            report: None,
            allowed: Vec::new(),
        }
    }

    /// More suites.
    #[must_use]
    pub fn and(mut self, path: impl Into<PathBuf>) -> Self {
        self.paths.push(path.into());
        self
    }

    /// Only cases that have one of these tags.
    #[must_use]
    pub fn tagged<S: Into<String>>(mut self, tags: impl IntoIterator<Item = S>) -> Self {
        self.options.selection.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Judges this image, by tag or digest, in place of the one that the suites build or name. The variable
    /// `SEAWORTHY_IMAGE` says the same, and goes before.
    #[must_use]
    pub fn on_image(mut self, image: impl Into<String>) -> Self {
        self.options.selection.image = Some(image.into());
        self
    }

    /// Allows the suites powers over this machine that they ask for, each as `--allow` of the command takes it, such
    /// as `network_mode=host`. The file `seaworthy.toml` is not read here.
    #[must_use]
    pub fn allowing<S: Into<String>>(mut self, powers: impl IntoIterator<Item = S>) -> Self {
        self.allowed.extend(powers.into_iter().map(Into::into));
        self
    }

    /// Writes the reports of `seaworthy run --report` into this folder, but not below nextest, where each case
    /// is a process of its own. The variable `SEAWORTHY_REPORT` says the same, and goes before.
    #[must_use]
    pub fn report(mut self, folder: impl Into<PathBuf>) -> Self {
        self.report = Some(folder.into());
        self
    }

    /// Does what the arguments of the process say, as any test of `cargo test` does, and gives its exit
    /// code: 0 where all that was run holds, 101 where something does not.
    pub fn run(mut self) -> ExitCode {
        let mut arguments = Arguments::from_args();
        let said = |name: &str| world::variable(name).filter(|value| !value.is_empty());
        if let Some(image) = said(IMAGE) {
            self.options.selection.image = Some(image);
        }
        // There each case has a process of its own, whose report would take the place of another's.
        let apart = said(NEXTEST).is_some();
        let report = said(REPORT).map(PathBuf::from).or(self.report);
        let report = report.filter(|_| !apart);
        self.options.samples = report.is_some();
        let must = apart || said(REQUIRED).is_some();
        if let Some(threads) = arguments.test_threads {
            self.options.jobs = threads.max(1);
        }
        let reading = Reading::allowing(&self.paths, &self.allowed);
        let named = named(&reading, &self.options.selection);
        // One run judges what the arguments choose, and nothing else.
        let wanted = wanted(&named, &arguments);
        self.options.selection.cases = Some(wanted);
        let quiet = arguments.quiet || arguments.format == Some(FormatSetting::Json);
        let hall = Arc::new(Hall::new(
            Work {
                suites: reading.suites,
                sources: reading.sources,
                options: self.options,
                quiet,
            },
            must,
        ));
        let mut trials: Vec<Trial> = Vec::new();
        for (name, text) in reading.wrong {
            trials.push(Trial::test(name, move || Err(format!("\n{text}").into())));
        }
        for one in named {
            let hall = Arc::clone(&hall);
            let ignored = one.skip.is_some();
            let trial = Trial::ignorable_test(one.name.clone(), move || hall.verdict(&one));
            trials.push(trial.with_ignored_flag(ignored));
        }
        // Each of them only waits.
        if arguments.test_threads != Some(1) {
            arguments.test_threads = Some(trials.len().clamp(2, WAITING));
        }
        let conclusion = libtest_mimic::run(&arguments, trials);
        let Some((outcome, began)) = hall.over() else {
            return code(!conclusion.has_failed());
        };
        let told = tell(&outcome, began, report.as_deref(), quiet);
        match outcome.interrupted {
            true => ExitCode::from(130),
            false => code(told && !conclusion.has_failed()),
        }
    }
}

fn code(good: bool) -> ExitCode {
    match good {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(101),
    }
}

/// Says what belongs to no case, and writes the reports; whether all of that is well.
fn tell(outcome: &Outcome, began: Option<u64>, report: Option<&Path>, quiet: bool) -> bool {
    let mut out = Out::default();
    for trouble in &outcome.troubles {
        out.error(&trouble.message, &[]);
    }
    let write = |folder| emptied(folder).and_then(|folder| saved(outcome, &folder, began));
    match report.map(write) {
        Some(Err(why)) => {
            let help = "name a folder that you may write to".to_owned();
            out.error(&why, &[help]);
            return false;
        }
        Some(Ok(paths)) if !quiet => {
            for path in paths {
                out.note(&format!("report: {}", path.display()));
            }
        }
        Some(Ok(_)) | None => {}
    }
    outcome.troubles.is_empty()
}

/// The cases that are going to be run.
fn wanted(named: &[Named], arguments: &Arguments) -> HashSet<(usize, usize)> {
    let runs = |one: &&Named| {
        let trial = Trial::test(one.name.clone(), || Ok(())).with_ignored_flag(one.skip.is_some());
        // What is skipped costs nothing, and belongs into the reports.
        let skipped = one.skip.is_some() && !arguments.ignored;
        !arguments.is_filtered_out(&trial) && (skipped || !arguments.is_ignored(&trial))
    };
    named.iter().filter(runs).map(|one| one.at).collect()
}
