//! `seaworthy plan`: what a run would do, without an engine.

use std::collections::BTreeSet;

use super::check::composed::{asks_of_file, of_suites};
use super::exit::Exit;
use super::out::{Color, Out};
use super::wanted::{self, Wanted};
use crate::report::mask::Mask;
use crate::report::plan::{self, Told};

/// What to plan.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which suites and cases.
    #[command(flatten)]
    pub wanted: Wanted,

    /// When to use colours.
    #[arg(long, value_enum, default_value_t)]
    pub color: Color,
}

/// Prints the plan.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    out.color(args.color);
    let (suites, sources) = match args.wanted.suites(out) {
        Ok(read) => read,
        Err(exit) => return exit,
    };
    let plan = match wanted::plan(&suites, &args.wanted.selection(), out) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    let mask = Mask::of(suites.iter().flat_map(|suite| &suite.secrets));
    let planned: BTreeSet<usize> = plan.cases.iter().map(|(suite, _)| *suite).collect();
    let those = suites.iter().enumerate();
    let those =
        those.filter(|(at, suite)| planned.contains(at) && suite.cases.iter().any(asks_of_file));
    let composed = of_suites(those, args.wanted.image.as_deref());
    for note in &composed.notes {
        out.note(&mask.text(note.clone()));
    }
    let own = composed.said.iter().map(|one| (&sources, one));
    let wrong = own.chain(composed.there.iter().map(|(of, one)| (of, one)));
    let mut said = BTreeSet::new();
    for (of, one) in wrong {
        let text = mask.diagnostic(one, of, out.colors());
        if said.insert(text.clone()) {
            out.note(&format!("{text}\n"));
        }
    }
    if !said.is_empty() {
        out.note("nothing is planned: the Compose files have to be right first");
        return Exit::Wrong;
    }
    let told = Told {
        files: &composed.files,
        here: &std::path::absolute(".").unwrap_or_default(),
    };
    out.say(
        mask.text(plan::of(&suites, &sources, &plan, told))
            .trim_end(),
    );
    Exit::Held
}
