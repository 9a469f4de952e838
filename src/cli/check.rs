//! `seaworthy check`: judges suites without an engine.

mod composed;

use std::collections::HashSet;
use std::path::PathBuf;

use super::allow::Allow;
use super::exit::Exit;
use super::find::{self, Found};
use super::out::{Out, count};
use super::suites;
use composed::Composed;

/// What to judge.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Suite files, or folders of them [default: suites/**/*.yaml].
    pub paths: Vec<PathBuf>,

    /// What they may ask for.
    #[command(flatten)]
    pub allow: Allow,
}

/// Says everything that is wrong with the suites, and how many there are.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    let found = match look(&args.paths, out) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    let color = out.colors();
    let judged = suites::each(&found.files, &args.allow.these(), |loaded| {
        let cases: usize = loaded.suites.iter().map(|s| s.cases.len()).sum();
        let mut said = loaded.complaints(color);
        let composed = match said.is_empty() {
            true => composed::of(loaded),
            false => Composed::default(),
        };
        let text = |d| loaded.mask.diagnostic(d, &loaded.sources, color);
        said.extend(composed.said.iter().map(text));
        let notes = composed
            .notes
            .into_iter()
            .map(|text| loaded.mask.text(text));
        (cases, said, notes.collect::<Vec<_>>())
    });
    let cases = judged.iter().map(|(cases, ..)| cases).sum();
    let wrong = judged.iter().filter(|(_, said, _)| !said.is_empty());
    let wrong = wrong.count();
    // What is wrong in a fragment is said once, however many suites include it.
    let mut said: HashSet<&str> = HashSet::new();
    for text in judged.iter().flat_map(|(_, said, _)| said) {
        if said.insert(text) {
            out.note(&format!("{text}\n"));
        }
    }
    judged
        .iter()
        .flat_map(|(.., notes)| notes)
        .for_each(|why| out.note(why));
    let all = count(judged.len(), "suite");
    let passed_over = match found.passed_over.len() {
        0 => String::new(),
        n => format!(" ({} without `seaworthy:` passed over)", count(n, "file")),
    };
    if wrong == 0 {
        let cases = count(cases, "case");
        out.say(&format!("{all}, {cases}: no errors{passed_over}"));
        return Exit::Held;
    }
    let errors = count(said.len(), "error");
    let part = match judged.len() {
        1 => String::new(),
        _ => format!("{wrong} of "),
    };
    out.note(&format!("{errors} in {part}{all}{passed_over}"));
    Exit::Wrong
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
