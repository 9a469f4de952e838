//! `seaworthy merge`: one report of the reports of shards.

use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::out::{Color, Out};
use super::run::format::Format;
use super::run::{ANOTHER, emptied, finish};
use super::saved;
use crate::report::watch::Volume;
use crate::run::joined::{Named, join};
use crate::run::renamed;

/// Which reports, and where the one of all goes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The reports of all shards: each a `report.json` of `seaworthy run --shard --report`, or the folder that
    /// holds it.
    #[arg(required = true, value_name = "DIR")]
    pub reports: Vec<PathBuf>,

    /// Write the reports of the whole run into this folder, which is made if need be; those of an earlier run are
    /// removed first.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,

    /// What goes to standard output, as with `seaworthy run`.
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Fail where a requirement was skipped, is flaky, where a case that verifies it was not run, and where there is
    /// none.
    #[arg(long)]
    pub require_all: bool,

    /// Fail where a case is flaky.
    #[arg(long)]
    pub strict: bool,

    /// When to use colours.
    #[arg(long, value_enum, default_value_t)]
    pub color: Color,

    /// Print only what did not pass, the verdict, and where reports were written.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Prints and writes the report; the exit code is that of the whole run.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    out.color(args.color);
    let format = Format::found(args.format);
    let (mut named, started) = match read(&args.reports) {
        Ok(read) => read,
        Err(wrong) => {
            for why in wrong {
                let help = "`seaworthy run --shard I/N --report FOLDER` writes one; name the folders of all N";
                out.error(&why, &[help.to_owned()]);
            }
            return Exit::Wrong;
        }
    };
    renamed::alike(&mut named.iter_mut().map(|(_, one)| one).collect::<Vec<_>>());
    let mut outcome = match join(&named) {
        Ok(outcome) => outcome,
        Err(wrong) => {
            for why in wrong {
                out.error(&why, &[]);
            }
            out.note("nothing was joined: the reports have to be those of all shards of one run");
            return Exit::Wrong;
        }
    };
    outcome.require_all |= args.require_all;
    outcome.strict |= args.strict;
    let folder = match args
        .report
        .as_deref()
        .map(|path| of_its_own(path, &args.reports))
        .transpose()
    {
        Ok(folder) => folder,
        Err(why) => {
            out.error(&why, &[ANOTHER.to_owned()]);
            return Exit::Wrong;
        }
    };
    let volume = Volume::of(args.quiet, false);
    let text = format.watch(volume, false).end(&outcome);
    format.goes_on(text.trim_end(), out);
    format.ends(&outcome, started, out);
    finish(&outcome, folder.as_ref(), started, format, out)
}

/// All reports, and when the first of them began.
fn read(paths: &[PathBuf]) -> Result<(Vec<Named>, Option<u64>), Vec<String>> {
    let (mut named, mut wrong, mut moments) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        match saved::read(path, "joined", saved::ANY) {
            Ok(saved) => {
                moments.extend(saved.began());
                named.push((path.display().to_string(), saved.outcome));
            }
            Err(why) => wrong.push(why),
        }
    }
    match wrong.is_empty() {
        true => Ok((named, moments.into_iter().min())),
        false => Err(wrong),
    }
}

/// The folder, which holds none of the reports that are joined.
fn of_its_own(path: &Path, reports: &[PathBuf]) -> Result<super::save::Folder, String> {
    let folder = |path: &Path| -> Option<PathBuf> {
        let folder = if path.is_dir() { path } else { path.parent()? };
        // That of a file named without any is this one.
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        std::fs::canonicalize(folder).ok()
    };
    let own = folder(path).filter(|_| path.exists());
    match reports
        .iter()
        .find(|report| own.is_some() && folder(report) == own)
    {
        Some(report) => Err(format!(
            "`{}` holds `{}`, which is to be joined",
            path.display(),
            report.display()
        )),
        None => emptied(path),
    }
}
