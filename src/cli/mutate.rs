//! `seaworthy mutate`: changes what suites judge, one thing at a time, and tells what they do not notice.

mod chosen;
mod composed;
mod images;
mod recipes;
mod tries;
mod tried;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::builder::NonEmptyStringValueParser;

use super::allow::Allow;
use super::exit::Exit;
use super::fault;
use super::number::{seed, within};
use super::out::{Color, Out, count};
use super::run::desk::Desk;
use super::run::format::Format as OfRun;
use super::save::Folder;
use super::wanted::Wanted;
use crate::mutate::compose::Composed;
use crate::mutate::dockerfile::Recipe;
use crate::mutate::judged::{Findings, Judged};
use crate::mutate::{Mutant, changed, found};
use crate::report::mask::Mask;
use crate::report::mutants;
use crate::report::watch::Volume;
use crate::run::options::{Options, jobs};
use crate::suite::Suite;
use crate::text::source::Sources;
use crate::text::units;
use tries::Tries;

/// The report that is written into a folder.
const FILE: &str = "mutants.json";

/// What to change, and how.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Suite files, or folders of them [default: suites/**/*.yaml].
    pub paths: Vec<PathBuf>,

    /// Show what would be changed, and change nothing. Your Compose tool reads Compose files for it; an engine is needed
    /// only for what images that are not built say.
    #[arg(long)]
    pub list: bool,

    /// Only mutants with this text in their name; given more than once, any of the texts will do.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub filter: Vec<String>,

    /// Only so many of them, drawn by lot. The same seed draws the same ones.
    #[arg(long, value_name = "N", value_parser = within::<u32>(1..=u32::MAX))]
    pub sample: Option<u32>,

    /// What the lot is drawn by.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "sample", value_parser = seed)]
    pub seed: u64,

    /// Only what stands in lines that this unified diff changes; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub in_diff: Option<PathBuf>,

    /// How many mutants are tried side by side [default: one for each processor, up to 4].
    #[arg(short, long, value_name = "N", value_parser = within::<u16>(1..=8))]
    pub jobs: Option<u16>,

    /// Begin no mutant after this time, and give up those that were begun: `10m`, `1h`.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,

    /// Fail where fewer of a hundred that could be noticed were.
    #[arg(long, value_name = "PERCENT", value_parser = within::<u16>(0..=100))]
    pub minimum: Option<u16>,

    #[command(flatten)]
    pub allow: Allow,

    /// The engine, as `unix:///PATH`, `tcp://HOST:PORT`, `ssh://USER@HOST` or a Docker context
    /// [default: found as the Docker CLI finds it].
    #[arg(long, value_name = "URL|CONTEXT", value_parser = NonEmptyStringValueParser::new())]
    pub engine: Option<String>,

    /// What goes to standard output. With json nothing else does: what goes on is told on standard error.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,

    /// Write mutants.json into this folder, which is made if need be.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,

    /// When to use colours.
    #[arg(long, value_enum, default_value_t)]
    pub color: Color,
}

/// What goes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// As in `mutants.json`.
    Json,
}

impl Format {
    /// Says what goes on.
    fn goes_on(self, text: &str, out: &mut Out) {
        match self {
            Self::Human => out.say(text),
            Self::Json => out.note(text),
        }
    }
}

/// A time of the command line.
fn duration(text: &str) -> Result<Duration, String> {
    let time = units::time(text).filter(|time| !time.is_zero());
    time.ok_or_else(|| format!("`{text}` is no time such as 10m, 90s or 1h30m"))
}

/// Everything that is known before a mutant is tried.
#[derive(Debug)]
struct Known {
    suites: Vec<Suite>,
    sources: Sources,
    recipes: Vec<Recipe>,
    composed: Vec<Composed>,
    mutants: Vec<Mutant>,
    /// All that is told of them but what comes of each.
    findings: Findings,
    mask: Mask,
}

/// Tries what is wanted, and tells what came of it.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    out.color(args.color);
    begun(args, out).unwrap_or_else(|exit| exit)
}

fn begun(args: &Args, out: &mut Out) -> Result<Exit, Exit> {
    let began = Instant::now();
    let known = known(args, out)?;
    if args.list {
        return Ok(list(known, args, out));
    }
    let folder = args.report.as_deref();
    let folder = folder
        .map(|path| Folder::for_reports(path, &[FILE]))
        .transpose();
    let folder = folder.map_err(|why| {
        out.error(
            &why,
            &["name a folder that you may write to with `--report`".to_owned()],
        );
        Exit::Wrong
    })?;
    let unchanged = unchanged(args, &known, out)?;
    let told = count(known.mutants.len(), "mutant");
    args.format
        .goes_on(&format!("the suites hold as they are; {told} now"), out);
    let (mut findings, mask, format) = (known.findings.clone(), known.mask.clone(), args.format);
    let tries = Tries::new(args, known, (began, unchanged)).map_err(|why| {
        out.note(&fault::text(&mask.text(why.to_string())));
        Exit::Unknown
    })?;
    let tried = tries.all(|mutant| {
        format.goes_on(&mask.text(mutants::line(mutant)), out);
    });
    let (judged, interrupted) = match tried {
        Ok(Some(tried)) => tried,
        Ok(None) => {
            out.note("left at once: `seaworthy gc` removes what is left");
            return Err(Exit::Interrupted);
        }
        Err(why) => {
            out.note(&fault::text(&mask.text(why.to_string())));
            return Err(Exit::Unknown);
        }
    };
    findings.mutants = judged;
    findings.took = began.elapsed();
    let Some(findings) = mask.value(findings) else {
        out.error("the report could not be made without its secrets", &[]);
        return Err(Exit::Unknown);
    };
    format.goes_on(&mutants::end(&findings), out);
    let exit = match interrupted {
        true => Exit::Interrupted,
        false => exit(args, &findings, out),
    };
    Ok(exit.max(written(&findings, folder.as_ref(), args.format, out)))
}

/// Reads suites and Dockerfiles, and finds what can be changed of them.
fn known(args: &Args, out: &mut Out) -> Result<Known, Exit> {
    let wanted = Wanted {
        paths: args.paths.clone(),
        filter: Vec::new(),
        tags: Vec::new(),
        image: None,
        allow: args.allow.clone(),
    };
    let (mut suites, mut sources) = wanted.suites(out)?;
    let mask = Mask::of(suites.iter().flat_map(|suite| &suite.secrets));
    let (composed, left_out) = composed::read(&mut suites, &mut sources);
    if suites.is_empty() {
        for why in &left_out {
            out.note(why);
        }
        out.error(
            "there is nothing to change: none of the Compose files of these suites can be read",
            &["`seaworthy check` says what is wrong with them".to_owned()],
        );
        return Err(Exit::Nothing);
    }
    let recipes = recipes::read(&suites, &composed, &mut sources, out)?;
    let images = images::read(&suites, args, out);
    let known = changed::Known {
        suites: &suites,
        recipes: &recipes,
        composed: &composed,
    };
    let all = found::mutants(known, &images);
    let number = all.len();
    let mutants = chosen::chosen(all, args, &sources, out)?;
    let findings = Findings {
        mutants: Vec::new(),
        unchosen: number - mutants.len(),
        seed: args.sample.map(|_| args.seed),
        left_out,
        took: Duration::ZERO,
    };
    Ok(Known {
        suites,
        sources,
        recipes,
        composed,
        mutants,
        findings,
        mask,
    })
}

/// Shows what would be changed.
fn list(known: Known, args: &Args, out: &mut Out) -> Exit {
    let all = known.mutants.iter();
    let all = all.map(|mutant| Judged::new(mutant, &known.sources, None, Duration::ZERO));
    let mutants = all.collect();
    let findings = known.mask.value(Findings {
        mutants,
        ..known.findings
    });
    let Some(findings) = findings else {
        out.error("the list could not be made without its secrets", &[]);
        return Exit::Unknown;
    };
    if args.format == Format::Json {
        out.say(mutants::json(&findings).trim_end());
        return Exit::Held;
    }
    for mutant in &findings.mutants {
        out.say(&mutants::listed(mutant));
    }
    for why in &findings.left_out {
        out.note(&format!("left out: {why}"));
    }
    let of = match findings.unchosen {
        0 => String::new(),
        more => format!(" of {}", findings.mutants.len() + more),
    };
    out.say(&format!(
        "\n{}{of}",
        count(findings.mutants.len(), "mutant")
    ));
    Exit::Held
}

/// Runs the suites as they are: how long that took. Where they do not hold, nothing can be noticed.
fn unchanged(args: &Args, known: &Known, out: &mut Out) -> Result<Duration, Exit> {
    let format = match args.format {
        Format::Human => OfRun::Human,
        Format::Json => OfRun::Json,
    };
    format.goes_on("the suites as they are:", out);
    let options = Options {
        engine: args.engine.clone(),
        jobs: jobs(),
        ..Options::default()
    };
    let suites = known.suites.clone();
    let desk = Desk::new(out, Volume::Quiet, &known.mask, format);
    let outcome = match desk.follow(suites, known.sources.clone(), options) {
        Ok(Some(outcome)) => outcome,
        Ok(None) => return Err(Exit::Interrupted),
        Err(why) => {
            out.note(&fault::text(&known.mask.text(why.to_string())));
            return Err(Exit::Unknown);
        }
    };
    match Exit::of(outcome.exit_code()) {
        Exit::Held => Ok(outcome.took),
        exit => {
            let help =
                "`seaworthy run` tells why; a suite that does not hold as it is can notice nothing";
            out.error(
                "nothing was changed: the suites have to hold first",
                &[help.to_owned()],
            );
            Err(exit)
        }
    }
}

/// Too few that were noticed come before what could not be told.
fn exit(args: &Args, findings: &Findings, out: &mut Out) -> Exit {
    if let Some(minimum) = args.minimum.map(usize::from) {
        match findings.score() {
            Some(score) if score < minimum * 10 => {
                let message = format!(
                    "the score is {}, less than {minimum} %",
                    mutants::percent(score)
                );
                out.error(
                    &message,
                    &["add the claims that are named above".to_owned()],
                );
                return Exit::Failed;
            }
            None if findings.is_whole() => {
                out.error(
                    "there is no score: none of the mutants could be noticed",
                    &[],
                );
                return Exit::Nothing;
            }
            _ => {}
        }
    }
    match findings.is_whole() {
        true => Exit::Held,
        false => Exit::Unknown,
    }
}

/// Writes the report, and says where; to standard output too where it is asked for there.
fn written(findings: &Findings, folder: Option<&Folder>, format: Format, out: &mut Out) -> Exit {
    let report = mutants::json(findings);
    if format == Format::Json {
        out.say(report.trim_end());
    }
    match folder.map(|folder| folder.write(FILE, &report)) {
        None => Exit::Held,
        Some(Ok(path)) => {
            format.goes_on(&format!("report: {}", path.display()), out);
            Exit::Held
        }
        Some(Err(why)) => {
            out.error(&why, &["name another folder with `--report`".to_owned()]);
            Exit::Unknown
        }
    }
}
