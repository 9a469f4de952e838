//! Reports that `run --report` has written, read again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::settings;
use crate::fact::moment::Moment;
use crate::report::json;
use crate::run::outcome::Outcome;
use crate::suite::outside::shown;

/// What to do where there is no report to be read.
pub const HELP: &str =
    "`seaworthy run --report FOLDER` writes one; name the folder, or its `report.json`";

/// How the one is called that is read.
const NAME: &str = "report.json";

/// The key that each report has that this version can do something with.
pub const ANY: (&str, &str) = ("requirements", "requirements");

/// The most that a report may take.
const MOST: u64 = 256 << 20;

/// A report.
#[derive(Debug)]
pub struct Saved {
    /// What came of the run.
    pub outcome: Outcome,
    /// When it began, as it is written.
    pub started: Option<String>,
}

impl Saved {
    /// When the run began, in seconds since 1970.
    pub fn began(&self) -> Option<u64> {
        let moment = Moment::read(self.started.as_deref()?)?;
        u64::try_from(moment.nanos? / 1_000_000_000).ok()
    }
}

/// A report as it stands in its file.
#[derive(Deserialize)]
struct Written {
    version: Option<u64>,
    started: Option<String>,
    outcome: Option<Box<RawValue>>,
}

/// Reads the report, or the one in that folder, that is to be `wanted` ("traced"). It must have this key, of which
/// `lacking` says what it is; an older version did not write it.
pub fn read(path: &Path, wanted: &str, key: (&str, &str)) -> Result<Saved, String> {
    let given = path;
    let path = match path.is_dir() {
        true => path.join(NAME),
        false => path.to_owned(),
    };
    if given.is_dir() && !path.exists() {
        return Err(format!(
            "there is no `{NAME}` in the folder `{}`",
            given.display()
        ));
    }
    let shown = path.display().to_string();
    let text = text(&path).map_err(|why| format!("cannot read `{shown}`: {why}"))?;
    of_text(&shown, &text, wanted, key).map_err(|why| {
        let beside = path.with_file_name(NAME);
        match path.file_name().is_some_and(|own| own != NAME) && beside.is_file() {
            true => format!("{why}; beside it is `{}`", beside.display()),
            false => why,
        }
    })
}

/// The same of a report's text, which is `shown` under this name.
pub fn of_text(
    shown: &str,
    text: &str,
    wanted: &str,
    (key, lacking): (&str, &str),
) -> Result<Saved, String> {
    let not_ours = |why: String| {
        format!(
            "`{shown}` is no report that can be {wanted}: {why}; a `{NAME}` of `seaworthy run --report` is expected"
        )
    };
    let written: Written = serde_json::from_str(text).map_err(|error| not_ours(words(&error)))?;
    match written.version {
        Some(version) if version == u64::from(json::VERSION) => {}
        Some(version) => {
            let ours = json::VERSION;
            return Err(format!(
                "`{shown}` has the form {version} of `report.json`, and this seaworthy reads form {ours}"
            ));
        }
        None => return Err(not_ours("it has no `version`".to_owned())),
    }
    let outcome = written
        .outcome
        .ok_or_else(|| not_ours("it has no `outcome`".to_owned()))?;
    // What an older version wrote would look like a run that has nothing of that.
    let keys: BTreeMap<String, &RawValue> =
        serde_json::from_str(outcome.get()).map_err(|error| not_ours(within(&error)))?;
    if !keys.contains_key(key) {
        let why = format!("it holds no {lacking}, since an older seaworthy wrote it");
        return Err(not_ours(why));
    }
    let outcome = serde_json::from_str(outcome.get()).map_err(|error| not_ours(within(&error)))?;
    Ok(Saved {
        outcome,
        started: written.started,
    })
}

/// What is wrong with a text that cannot be read, and where in it.
fn words(error: &serde_json::Error) -> String {
    at(error, "")
}

/// The same of its outcome, whose lines are counted from where it begins.
fn within(error: &serde_json::Error) -> String {
    at(error, " of its `outcome`")
}

fn at(error: &serde_json::Error, of: &str) -> String {
    let place = format!("line {}, column {}{of}", error.line(), error.column());
    match error.classify() {
        Category::Syntax => format!("it is no JSON at {place}"),
        Category::Eof | Category::Io => format!("it ends too early, at {place}"),
        Category::Data => format!("something else is expected before {place}"),
    }
}

/// What marks the folder of a project, above which nothing of it lies.
const PROJECT: [&str; 2] = [settings::NAME, ".git"];

/// Where the file that a report names lies as seen from here. A run that was called in another folder of the project
/// named it by another way: it is looked for in this folder and those above it, up to that of the project.
pub fn here(file: &str) -> String {
    let path = Path::new(file);
    if path.is_absolute() || path.exists() {
        return file.to_owned();
    }
    let parts = path.components();
    let below: PathBuf = parts
        .skip_while(|part| *part == Component::ParentDir)
        .collect();
    let depth = std::env::current_dir().map_or(0, |here| here.ancestors().count());
    let mut folder = PathBuf::new();
    for _ in 0..depth {
        let there = folder.join(&below);
        if there.is_file() {
            return shown(&there);
        }
        if PROJECT.iter().any(|mark| folder.join(mark).exists()) {
            break;
        }
        folder.push("..");
    }
    file.to_owned()
}

/// Has the cases of a report be of suites as they are named from here.
pub fn seen_from_here(outcome: &mut Outcome) {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for case in &mut outcome.cases {
        let file = &mut case.suite_file;
        let now = known.entry(file.clone()).or_insert_with(|| here(file));
        now.clone_into(file);
    }
}

fn text(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_string(&mut text));
    match read {
        Ok(count) if count as u64 > MOST => Err("it is larger than 256 MiB".to_owned()),
        Ok(_) => Ok(text),
        Err(error) => Err(error.to_string()),
    }
}
