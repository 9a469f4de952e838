//! `seaworthy trace`: the requirements of a run with what came of each, from its saved report.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::exit::Exit;
use super::fault;
use super::out::Out;
use crate::report::{acceptance, clean, json, required};
use crate::run::outcome::Outcome;

/// Which report, and how the sheet is written.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A `report.json` of `seaworthy run --report`, or the folder that holds it.
    pub report: PathBuf,
    /// Fail where a requirement was skipped, where a case that verifies it was not run, and where there is none.
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
    let (mut outcome, started) = match read(&args.report) {
        Ok(read) => read,
        Err(why) => {
            let help =
                "`seaworthy run --report FOLDER` writes one; name the folder, or its `report.json`";
            out.error(&why, &[help.to_owned()]);
            return Exit::Wrong;
        }
    };
    let started = started.map(json::moment);
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

/// The outcome of a saved report, and when its run began, in seconds since 1970 began.
pub fn read(report: &Path) -> Result<(Outcome, Option<u64>), String> {
    let path = match report.is_dir() {
        true => report.join("report.json"),
        false => report.to_owned(),
    };
    let shown = path.display();
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("cannot read `{shown}`: {error}"))?;
    let not_ours = |why: String| format!("`{shown}` is no report that can be traced: {why}");
    let mut report: Json =
        serde_json::from_str(&text).map_err(|error| not_ours(error.to_string()))?;
    match report["version"].as_u64() {
        Some(version) if version == u64::from(json::VERSION) => {}
        Some(version) => {
            let ours = json::VERSION;
            return Err(format!(
                "`{shown}` has the form {version} of `report.json`, and this seaworthy reads form {ours}"
            ));
        }
        None => return Err(not_ours("it has no `version`".to_owned())),
    }
    // What an older version wrote would look like a run without requirements.
    if report["outcome"].get("requirements").is_none() {
        let why = "it holds no requirements, since an older seaworthy wrote it".to_owned();
        return Err(not_ours(why));
    }
    let started = report["started"].as_str().and_then(json::seconds);
    let outcome = serde_json::from_value(report["outcome"].take());
    Ok((
        outcome.map_err(|error| not_ours(error.to_string()))?,
        started,
    ))
}
