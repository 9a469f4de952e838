//! `seaworthy run`: judges containers by suites.

pub mod again;
pub mod desk;
pub mod format;
pub mod gather;
pub mod github;
pub mod screen;
pub mod terminal;
mod watched;

use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;

use super::exit::Exit;
use super::fault;
use super::number::within;
use super::out::{Color, Out};
use super::save::Folder;
use super::wanted::{self, Wanted};
use crate::engine::Fault;
use crate::plan::Plan;
use crate::report::mask::Mask;
use crate::report::watch::Volume;
use crate::report::{acceptance, html, human, json, junit, statement, tap, timings};
use crate::run::options::{Options, jobs};
use crate::run::outcome::Outcome;
use crate::run::provenance;
use crate::suite::Suite;
use crate::text::source::Sources;
use again::{Earlier, Often};
use desk::Desk;
pub use desk::characters;
use format::Format;

/// The reports that are written of every run.
const FILES: [&str; 7] = [
    "report.txt",
    "report.html",
    JUDGED,
    "junit.xml",
    "report.tap",
    "acceptance.md",
    "acceptance.json",
];
/// The one of them that is judged again.
const JUDGED: &str = "report.json";
/// What to do where a folder is not fit for reports.
pub const ANOTHER: &str = "name a folder with `--report` that you may write to and that is for the reports of one run alone";
/// Written of runs that have judged an image.
const STATEMENT: &str = "statement.json";

/// What to run and how.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which suites and cases.
    #[command(flatten)]
    pub wanted: Wanted,

    /// Which part of them, and how often.
    #[command(flatten)]
    pub often: Often,

    /// Leave the containers of cases that did not pass, and say how to look at and remove them.
    #[arg(long)]
    pub keep: bool,

    /// Begin no further case after the first that did not pass.
    #[arg(long)]
    pub fail_fast: bool,

    /// How many containers run side by side [default: two for each processor, from 2 to 8].
    #[arg(short, long, value_name = "N", value_parser = within::<u16>(1..=64))]
    pub jobs: Option<u16>,

    /// The engine, as `unix:///PATH`, `tcp://HOST:PORT`, `ssh://USER@HOST` or a Docker context
    /// [default: found as the Docker CLI finds it].
    #[arg(long, value_name = "URL|CONTEXT", value_parser = NonEmptyStringValueParser::new())]
    pub engine: Option<String>,

    /// What goes to standard output [default: human; in a job of GitHub or GitLab github or gitlab]. With json,
    /// junit, tap and markdown nothing else does: what goes on is told on standard error.
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Write report.txt, report.html, report.json, junit.xml, report.tap, acceptance.md, acceptance.json and
    /// statement.json into this folder, which is made if need be; those of an earlier run are removed first.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,

    /// Fail where a requirement of the suites was skipped, is flaky, where a case that verifies it was not run, and
    /// where there is none. Of shards `seaworthy merge` judges that.
    #[arg(long)]
    pub require_all: bool,

    /// Go on until it is ended: where a file changes that a suite depends on (the suite itself, what it includes, what
    /// its images are built from, what it mounts), what that touches is run again. The exit code is that of the last run,
    /// also where Ctrl-C ends the waiting for changes.
    #[arg(long, conflicts_with_all = ["shard", "rerun_failed", "repeat"])]
    pub watch: bool,

    /// Print what took the time: phases, cases, images, containers, the slowest first; with `--quiet` too.
    #[arg(long)]
    pub timings: bool,

    /// When to use colours.
    #[arg(long, value_enum, default_value_t)]
    pub color: Color,

    /// Print only what did not pass, the verdict, and where reports were written.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print the output of builds, and what each claim saw, too.
    #[arg(short, long)]
    pub verbose: bool,
}

/// Runs what is wanted, prints and writes the report.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    out.color(args.color);
    match args.watch {
        true => watched::run(args, out),
        false => once(args, &args.wanted.paths, out),
    }
}

/// Runs what is wanted of the suites at these paths.
fn once(args: &Args, paths: &[PathBuf], out: &mut Out) -> Exit {
    begin(args, paths, out).unwrap_or_else(|exit| exit)
}

fn begin(args: &Args, paths: &[PathBuf], out: &mut Out) -> Result<Exit, Exit> {
    let format = Format::found(args.format);
    // Before it is removed, where this run's report takes its place.
    let earlier = Earlier::read(&args.often, out)?;
    // What a run is made after is not given up before that run can begin.
    let begun = |out: &mut Out| begun(args, paths, &earlier, out);
    let report = args.report.as_deref();
    let (folder, (suites, sources, plan, options)) = match args.often.takes_reports() {
        true => {
            let begun = begun(out)?;
            (cleared(report, out)?, begun)
        }
        false => (cleared(report, out)?, begun(out)?),
    };
    let mask = Mask::of(suites.iter().flat_map(|suite| &suite.secrets));
    let started = started();
    let known = provenance::of_run(&suites, &sources, &plan, &options);
    let desk = Desk::new(out, Volume::of(args.quiet, args.verbose), &mask, format);
    let ended = desk.follow(suites, sources, options);
    let outcome = match ended {
        Ok(Some(outcome)) => outcome,
        Ok(None) => return Err(Exit::Interrupted),
        Err(why) => {
            say_fault(&why, &mask, out);
            match mask.outcome(known.not_begun(why.to_string())) {
                Some(outcome) => outcome,
                None => return Err(Exit::Unknown),
            }
        }
    };
    format.ends(&outcome, started, out);
    if args.timings {
        format.goes_on(&timings::of(&outcome), out);
    }
    Ok(finish(&outcome, folder.as_ref(), started, format, out))
}

/// The folder for reports, where one is wanted, without those of an earlier run.
pub fn cleared(path: Option<&Path>, out: &mut Out) -> Result<Option<Folder>, Exit> {
    path.map(emptied).transpose().map_err(|why| {
        out.error(&why, &[ANOTHER.to_owned()]);
        Exit::Wrong
    })
}

/// What is to be run, or the exit code after saying why that is nothing.
fn begun(
    args: &Args,
    paths: &[PathBuf],
    earlier: &Earlier,
    out: &mut Out,
) -> Result<(Vec<Suite>, Sources, Plan, Options), Exit> {
    let format = Format::found(args.format);
    let (suites, sources) = match paths {
        [] => {
            earlier.is_there(out)?;
            args.wanted.suites_in(&earlier.files(), format, out)?
        }
        paths => args.wanted.suites_in(paths, format, out)?,
    };
    let mut options = args.options();
    earlier.take_image(&mut options.selection, out);
    earlier.choose(&suites, &mut options.selection, out)?;
    let all = wanted::plan(&suites, &options.selection, out)?;
    earlier.share(args, &suites, all, &mut options, out);
    let plan = Plan::new(&suites, &options.selection);
    Ok((suites, sources, plan, options))
}

impl Args {
    fn options(&self) -> Options {
        Options {
            selection: self.wanted.selection(),
            keep: self.keep,
            fail_fast: self.fail_fast,
            require_all: self.require_all,
            samples: self.report.is_some(),
            again: self.often.again(),
            strict: self.often.strict,
            part: None,
            jobs: self.jobs.map_or_else(jobs, usize::from),
            engine: self.engine.clone(),
            attached: None,
            passing: None,
        }
    }
}

/// Writes the reports and gives the exit code.
pub fn finish(
    outcome: &Outcome,
    folder: Option<&Folder>,
    started: Option<u64>,
    format: Format,
    out: &mut Out,
) -> Exit {
    let exit = Exit::of(outcome.exit_code());
    let Some(folder) = folder else {
        return exit;
    };
    match saved(outcome, folder, started) {
        Ok(paths) => {
            for path in paths {
                format.goes_on(&format!("report: {}", path.display()), out);
            }
            if let Err(why) = statement::of(outcome) {
                format.goes_on(&format!("report: no {STATEMENT}: {why}"), out);
            }
            exit
        }
        Err(why) => {
            let help = "make room or get rights there, or name another folder with `--report`; what came of the \
                        run is told above";
            out.error(&why, &[help.to_owned()]);
            exit.max(Exit::Unknown)
        }
    }
}

/// The folder without the reports of an earlier run: where this one does not get as far as writing its own,
/// those would pass for its.
pub fn emptied(path: &Path) -> Result<Folder, String> {
    Folder::for_reports(path, &[&FILES[..], &[STATEMENT]].concat())
}

/// Writes every report into the folder; gives their paths, or says which could not be written.
pub fn saved(
    outcome: &Outcome,
    folder: &Folder,
    started: Option<u64>,
) -> Result<Vec<PathBuf>, String> {
    let began = started.map(json::moment);
    let texts = [
        human::file(outcome, started),
        html::of(outcome, started),
        json::of(outcome, started),
        junit::of(outcome, started),
        tap::of(outcome),
        acceptance::markdown(outcome, began.as_deref()),
        acceptance::json(outcome, began.as_deref()),
    ];
    let statement = statement::of(outcome).ok();
    let statement = statement.iter().map(|text| (STATEMENT, text));
    let mut files: Vec<(&str, &String)> = FILES.into_iter().zip(&texts).chain(statement).collect();
    // All others can be made of it, so it comes first where there is little room.
    files.sort_by_key(|(name, _)| *name != JUDGED);
    let (mut written, mut failed) = (Vec::new(), Vec::new());
    for (name, text) in files {
        match folder.write(name, text) {
            Ok(path) => written.push(path),
            Err(why) => failed.push(why),
        }
    }
    match failed.is_empty() {
        true => Ok(written),
        false => Err(failed.join("; ")),
    }
}

fn say_fault(why: &Fault, mask: &Mask, out: &mut Out) {
    out.note(&fault::text(&mask.text(why.to_string())));
}

/// Seconds since 1970.
pub fn started() -> Option<u64> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.ok().map(|since| since.as_secs())
}
