//! `seaworthy trace`: the requirements of a run with what came of each, from its saved report.

use std::path::PathBuf;

use super::exit::Exit;
use super::fault;
use super::out::Out;
use super::saved::{self, Saved};
use crate::report::{acceptance, clean, required};

/// Which report, and how the sheet is written.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A `report.json` of `seaworthy run --report`, or the folder that holds it.
    pub report: PathBuf,
    /// Fail where a requirement was skipped, is flaky, where a case that verifies it was not run, and where there is none;
    /// say which, and what to do.
    #[arg(long)]
    pub require_all: bool,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    pub format: Format,
}

/// How the sheet is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table, as in `acceptance.md`.
    Markdown,
    /// As in `acceptance.json`.
    Json,
}

/// Prints the sheet; the exit code is that of the run, or of one that `--require-all` was given to.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    let Saved {
        mut outcome,
        started,
    } = match saved::read(&args.report, "traced", saved::ANY) {
        Ok(read) => read,
        Err(why) => {
            out.error(&why, &[saved::HELP.to_owned()]);
            return Exit::Wrong;
        }
    };
    outcome.require_all |= args.require_all;
    let sheet = match args.format {
        Format::Markdown => acceptance::markdown(&outcome, started.as_deref()),
        Format::Json => clean::json(&acceptance::json(&outcome, started.as_deref())),
    };
    out.say(sheet.trim_end());
    let ended = Exit::of(outcome.exit_code());
    if outcome.requirements.is_empty() {
        out.error(required::NONE, &[required::HOW.to_owned()]);
        return ended.max(Exit::Nothing);
    }
    if let Some(lacking) = required::of(&outcome) {
        out.note(&fault::text(&lacking));
    }
    ended
}
