//! The command line: arguments in, text and an exit code out. One file a command.
#![expect(
    clippy::disallowed_methods,
    reason = "suites are read and reports are written here"
)]

pub mod check;
pub mod doctor;
pub mod exit;
pub mod explain;
pub mod fault;
pub mod find;
pub mod gc;
pub mod interrupt;
pub mod lint;
pub mod list;
pub mod out;
pub mod outside;
pub mod plan;
pub mod run;
pub mod save;
pub mod schema;
pub mod suites;
pub mod trace;
pub mod wanted;

use clap::{Parser, Subcommand};

use exit::Exit;
use out::Out;

/// Container conformance tests: a suite says what a container must be and do, a run says which
/// claims hold.
#[derive(Debug, Parser)]
#[command(name = "seaworthy", version, arg_required_else_help = true, after_help = EXITS)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXITS: &str = "\
Exit codes: 0 all held, 1 a claim failed, 2 wrong usage or a wrong suite, 3 could not tell, \
4 nothing to do, 130 interrupted.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run suites: build, start, look and judge.
    Run(run::Args),
    /// Judge suites without an engine: every error, with its place and what to do.
    Check(check::Args),
    /// Judge Dockerfiles without an engine: what the builder refuses, and what is likely wrong.
    Lint(lint::Args),
    /// Show the cases of suites, or the requirements that they verify.
    List(list::Args),
    /// Show what a run would do: images, containers and who shares them, their order, what is asked of each.
    Plan(plan::Args),
    /// Show the requirements of a run with what came of each, from its saved report.
    Trace(trace::Args),
    /// Explain a claim, a step, a setting or a rule of `lint`; without a word, all of them in one line each.
    Explain(explain::Args),
    /// Say which container engine is found, what will not work with it, and how to mend that.
    Doctor(doctor::Args),
    /// Remove what runs left behind that were killed.
    Gc(gc::Args),
    /// Print the JSON Schema of suites, from which editors complete.
    Schema,
}

/// Reads the arguments, does what they say, and gives the exit code.
pub fn main() -> std::process::ExitCode {
    let mut out = Out::default();
    let exit = match Cli::try_parse() {
        Ok(cli) => cli.command.run(&mut out),
        Err(error) => {
            let right = error.exit_code() == 0;
            let text = error.render().ansi().to_string();
            match right {
                true => out.say(text.trim_end()),
                false => out.note(text.trim_end()),
            }
            if right { Exit::Held } else { Exit::Wrong }
        }
    };
    out.close(exit).into()
}

impl Command {
    fn run(&self, out: &mut Out) -> Exit {
        match self {
            Self::Run(args) => run::run(args, out),
            Self::Check(args) => check::run(args, out),
            Self::Lint(args) => lint::run(args, out),
            Self::List(args) => list::run(args, out),
            Self::Plan(args) => plan::run(args, out),
            Self::Trace(args) => trace::run(args, out),
            Self::Explain(args) => explain::run(args, out),
            Self::Doctor(args) => doctor::run(args, out),
            Self::Gc(args) => gc::run(args, out),
            Self::Schema => schema::run(out),
        }
    }
}
