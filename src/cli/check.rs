//! `seaworthy check`: judges suites without an engine.

pub mod composed;

use std::collections::HashSet;
use std::path::PathBuf;

use super::allow::Allow;
use super::exit::Exit;
use super::find::{self, Found};
use super::out::{Color, Out, count};
use super::run::format::Format;
use super::run::github;
use super::suites::{self, Loaded};
use crate::suite::doubled::doubled;
use crate::text::diagnostic::Diagnostic;
use crate::text::source::{Place, Sources};
use composed::Composed;

/// What to judge.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Suite files, or folders of them [default: suites/**/*.yaml].
    pub paths: Vec<PathBuf>,

    /// What they may ask for.
    #[command(flatten)]
    pub allow: Allow,

    /// When to use colours.
    #[arg(long, value_enum, default_value_t)]
    pub color: Color,
}

/// Says everything that is wrong with the suites, and how many there are.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    out.color(args.color);
    let found = match look(&args.paths, out) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let color = out.colors();
    let judged = suites::each(&found.files, &args.allow.these(), |loaded| {
        let cases: usize = loaded.suites.iter().map(|s| s.cases.len()).sum();
        let composed = match loaded.diagnostics.is_empty() {
            true => composed::of(loaded),
            false => Composed::default(),
        };
        let own = loaded.diagnostics.iter().chain(&composed.said);
        let own = own.map(|one| (&loaded.sources, one));
        let there = composed.there.iter().map(|(of, one)| (of, one));
        let all = own.chain(there);
        let said: Vec<Said> = all.map(|one| Said::of(one, loaded, color)).collect();
        let doubled = doubled(&loaded.sources).into_iter();
        let notes = doubled.map(|said| format!("note: {said}"));
        let notes = notes
            .chain(composed.notes)
            .map(|text| loaded.mask.text(text));
        (cases, said, notes.collect::<Vec<_>>())
    });
    let cases = judged.iter().map(|(cases, ..)| cases).sum();
    let wrong = judged.iter().filter(|(_, said, _)| !said.is_empty());
    let wrong = wrong.count();
    // What is wrong in a fragment is said once, however many suites include it.
    let mut known: HashSet<&str> = HashSet::new();
    let said = judged.iter().flat_map(|(_, said, _)| said);
    let said: Vec<&Said> = said.filter(|one| known.insert(&one.text)).collect();
    for one in &said {
        out.note(&format!("{}\n", one.text));
    }
    let notes = judged.iter().flat_map(|(.., notes)| notes);
    let notes: Vec<&String> = notes.filter(|note| known.insert(note)).collect();
    for note in &notes {
        out.note(note);
    }
    let noted = match notes.len() {
        0 => String::new(),
        n => format!(", {}", count(n, "note")),
    };
    let all = count(judged.len(), "suite");
    let passed_over = match found.passed_over.len() {
        0 => String::new(),
        n => format!(" ({} without `seaworthy:` passed over)", count(n, "file")),
    };
    if wrong == 0 {
        let cases = count(cases, "case");
        out.say(&format!("{all}, {cases}: no errors{noted}{passed_over}"));
        return Exit::Held;
    }
    let errors = count(said.len(), "error");
    let part = match judged.len() {
        1 => String::new(),
        _ => format!("{wrong} of "),
    };
    out.note(&format!("{errors} in {part}{all}{noted}{passed_over}"));
    if Format::found(None) == Format::Github {
        let wrong: Vec<_> = said.iter().map(|one| one.message.clone()).collect();
        github::tell_wrong(&wrong, out);
    }
    Exit::Wrong
}

/// What is wrong, as text with its surroundings and as a message at its place.
struct Said {
    text: String,
    message: (Place, String),
}

impl Said {
    fn of((sources, said): (&Sources, &Diagnostic), loaded: &Loaded<'_>, color: bool) -> Self {
        Self {
            text: loaded.mask.diagnostic(said, sources, color),
            message: loaded.mask.message(said, sources),
        }
    }
}

/// The suites that the paths mean, or the exit code after saying why there are none.
pub fn look(paths: &[PathBuf], out: &mut Out) -> Result<Found, Exit> {
    match find::find(paths) {
        Ok(found) if found.files.is_empty() => {
            let lost = find::nothing(paths, &found);
            out.error(&lost.message, &lost.help);
            Err(Exit::Nothing)
        }
        Ok(found) => Ok(found),
        Err(lost) => {
            for lost in lost {
                out.error(&lost.message, &lost.help);
            }
            Err(Exit::Wrong)
        }
    }
}
