//! Which suites and cases a command is about.

mod nothing;

use std::collections::HashSet;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;

use super::allow::Allow;
use super::check;
use super::exit::Exit;
use super::out::Out;
use super::outside::World;
use super::run::format::Format;
use super::run::github;
use crate::dockerfile::reference;
use crate::plan::{Plan, Selection};
use crate::report::mask::Mask;
use crate::suite::compose::texts;
use crate::suite::doubled::doubled;
use crate::suite::{Suite, load};
use crate::text::source::Sources;

/// Suites, and which of their cases.
#[derive(Debug, clap::Args)]
pub struct Wanted {
    /// Suite files, or folders of them [default: suites/**/*.yaml].
    pub paths: Vec<PathBuf>,

    /// Only cases with this text in `suite::case`; given more than once, any of the texts will do.
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub filter: Vec<String>,

    /// Only cases that have one of these tags.
    #[arg(long, value_name = "TAG,TAG", value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    pub tags: Vec<String>,

    /// Judge this image, by tag or digest, in place of the one that the suites build or name; of a
    /// Compose file, in place of that of `app` and of services that are built from the same or have the same.
    #[arg(long, value_name = "REF", value_parser = reference)]
    pub image: Option<String>,

    /// What they may ask for.
    #[command(flatten)]
    pub allow: Allow,
}

/// The name of an image, as suites have it too.
pub fn reference(text: &str) -> Result<String, String> {
    match reference::wrong(text) {
        Some((message, mend)) => Err(format!("{message}; {mend}")),
        None => Ok(text.to_owned()),
    }
}

impl Wanted {
    /// Which cases, on which image.
    pub fn selection(&self) -> Selection {
        Selection {
            filter: self.filter.clone(),
            tags: self.tags.clone(),
            image: self.image.clone(),
            cases: None,
        }
    }

    /// Reads the suites; says all that is wrong with them, and then nothing is done.
    pub fn suites(&self, out: &mut Out) -> Result<(Vec<Suite>, Sources), Exit> {
        self.suites_in(&self.paths, Format::Human, out)
    }

    /// Likewise those of these paths; in a job of GitHub what is wrong is said at its lines too.
    pub fn suites_in(
        &self,
        paths: &[PathBuf],
        format: Format,
        out: &mut Out,
    ) -> Result<(Vec<Suite>, Sources), Exit> {
        let found = check::look(paths, out)?;
        let mut sources = Sources::default();
        let mut suites = Vec::new();
        let mut said = HashSet::new();
        let mut wrong = Vec::new();
        let allowed = self.allow.these();
        for path in &found.files {
            let read = load(&mut sources, path, &World, &allowed);
            suites.extend(read.suites);
            let mask = Mask::of(&read.secrets);
            for diagnostic in read.diagnostics {
                let text = mask.diagnostic(&diagnostic, &sources, out.colors());
                if said.insert(text.clone()) {
                    out.note(&format!("{text}\n"));
                    wrong.push(mask.message(&diagnostic, &sources));
                }
            }
        }
        if said.is_empty() {
            tell_unused(&suites, &sources, out);
            for said in doubled(&sources) {
                out.note(&format!("note: {said}"));
            }
            return Ok((suites, sources));
        }
        out.note("nothing was run: the suites have to be right first");
        if format == Format::Github {
            github::tell_wrong(&wrong, out);
        }
        Err(Exit::Wrong)
    }
}

/// Says which variables the suites give their Compose files for nothing. What is under test may be at fault, so that it
/// is judged all the same.
fn tell_unused(suites: &[Suite], sources: &Sources, out: &mut Out) {
    let mut told = HashSet::new();
    for said in suites.iter().flat_map(texts::unused) {
        let place = sources.place(said.span);
        let text = format!("note: {}:{}: {}", place.file, place.line, said.message);
        if told.insert(text.clone()) {
            out.note(&text);
        }
    }
}

/// What is to be done, or the exit code after saying why it is nothing.
pub fn plan(suites: &[Suite], selection: &Selection, out: &mut Out) -> Result<Plan, Exit> {
    let plan = Plan::new(suites, selection);
    if plan.cases.is_empty() {
        let nothing = nothing::nothing(suites, selection);
        out.error(&nothing.message, &nothing.help);
        return Err(Exit::Nothing);
    }
    Ok(plan)
}
