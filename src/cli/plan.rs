//! `seaworthy plan`: what a run would do, without an engine.

use super::exit::Exit;
use super::out::{Color, Out};
use super::wanted::{self, Wanted};
use crate::report::mask::Mask;
use crate::report::plan;

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
    out.say(mask.text(plan::of(&suites, &sources, &plan)).trim_end());
    Exit::Held
}
