//! `seaworthy trace`: the requirements of a run with what came of each, from its saved report.

use std::path::PathBuf;

use serde_json::Value as Json;

use super::exit::Exit;
use super::out::{Out, count};
use crate::report::{acceptance, json};
use crate::run::outcome::Outcome;
use crate::run::standing::{Row, Standing, rows};

const NONE: &str = "the suites of this run name no requirements";
const HOW: &str = "suites name them under `requirements:`, and cases under `verifies:`";

/// Which report, and how the sheet is written.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A `report.json` of `seaworthy run --report`, or the folder that holds it.
    pub report: PathBuf,
    /// Fail where a requirement was skipped, or is verified by no case of the run.
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

/// Prints the sheet; the exit code says whether all requirements are verified.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    let (outcome, started) = match read(args) {
        Ok(read) => read,
        Err(why) => {
            let help =
                "`seaworthy run --report FOLDER` writes one; name the folder, or its `report.json`";
            out.error(&why, &[help.to_owned()]);
            return Exit::Wrong;
        }
    };
    let sheet = match args.format {
        Format::Markdown => acceptance::markdown(&outcome, started.as_deref()),
        Format::Json => acceptance::json(&outcome, started.as_deref()),
    };
    out.say(sheet.trim_end());
    let rows = rows(&outcome);
    if rows.is_empty() {
        out.error(NONE, &[HOW.to_owned()]);
        return Exit::Nothing;
    }
    let exit = worst(&rows);
    match args.require_all {
        true => exit.max(required(&rows, out)),
        false => exit,
    }
}

fn read(args: &Args) -> Result<(Outcome, Option<String>), String> {
    let path = match args.report.is_dir() {
        true => args.report.join("report.json"),
        false => args.report.clone(),
    };
    let shown = path.display();
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("cannot read `{shown}`: {error}"))?;
    let not_ours = |why: String| format!("`{shown}` is no report of a run: {why}");
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
    let started = report["started"].as_str().map(str::to_owned);
    let outcome = serde_json::from_value(report["outcome"].take());
    Ok((
        outcome.map_err(|error| not_ours(error.to_string()))?,
        started,
    ))
}

fn worst(rows: &[Row]) -> Exit {
    let exits = rows.iter().map(|row| match row.standing {
        Standing::Failed => Exit::Failed,
        Standing::Errored => Exit::Unknown,
        Standing::Verified | Standing::Skipped | Standing::Uncovered => Exit::Held,
    });
    exits.max().unwrap_or(Exit::Held)
}

/// Says which requirements were not looked at, where all are required.
pub fn required(rows: &[Row], out: &mut Out) -> Exit {
    if rows.is_empty() {
        out.error(NONE, &[HOW.to_owned()]);
        return Exit::Failed;
    }
    let open = |row: &&Row| matches!(row.standing, Standing::Skipped | Standing::Uncovered);
    let open: Vec<String> = rows
        .iter()
        .filter(open)
        .map(|row| format!("{} ({})", row.requirement.id, row.standing.word()))
        .collect();
    if open.is_empty() {
        return Exit::Held;
    }
    let what = count(open.len(), "requirement");
    let help = "write a case that verifies it, or run without `--filter` and `--tags`";
    out.error(
        &format!(
            "{what} not looked at, and all are required: {}",
            open.join(", ")
        ),
        &[help.to_owned()],
    );
    Exit::Failed
}
