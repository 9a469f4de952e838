//! The command line: arguments in, text and an exit code out. One file a command.
#![expect(
    clippy::disallowed_methods,
    reason = "suites are read and reports are written here"
)]

pub mod allow;
pub mod check;
pub mod completions;
pub mod doctor;
pub mod examples;
pub mod exit;
pub mod explain;
pub mod fault;
pub mod find;
pub mod gc;
pub mod init;
pub mod interrupt;
pub mod judge;
pub mod lint;
pub mod list;
pub mod man;
pub mod merge;
pub mod mutate;
pub mod number;
pub mod out;
pub mod outside;
pub mod plan;
pub mod run;
pub mod save;
pub mod saved;
pub mod schema;
pub mod settings;
pub mod suites;
pub mod trace;
pub mod wanted;

use clap::{CommandFactory, Parser, Subcommand};

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
Examples:
  seaworthy init                        write a first suite of what is in this folder
  seaworthy run                         run every suite below suites/
  seaworthy run --report reports        and write an acceptance sheet, a page, JUnit and more
  seaworthy explain http                how a claim is written
  seaworthy mutate suites/shop.yaml     what would this suite not notice?

Exit codes: 0 all held, 1 a claim failed, 2 wrong usage or a wrong suite, 3 could not tell, \
4 nothing to do, 130 interrupted.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a first suite: look at a Dockerfile, an image, a running container or a Compose file, and claim what is seen.
    #[command(after_help = examples::INIT)]
    Init(init::Args),
    /// Run suites: build, start, look and judge.
    #[command(after_help = examples::RUN)]
    Run(run::Args),
    /// Judge suites without an engine: every error, with its place and what to do.
    #[command(after_help = examples::CHECK)]
    Check(check::Args),
    /// Judge Dockerfiles without an engine: what the builder refuses, and what is likely wrong.
    #[command(after_help = examples::LINT)]
    Lint(lint::Args),
    /// Show the cases of suites, or the requirements that they verify.
    #[command(after_help = examples::LIST)]
    List(list::Args),
    /// Show what a run would do: images, containers and who shares them, their order, what is asked of each.
    #[command(after_help = examples::PLAN)]
    Plan(plan::Args),
    /// Judge a saved run again, by the facts that its report holds, without an engine; by changed suites too.
    #[command(after_help = examples::JUDGE)]
    Judge(judge::Args),
    /// Change what suites judge, one thing at a time, and tell what none of their cases notices.
    #[command(after_help = examples::MUTATE)]
    Mutate(mutate::Args),
    /// Show the requirements of a run with what came of each, from its saved report.
    #[command(after_help = examples::TRACE)]
    Trace(trace::Args),
    /// Join the reports of all shards of a run into those of one.
    #[command(after_help = examples::MERGE)]
    Merge(merge::Args),
    /// Explain a claim, a step, a setting or a rule of `lint`; without a word, all of them in one line each.
    #[command(after_help = examples::EXPLAIN)]
    Explain(explain::Args),
    /// Say which container engine is found, what will not work with it, and how to mend that.
    #[command(after_help = examples::DOCTOR)]
    Doctor(doctor::Args),
    /// Remove what runs left behind that were killed.
    #[command(after_help = examples::GC)]
    Gc(gc::Args),
    /// Print the JSON Schema of suites, from which editors complete, or that of `report.json`.
    #[command(after_help = examples::SCHEMA)]
    Schema(schema::Args),
    /// Print the script with which a shell completes this command.
    Completions(completions::Args),
    /// Print the manual page, or write one for each command into a folder.
    Man(man::Args),
}

/// Reads the arguments, does what they say, and gives the exit code.
pub fn main() -> std::process::ExitCode {
    let mut out = Out::default();
    let given = match settings::arguments(std::env::args_os().collect(), &Cli::command()) {
        Ok(given) => given,
        Err(wrong) => {
            out.note(&wrong);
            return out.close(Exit::Wrong).into();
        }
    };
    let exit = match Cli::try_parse_from(given) {
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
            Self::Init(args) => init::run(args, out),
            Self::Run(args) => run::run(args, out),
            Self::Check(args) => check::run(args, out),
            Self::Lint(args) => lint::run(args, out),
            Self::List(args) => list::run(args, out),
            Self::Plan(args) => plan::run(args, out),
            Self::Judge(args) => judge::run(args, out),
            Self::Mutate(args) => mutate::run(args, out),
            Self::Trace(args) => trace::run(args, out),
            Self::Merge(args) => merge::run(args, out),
            Self::Explain(args) => explain::run(args, out),
            Self::Doctor(args) => doctor::run(args, out),
            Self::Gc(args) => gc::run(args, out),
            Self::Schema(args) => schema::run(args, out),
            Self::Completions(args) => completions::run(args, Cli::command(), out),
            Self::Man(args) => man::run(args, Cli::command(), out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where clap breaks lines at the latest.
    const HELP_WIDTH: usize = 100;

    #[test]
    fn every_example_in_the_help_is_right() {
        let command = Cli::command();
        let mut count = 0;
        for of in command.get_subcommands() {
            let help = of
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            for line in help.lines().filter_map(|line| line.strip_prefix("  ")) {
                // What comes after it is said about it, or is for the shell.
                let ends = ["  ", " > ", " | "]
                    .iter()
                    .filter_map(|end| line.find(end))
                    .min();
                let written = line[..ends.unwrap_or(line.len())].replace('\'', "");
                let read = command.clone().try_get_matches_from(written.split(' '));
                let read = read.unwrap_or_else(|error| panic!("{line}\n{error}"));
                assert_eq!(read.subcommand_name(), Some(of.get_name()), "{line}");
                count += 1;
            }
        }
        assert!(count > 15, "there are {count} examples");
    }

    #[test]
    fn the_settings_in_the_readme_are_right() {
        let readme = include_str!("../README.md");
        let text = readme
            .split("```toml\n")
            .find(|text| text.starts_with("suites"));
        let text = text.and_then(|text| text.split("```").next()).unwrap();
        let mut sources = crate::text::source::Sources::default();
        let read = settings::read::settings(&mut sources, settings::NAME, text, &Cli::command());
        // What `run` allows is told to five commands more.
        assert_eq!(read.map(|all| all.len()).ok(), Some(14));
    }

    #[test]
    fn no_example_is_broken_by_the_width_of_the_help() {
        let command = Cli::command();
        let all = command.get_subcommands().chain([&command]);
        let helps = all.filter_map(|of| of.get_after_help().map(ToString::to_string));
        let helps: Vec<String> = helps.collect();
        let examples = helps.iter().flat_map(|help| help.lines());
        for line in examples.filter(|line| line.starts_with("  ")) {
            assert!(line.chars().count() <= HELP_WIDTH, "{line}");
        }
    }

    #[test]
    fn the_arguments_are_as_clap_wants_them() {
        Cli::command().debug_assert();
    }
}
