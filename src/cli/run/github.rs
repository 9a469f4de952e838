//! What a job of GitHub is told of a run.

use std::io::{Error, Result, Write as _};
use std::path::Path;

use crate::cli::out::Out;
use crate::engine::world;
use crate::report::github;
use crate::run::outcome::Outcome;
use crate::text::source::Place;

/// The longest summary that GitHub takes of a step.
const LONGEST: usize = 1 << 20;
/// What there has to be room for.
const LEAST: usize = 8 << 10;

/// Says annotations, and writes the summary to the file that the job names for it. One that cannot be written
/// says nothing of the image, so the exit code stays.
pub fn tell(outcome: &Outcome, started: Option<&str>, out: &mut Out) {
    let file = world::variable("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty());
    let written = file.map(|file| {
        let path = Path::new(&file);
        append(path, |room| github::summary(outcome, started, room))
    });
    let elsewhere = match &written {
        Some(Ok(())) => "the summary of the job",
        Some(Err(_)) | None => "the log above",
    };
    let annotations = github::annotations(outcome, &folder(), elsewhere);
    if !annotations.is_empty() {
        out.say(annotations.trim_end());
    }
    if let Some(Err(error)) = written {
        let help = "`GITHUB_STEP_SUMMARY` names the file; all that it would say is told above";
        out.error(
            &format!("cannot write the summary of the job: {error}"),
            &[help.to_owned()],
        );
    }
}

/// Says at the lines of suites what is wrong with them.
pub fn tell_wrong(said: &[(Place, String)], out: &mut Out) {
    if !said.is_empty() {
        out.say(github::wrong(said, &folder()).trim_end());
    }
}

/// Puts a text behind what earlier commands of the step have written there.
fn append(path: &Path, text: impl FnOnce(usize) -> String) -> Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)?;
    let there = usize::try_from(file.metadata()?.len()).unwrap_or(LONGEST);
    match LONGEST.saturating_sub(there) {
        room if room < LEAST => Err(Error::other("earlier commands of this step have filled it")),
        room => file.write_all(text(room).as_bytes()),
    }
}

/// The way from the top of the repository to this folder, by which suites are named.
fn folder() -> String {
    let top = world::variable("GITHUB_WORKSPACE").unwrap_or_default();
    let here = std::env::current_dir().unwrap_or_default();
    let below = here.strip_prefix(&top).ok().filter(|_| !top.is_empty());
    below.map_or_else(String::new, |way| way.display().to_string())
}
