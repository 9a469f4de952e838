//! Suites as tests of `cargo test`: a trial for each case.

mod hall;
mod reports;
mod trials;

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, FormatSetting, Trial};

use crate::api::interrupt::Guard;
use crate::api::reading::Reading;
use crate::cli::out::Out;
use crate::cli::run::started;
use crate::engine::{Fault, world};
use crate::plan::Plan;
use crate::plan::shard::{Name, names};
use crate::report::mask::Mask;
use crate::run::options::Options;
use crate::run::outcome::{Outcome, Trouble};
use crate::run::provenance;
use hall::{Hall, Work};
use reports::Reports;
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

    /// Writes the reports of `seaworthy run --report` into this folder. Below nextest, where each case is a process of
    /// its own, each adds its case to those of the same run. The variable `SEAWORTHY_REPORT` says the same, and goes
    /// before.
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
        let apart = said(NEXTEST).is_some();
        let report = said(REPORT).map(PathBuf::from).or(self.report.take());
        self.options.samples = report.is_some();
        let must = apart || said(REQUIRED).is_some();
        if let Some(threads) = arguments.test_threads {
            self.options.jobs = threads.max(1);
        }
        let reading = Reading::allowing(&self.paths, &self.allowed);
        let named = named(&reading, &self.options.selection);
        let wanted = wanted(&named, &arguments, apart);
        // Other processes take off of it what they judge.
        let taken = if apart { 0 } else { wanted.len() };
        let book = Book::of(&reading, &self.options, &named, &arguments, taken);
        // One run judges what the arguments choose, and nothing else.
        self.options.selection.cases = Some(wanted);
        let mut out = Out::default();
        let reports = match report.filter(|_| book.is_run) {
            None => Reports::None,
            Some(path) => match Reports::open(&path, apart) {
                Ok(reports) => reports,
                Err(why) => {
                    reports::told(&why, &mut out);
                    return code(false);
                }
            },
        };
        // An interruption is not to end the program before they are written.
        let writes = match &reports {
            Reports::None => None,
            _ => Guard::new().ok(),
        };
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
        let over = hall.over();
        let mut good = !conclusion.has_failed();
        for trouble in over.iter().flat_map(|(ended, _)| troubles(ended)) {
            good = false;
            out.error(&trouble.message, &[]);
        }
        let interrupted = matches!(&over, Some((Ok(outcome), _)) if outcome.interrupted);
        if let Some((outcome, began)) = book.closed(over) {
            good &= reports.write(&outcome, &book.order, began, quiet, &mut out);
        }
        drop(writes);
        match interrupted {
            true => ExitCode::from(130),
            false => code(good),
        }
    }
}

/// What belongs to no case of a run. What kept it from beginning is told by its trials.
fn troubles(ended: &Result<Outcome, Fault>) -> &[Trouble] {
    ended.as_ref().map_or(&[], |outcome| &outcome.troubles)
}

fn code(good: bool) -> ExitCode {
    match good {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(101),
    }
}

/// What reports need to know that a run may not live to say.
struct Book {
    /// That of a run that has not begun; nothing where it could not be masked.
    before: Option<Outcome>,
    mask: Mask,
    /// All cases, in the order of the suites.
    order: Vec<Name>,
    /// The files that are wrong and whose trial is run.
    wrong: Vec<String>,
    /// Whether a trial is run.
    is_run: bool,
}

impl Book {
    fn of(
        reading: &Reading,
        options: &Options,
        named: &[Named],
        arguments: &Arguments,
        taken: usize,
    ) -> Self {
        let (suites, sources) = (&reading.suites, &reading.sources);
        let plan = Plan::new(suites, &options.selection);
        let mask = Mask::of(suites.iter().flat_map(|suite| &suite.secrets));
        let mut before = provenance::of_run(suites, sources, &plan, options);
        let all: usize = suites.iter().map(|suite| suite.cases.len()).sum();
        before.unchosen = all - taken;
        let wrong = reading.wrong.iter().map(|(name, _)| name);
        let runs = |name: &&String| {
            let trial = Trial::test(name.as_str(), || Ok(()));
            !arguments.is_filtered_out(&trial) && !arguments.is_ignored(&trial)
        };
        let wrong: Vec<String> = wrong.filter(runs).cloned().collect();
        let cases = named.iter().filter(|one| one.skip.is_none());
        let any = cases.map(|one| &one.name).any(|name| runs(&name));
        Self {
            before: mask.outcome(before),
            mask,
            order: names(suites, &plan),
            is_run: (any || !wrong.is_empty()) && !arguments.list,
            wrong,
        }
    }

    /// What the reports are to say, and when it began.
    fn closed(
        &self,
        over: Option<(Result<Outcome, Fault>, Option<u64>)>,
    ) -> Option<(Outcome, Option<u64>)> {
        let (ended, began) = over.map_or((None, None), |(ended, began)| (Some(ended), began));
        let mut outcome = match ended {
            Some(Ok(outcome)) => outcome,
            Some(Err(fault)) => {
                let why = self.mask.text(fault.to_string());
                self.before.clone()?.not_begun(why)
            }
            None if self.wrong.is_empty() => return None,
            None => self.before.clone()?,
        };
        outcome
            .troubles
            .extend(self.wrong.iter().map(|name| Trouble {
                place: None,
                message: format!(
                    "`{name}` is not as it must be, so none of it was run; its test says why"
                ),
            }));
        Some((outcome, began.or_else(started)))
    }
}

/// The cases that are going to be run.
fn wanted(named: &[Named], arguments: &Arguments, apart: bool) -> HashSet<(usize, usize)> {
    let runs = |one: &&Named| {
        let skips = one.skip.is_some();
        let trial = Trial::test(one.name.clone(), || Ok(())).with_ignored_flag(skips);
        // What is skipped costs nothing, and belongs into the reports. It has no process of its own.
        let skipped = skips && !arguments.ignored;
        let out = arguments.is_filtered_out(&trial) && !(skipped && apart);
        !out && (skipped || !arguments.is_ignored(&trial))
    };
    named.iter().filter(runs).map(|one| one.at).collect()
}
