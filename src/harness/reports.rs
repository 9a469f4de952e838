//! Where the reports of a test program go.

use std::path::{Path, PathBuf};

use crate::cli::out::Out;
use crate::cli::run::gather::gather;
use crate::cli::run::{emptied, saved};
use crate::cli::save::Folder;
use crate::engine::world;
use crate::plan::shard::Name;
use crate::run::outcome::Outcome;

/// Set by nextest: which of its runs this is. All processes of one have the same.
const RUN: &str = "NEXTEST_RUN_ID";

/// A folder for reports.
#[derive(Debug)]
pub(super) enum Reports {
    /// None is wanted, or nothing is run.
    None,
    /// This process runs all that is run.
    Own(Folder),
    /// Each case has a process of its own.
    Shared {
        /// The folder.
        path: PathBuf,
        /// What tells the processes of one run from those of others.
        run: String,
    },
}

impl Reports {
    /// The folder, free of what an earlier run has left.
    pub(super) fn open(path: &Path, apart: bool) -> Result<Self, String> {
        if !apart {
            return emptied(path).map(Self::Own);
        }
        let run = world::variable(RUN).filter(|run| !run.is_empty());
        let run = run.ok_or_else(|| {
            format!("cannot write reports: nextest does not say in `{RUN}` which run this is")
        })?;
        let path = path.to_owned();
        Ok(Self::Shared { path, run })
    }

    /// Writes them; whether that is well.
    pub(super) fn write(
        &self,
        outcome: &Outcome,
        order: &[Name],
        began: Option<u64>,
        quiet: bool,
        out: &mut Out,
    ) -> bool {
        let written = match self {
            Self::None => return true,
            Self::Own(folder) => saved(outcome, folder, began),
            Self::Shared { path, run } => gather(path, run, outcome, order, began),
        };
        match written {
            Err(why) => {
                told(&why, out);
                false
            }
            Ok(paths) => {
                for path in paths.iter().filter(|_| !quiet) {
                    out.note(&format!("report: {}", path.display()));
                }
                true
            }
        }
    }
}

/// Says why there is no report.
pub(super) fn told(why: &str, out: &mut Out) {
    let help = "name a folder that you may write to and that is for the reports of one run alone";
    out.error(why, &[help.to_owned()]);
}
