//! What an earlier run says of this one: which cases are run again, and how long they take.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Args;
use crate::cli::exit::Exit;
use crate::cli::number::within;
use crate::cli::out::{Out, count, plain};
use crate::cli::saved;
use crate::plan::shard::{Name, Shard, Times, cases, names};
use crate::plan::{Plan, Selection};
use crate::run::attempt::{Again, is_bad};
use crate::run::options::{Options, Share};
use crate::run::outcome::{CaseOutcome, Outcome};
use crate::suite::Suite;

/// How many cases are named that are not there any more.
const NAMED: usize = 5;

/// Which part of the cases is run, and how often.
#[derive(Debug, clap::Args)]
pub struct Often {
    /// Run a case again with fresh containers, up to N times, until it passes. One that does then is flaky: every
    /// report says so, and keeps what was found first.
    #[arg(long, value_name = "N", value_parser = within::<u16>(0..=100))]
    pub retries: Option<u16>,

    /// Fail where a case is flaky.
    #[arg(long)]
    pub strict: bool,

    /// Run each case N times with fresh containers; it has to pass each time.
    #[arg(long, value_name = "N", conflicts_with = "retries", value_parser = within::<u16>(1..=1000))]
    pub repeat: Option<u16>,

    /// Only cases that failed or could not be told in this report.json, or the folder that holds it; without paths
    /// of the suites that it names, without `--image` on the image that this named then.
    #[arg(long, value_name = "REPORT")]
    pub rerun_failed: Option<PathBuf>,

    /// Run the I-th of N parts of the cases; those that share containers stay together. `seaworthy merge` joins the
    /// reports of all parts.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,

    /// Make the parts so that each takes about as long, by the times in this report.json of an earlier run. All parts
    /// have to be given the same.
    #[arg(long, value_name = "REPORT", requires = "shard")]
    pub balance: Option<PathBuf>,
}

impl Often {
    /// How often each case is run.
    pub fn again(&self) -> Again {
        match (self.retries, self.repeat) {
            (Some(more), _) if more > 0 => Again::UntilItPasses(more),
            (_, Some(times)) if times > 1 => Again::Times(times),
            _ => Again::Once,
        }
    }
}

/// Saved reports that are asked for.
#[derive(Debug, Default)]
pub struct Earlier {
    /// That of which what did not pass is run again.
    failed: Option<Outcome>,
    /// That of which times are taken.
    times: Times,
}

impl Often {
    /// Whether reports of earlier runs say what is run.
    pub fn takes_reports(&self) -> bool {
        self.rerun_failed.is_some() || self.balance.is_some()
    }
}

impl Earlier {
    /// Reads them before anything is done.
    pub fn read(often: &Often, out: &mut Out) -> Result<Self, Exit> {
        let mut read = |path: &Path| {
            let read = saved::read(path, "taken", saved::ANY);
            let seen = |mut outcome| {
                saved::seen_from_here(&mut outcome);
                outcome
            };
            read.map(|saved| seen(saved.outcome)).map_err(|why| {
                out.error(&why, &[saved::HELP.to_owned()]);
                Exit::Wrong
            })
        };
        let failed = often.rerun_failed.as_deref().map(&mut read).transpose()?;
        let times = often.balance.as_deref().map(&mut read).transpose()?;
        let times = times.map(|outcome| outcome.cases).unwrap_or_default();
        let times = times.into_iter().map(|case| (name(&case), case.took));
        Ok(Self {
            failed,
            times: times.collect(),
        })
    }

    /// Has the selection be of the image that `--image` put in the place of others in that run, where none is asked for;
    /// says which it is, or that another one is judged.
    pub fn take_image(&self, selection: &mut Selection, out: &mut Out) {
        let Some(failed) = &self.failed else {
            return;
        };
        let said = match (&failed.instead, &selection.image) {
            (Some(then), None) => {
                let said = format!(
                    "judging `{}`, as `--image` had it in the run of the report",
                    plain(then)
                );
                selection.image = Some(then.clone());
                said
            }
            (Some(then), Some(now)) if then != now => {
                let (then, now) = (plain(then), plain(now));
                format!("judging `{now}`, and the report is of `{then}`")
            }
            (None, Some(now)) => {
                let now = plain(now);
                format!("judging `{now}`, and the report is of the images that its suites name")
            }
            _ => return,
        };
        out.note(&format!("note: {said}"));
    }

    /// The suites of what is run again.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = Vec::new();
        for case in self.failed.iter().flat_map(bad) {
            let file = PathBuf::from(&case.suite_file);
            if !files.contains(&file) {
                files.push(file);
            }
        }
        files
    }

    /// Says which suites of what is run again are not there, as they are called from here.
    pub fn is_there(&self, out: &mut Out) -> Result<(), Exit> {
        let files = self.files();
        let gone = files.iter().filter(|file| !file.exists());
        let gone: Vec<String> = gone
            .map(|file| format!("`{}`", file.display()))
            .take(NAMED)
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        let is = if gone.len() == 1 { "is" } else { "are" };
        let here = std::env::current_dir().unwrap_or_default();
        let said = format!(
            "the report names {}, which {is} not there as seen from {}",
            gone.join(", "),
            here.display()
        );
        let help = [
            "call it in the folder where that run was called, or below it",
            "where the suites were renamed or moved since, name them: `seaworthy run SUITES --filter CASE`",
        ];
        out.error(&said, &help.map(str::to_owned));
        Err(Exit::Wrong)
    }

    /// Has the selection be of what is run again, or gives the exit code after saying why that is nothing.
    pub fn choose(
        &self,
        suites: &[Suite],
        selection: &mut Selection,
        out: &mut Out,
    ) -> Result<(), Exit> {
        let Some(failed) = &self.failed else {
            return Ok(());
        };
        let wanted: HashSet<Name> = bad(failed).map(name).collect();
        if wanted.is_empty() {
            let said =
                "no case of the report failed or could not be told: there is nothing to run again";
            out.error(said, told_unjudged(failed).as_slice());
            return Err(Exit::Nothing);
        }
        if let Some(said) = told_unjudged(failed) {
            out.note(&format!("note: {said}"));
        }
        let plan = Plan::new(suites, &Selection::default());
        let all = names(suites, &plan);
        let there = all
            .iter()
            .zip(&plan.cases)
            .filter(|(name, _)| wanted.contains(*name));
        let chosen: HashSet<(usize, usize)> = there.map(|(_, at)| *at).collect();
        let gone: Vec<&Name> = wanted.iter().filter(|name| !all.contains(name)).collect();
        if !gone.is_empty() {
            let mut named: Vec<String> = gone
                .iter()
                .map(|[file, suite, case]| {
                    let (name, file) = (plain(&format!("{suite}::{case}")), plain(file));
                    format!("`{name}` of `{file}`")
                })
                .collect();
            named.sort_unstable();
            let more = match named.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            named.truncate(NAMED);
            let of = count(gone.len(), "case");
            let is = if gone.len() == 1 { "is" } else { "are" };
            let said = format!(
                "{of} of the report {is} not in these suites: {}{more}",
                named.join(", ")
            );
            let help = "a report knows a case by its file, its suite and its name: run one that has another of these now by \
                        `--filter`, or name the suites that the report is of";
            if chosen.is_empty() {
                out.error(&said, &[help.to_owned()]);
                return Err(Exit::Nothing);
            }
            out.note(&format!("note: {said}; {help}"));
        }
        selection.cases = Some(chosen);
        Ok(())
    }

    /// Has the options be of one part of the plan's cases; says so where that has none.
    pub fn share(
        &self,
        args: &Args,
        suites: &[Suite],
        plan: Plan,
        options: &mut Options,
        out: &mut Out,
    ) {
        let Some(shard) = args.often.shard else {
            return;
        };
        let names = names(suites, &plan);
        if args.often.balance.is_some() && !names.iter().any(|name| self.times.contains_key(name)) {
            out.note(
                "note: the report of `--balance` knows no case of these suites, so parts are made without times",
            );
        }
        let chosen = cases(&names, &plan, shard, &self.times);
        if chosen.is_empty() {
            out.note(&format!(
                "shard {shard} has no case: what shares containers stays together, and other shards have all of it"
            ));
        }
        options.selection.cases = Some(chosen);
        options.part = Some(Share {
            shard,
            all: plan.cases,
        });
    }
}

fn bad(outcome: &Outcome) -> impl Iterator<Item = &CaseOutcome> {
    outcome.cases.iter().filter(|case| is_bad(case.verdict))
}

fn name(case: &CaseOutcome) -> Name {
    [&case.suite_file, &case.suite, &case.name].map(String::clone)
}
/// What a run did not get to, which is not among what failed in it.
fn told_unjudged(report: &Outcome) -> Option<String> {
    let was = match report.unjudged {
        0 => return None,
        1 => "was",
        _ => "were",
    };
    let cases = count(report.unjudged, "case");
    Some(format!("{cases} {was} not judged then; run all suites"))
}
