//! Suites from Rust: read them, run them, look at what came of them.
//!
//! ```no_run
//! let suites = seaworthy::Suites::read(["suites"])?;
//! let report = suites.tagged(["fast"]).run()?;
//! assert!(report.holds(), "{report}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attach;
mod contained;
pub(crate) mod follow;
pub(crate) mod interrupt;
pub(crate) mod reading;

pub use attach::{Attached, Unjudged, attach};
pub use contained::Contained;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::cli::run::{emptied, saved as written, started};
use crate::cli::{judge, saved};
use crate::engine::Fault;
use crate::plan::Plan;
use crate::report::human;
use crate::report::style::{Characters, bare};
use crate::run::options::Options;
use crate::run::outcome::{CaseOutcome, Outcome};
use crate::suite::Suite;
use crate::text::source::Sources;
use follow::follow;
use reading::Reading;

/// Suites that are right, and how they are to be run.
#[derive(Debug)]
pub struct Suites {
    all: Vec<Suite>,
    sources: Sources,
    options: Options,
}

/// Suites that are not as they must be: all that is wrong with them, each with its place and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub(crate) String);

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Report {
    outcome: Outcome,
    began: Option<u64>,
}

impl Suites {
    /// Reads suite files and all suites below folders. Nothing asks the engine yet.
    ///
    /// ```
    /// let suites = seaworthy::Suites::read(["suites/aisopod"])?;
    /// assert!(suites.cases().iter().any(|name| name.starts_with("aisopod-first::")));
    ///
    /// let wrong = seaworthy::Suites::read(["no/such/folder"]).unwrap_err();
    /// assert!(wrong.to_string().contains("there is no file or folder `no/such/folder`"));
    /// # Ok::<(), seaworthy::Malformed>(())
    /// ```
    pub fn read<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, Malformed> {
        Self::read_allowing(paths, [""; 0])
    }

    /// The same, and allows the suites powers over this machine that they ask for, each as `--allow` of the command
    /// takes it, such as `network_mode=host`.
    pub fn read_allowing<P: AsRef<Path>, S: Into<String>>(
        paths: impl IntoIterator<Item = P>,
        powers: impl IntoIterator<Item = S>,
    ) -> Result<Self, Malformed> {
        let paths: Vec<PathBuf> = paths.into_iter().map(|p| p.as_ref().to_owned()).collect();
        let powers: Vec<String> = powers.into_iter().map(Into::into).collect();
        let Reading {
            suites,
            sources,
            wrong,
        } = Reading::allowing(&paths, &powers);
        if !wrong.is_empty() {
            let texts: Vec<String> = wrong.into_iter().map(|(_, text)| text).collect();
            return Err(Malformed(texts.join("\n\n")));
        }
        Ok(Self {
            all: suites,
            sources,
            options: Options::default(),
        })
    }

    /// Only cases that have one of these tags.
    #[must_use]
    pub fn tagged<S: Into<String>>(mut self, tags: impl IntoIterator<Item = S>) -> Self {
        self.options.selection.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Only cases with one of these texts in `suite::case`.
    #[must_use]
    pub fn named<S: Into<String>>(mut self, texts: impl IntoIterator<Item = S>) -> Self {
        self.options.selection.filter = texts.into_iter().map(Into::into).collect();
        self
    }

    /// Judges this image, by tag or digest, in place of the one that the suites build or name.
    #[must_use]
    pub fn on_image(mut self, image: impl Into<String>) -> Self {
        self.options.selection.image = Some(image.into());
        self
    }

    /// The engine, as the command's `--engine` has it; found as the Docker CLI finds it without.
    #[must_use]
    pub fn on_engine(mut self, engine: impl Into<String>) -> Self {
        self.options.engine = Some(engine.into());
        self
    }

    /// Runs so many containers side by side.
    #[must_use]
    pub fn side_by_side(mut self, jobs: usize) -> Self {
        self.options.jobs = jobs.max(1);
        self
    }

    /// The cases that would be run, as `suite::case`.
    pub fn cases(&self) -> Vec<String> {
        let plan = Plan::new(&self.all, &self.options.selection);
        let named = plan.cases.iter().filter_map(|&(suite, case)| {
            let suite = self.all.get(suite)?;
            let case = suite.cases.get(case)?;
            Some(format!("{}::{}", suite.name, case.name.value))
        });
        named.collect()
    }

    /// Runs them, removes all that was made, and says what came of it. An error is one that kept the run
    /// from beginning: there is no engine, or it is too old.
    ///
    /// It waits until all is done, also within an async runtime. Where the process is interrupted meanwhile,
    /// what was made is removed, and the process ends with exit code 130.
    pub fn run(self) -> Result<Report, Fault> {
        let began = started();
        let outcome = follow(self.all, self.sources, self.options, |_| ())?;
        Ok(Report { outcome, began })
    }
}

impl Report {
    /// Whether at least one case passed, and none failed or could not be told.
    pub fn holds(&self) -> bool {
        self.outcome.exit_code() == 0
    }

    /// What the command's exit code would be.
    pub fn exit_code(&self) -> u8 {
        self.outcome.exit_code()
    }

    /// The cases with their verdicts, in the order of the suites.
    pub fn cases(&self) -> &[CaseOutcome] {
        &self.outcome.cases
    }

    /// All that is known of the run.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Reads a `report.json`, or the one in that folder.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Malformed> {
        let read = saved::read(path.as_ref(), "judged again", judge::FACTS).map_err(Malformed)?;
        let began = read.began();
        let outcome = read.outcome;
        Ok(Self { outcome, began })
    }

    /// Judges the run again without an engine, by the facts and the suites that its report holds. Its secrets are
    /// their names.
    pub fn judged_again(&self) -> Result<Self, Malformed> {
        let outcome = judge::alone(&self.outcome).map_err(Malformed)?;
        let began = self.began;
        Ok(Self { outcome, began })
    }

    /// Writes the reports that `seaworthy run --report` writes; gives their paths.
    pub fn write(&self, folder: impl AsRef<Path>) -> std::io::Result<Vec<PathBuf>> {
        let written =
            emptied(folder.as_ref()).and_then(|folder| written(&self.outcome, &folder, self.began));
        written.map_err(std::io::Error::other)
    }
}

impl fmt::Display for Report {
    /// As the command prints it, without colours.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bare(&human::whole(&self.outcome, Characters::Unicode)))
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}
