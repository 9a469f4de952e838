//! `seaworthy judge`: judges a saved run again, by the facts that its report holds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;

use super::check;
use super::exit::Exit;
use super::out::{Color, Out, plain};
use super::outside::World;
use super::run::format::Format;
use super::run::{cleared, finish};
use super::saved;
use super::wanted;
use crate::plan::Selection;
use crate::report::mask::Mask;
use crate::report::watch::Volume;
use crate::run::anew::{Again, stands_for};
use crate::run::facts::sha256;
use crate::run::outcome::{Outcome, Text};
use crate::suite::grant::Allowed;
use crate::suite::outside::shown;
use crate::suite::{Outside, Suite, load};
use crate::text::source::Sources;

/// How many cases are named that the report does not hold.
const NAMED: usize = 5;

/// The key of what an older report does not hold, and what it is.
pub const FACTS: (&str, &str) = ("given", "facts");

/// Which report, and by which suites.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A `report.json` of `seaworthy run --report`, or the folder that holds it.
    pub report: PathBuf,

    /// Suite files, or folders of them, perhaps changed since [default: the suites as the report holds them].
    pub paths: Vec<PathBuf>,

    /// Only cases with this text in `suite::case`; given more than once, any of the texts will do.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub filter: Vec<String>,

    /// Only cases that have one of these tags.
    #[arg(long, value_name = "TAG,TAG", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub tags: Vec<String>,

    /// Write the reports into this folder, as `run` does; those that are there are removed first.
    #[arg(long = "report", value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Fail where a requirement of the suites was skipped, is flaky, where a case that verifies it was not run, and
    /// where there is none.
    #[arg(long)]
    pub require_all: bool,

    /// Fail where a case is flaky.
    #[arg(long)]
    pub strict: bool,

    /// What goes to standard output, as with `seaworthy run`.
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// When to use colours.
    #[arg(long, value_enum, default_value_t)]
    pub color: Color,

    /// Print only what did not pass, and the verdict.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print what each claim saw too.
    #[arg(short, long)]
    pub verbose: bool,
}

/// Judges again, prints and writes the report; the exit code is as that of a run.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    out.color(args.color);
    judged(args, out).unwrap_or_else(|exit| exit)
}

fn judged(args: &Args, out: &mut Out) -> Result<Exit, Exit> {
    let read = saved::read(&args.report, "judged again", FACTS).map_err(|why| {
        out.error(&why, &[saved::HELP.to_owned()]);
        Exit::Wrong
    })?;
    let began = read.began();
    let mut outcome = read.outcome;
    if !args.paths.is_empty() {
        saved::seen_from_here(&mut outcome);
    }
    let (suites, sources, secrets) = suites(args, &outcome, out)?;
    let selection = Selection {
        filter: args.filter.clone(),
        tags: args.tags.clone(),
        ..Selection::default()
    };
    if !suites.is_empty() {
        wanted::plan(&suites, &selection, out)?;
    }
    let again = Again {
        suites: &suites,
        sources: &sources,
        saved: &outcome,
        selection,
        own: args.paths.is_empty(),
        secrets: secrets.into_iter().collect(),
        require_all: outcome.require_all || args.require_all,
    };
    let mut judged = again.judged();
    judged.strict |= args.strict;
    if let Some(image) = &outcome.instead {
        let image = plain(image);
        out.note(&format!(
            "note: the report is of `{image}`, which `--image` put in the place of what the suites say\n"
        ));
    }
    elsewhere(&again, &judged, out)?;
    // Not before: it may be the folder that the report came from.
    let folder = cleared(args.folder.as_deref(), out)?;
    let volume = Volume::of(args.quiet, args.verbose);
    let format = Format::found(args.format);
    let text = format.watch(volume, false).end(&judged);
    format.goes_on(text.trim_end_matches('\n'), out);
    format.ends(&judged, began, out);
    Ok(finish(&judged, folder.as_ref(), began, format, out))
}

/// Says which cases are not in the report, since that is of a shard that has others. Where that is all of them, there
/// is nothing to judge.
fn elsewhere(again: &Again<'_>, judged: &Outcome, out: &mut Out) -> Result<(), Exit> {
    let others = again.of_other_shards();
    let Some(part) = again.saved.part.as_ref().filter(|_| !others.is_empty()) else {
        return Ok(());
    };
    let shard = format!("{}/{}", part.number, part.of);
    let help = "`seaworthy merge` joins the reports of all shards into one: judge that";
    if judged.cases.is_empty() {
        let said = format!("the report is of shard {shard}, which has none of these cases");
        out.error(&said, &[help.to_owned()]);
        return Err(Exit::Nothing);
    }
    let named: Vec<String> = others
        .iter()
        .take(NAMED)
        .map(|one| format!("`{}`", plain(one)))
        .collect();
    let more = match others.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let (of, was) = match others.len() {
        1 => ("1 case".to_owned(), "is"),
        many => (format!("{many} cases"), "are"),
    };
    let named = named.join(", ");
    out.note(&format!(
        "{of} of these suites {was} not judged, since the report is of shard {shard} and holds nothing of them: \
         {named}{more}\n  help: {help}\n"
    ));
    Ok(())
}

/// Suites, their texts, and the names of their secrets.
type Read = (Vec<Suite>, Sources, BTreeSet<String>);

/// Judges a run again by what its report holds alone, or says why that cannot be done.
pub fn alone(outcome: &Outcome) -> Result<Outcome, String> {
    let files = held(outcome)?;
    let (suites, sources, secrets) =
        read(&files, outcome, true, false).map_err(|said| said.join("\n\n"))?;
    let again = Again {
        suites: &suites,
        sources: &sources,
        saved: outcome,
        selection: Selection::default(),
        own: true,
        secrets: secrets.into_iter().collect(),
        require_all: outcome.require_all,
    };
    Ok(again.judged())
}

/// Reads the suites that are named, else those that the report holds; says all that is wrong with them.
fn suites(args: &Args, outcome: &Outcome, out: &mut Out) -> Result<Read, Exit> {
    let own = args.paths.is_empty();
    let files = match own {
        true => held(outcome).map_err(|why| {
            let help = "name the suites behind the report, to have them read anew".to_owned();
            out.error(&why, &[help]);
            Exit::Wrong
        })?,
        false => check::look(&args.paths, out)?.files,
    };
    read(&files, outcome, own, out.colors()).map_err(|said| {
        for text in said {
            out.note(&format!("{text}\n"));
        }
        out.note("nothing was judged: the suites have to be right first");
        Exit::Wrong
    })
}

/// Reads these files, or what the report holds of them; else all that is wrong with them.
fn read(
    files: &[PathBuf],
    outcome: &Outcome,
    own: bool,
    colors: bool,
) -> Result<Read, Vec<String>> {
    let texts = outcome.texts.iter();
    let texts = texts.filter_map(|text| Some((text.file.clone(), text.text.clone()?)));
    let desk = Reread {
        texts: own.then(|| texts.collect()),
        given: &outcome.given,
        secrets: RefCell::default(),
    };
    // Nothing is started.
    let allowed = Allowed::default().unstarted();
    let mut sources = Sources::default();
    let mut suites = Vec::new();
    let mut said: Vec<String> = Vec::new();
    for path in files {
        let read = load(&mut sources, path, &desk, &allowed);
        suites.extend(read.suites);
        for diagnostic in read.diagnostics {
            let text = Mask::default().diagnostic(&diagnostic, &sources, colors);
            if !said.contains(&text) {
                said.push(text);
            }
        }
    }
    match said.is_empty() {
        true => Ok((suites, sources, desk.secrets.into_inner())),
        false => Err(said),
    }
}

/// The suites that a report holds whole.
fn held(outcome: &Outcome) -> Result<Vec<PathBuf>, String> {
    let whole = |text: &&Text| {
        let own = text.text.as_deref();
        own.is_some_and(|own| sha256(own) == text.sha256)
    };
    if let Some(text) = outcome.texts.iter().find(|text| !whole(text)) {
        let file = &text.file;
        return Err(format!(
            "the report does not hold `{file}` as it was: it is too large, or what is written in it is a secret too"
        ));
    }
    let suites = outcome.texts.iter().filter(|text| text.is_suite);
    Ok(suites.map(|text| PathBuf::from(&text.file)).collect())
}

/// The world for those who judge again: secrets are their names, and no file is needed but the suites.
struct Reread<'a> {
    /// The texts of the report, where these are read.
    texts: Option<BTreeMap<String, String>>,
    /// What the environment held when the run was made.
    given: &'a BTreeMap<String, String>,
    /// The names of secrets.
    secrets: RefCell<BTreeSet<String>>,
}

impl Outside for Reread<'_> {
    fn read(&self, path: &Path) -> Result<String, String> {
        match &self.texts {
            Some(texts) => {
                let text = texts.get(&shown(path)).cloned();
                text.ok_or_else(|| "the report does not hold it".to_owned())
            }
            None => World.read(path),
        }
    }

    fn is_folder(&self, _: &Path) -> Option<bool> {
        None
    }

    fn env(&self, name: &str) -> Option<String> {
        let now = || World.env(name).filter(|_| self.texts.is_none());
        now().or_else(|| self.given.get(name).cloned())
    }

    /// That the run did without it.
    fn secret(&self, name: &str) -> Option<String> {
        self.given
            .get(name)
            .filter(|value| value.is_empty())
            .cloned()
    }

    fn stands_for(&self, secret: &str) -> Option<String> {
        self.secrets.borrow_mut().insert(secret.to_owned());
        Some(stands_for(secret))
    }

    fn has_files(&self) -> bool {
        false
    }

    fn random(&self, count: u32) -> String {
        World.random(count)
    }
}
