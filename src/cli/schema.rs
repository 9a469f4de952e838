//! `seaworthy schema`: prints the JSON Schemas of suites and reports.

use super::exit::Exit;
use super::out::Out;
use crate::suite::schema::schema;

/// The one of `report.json`, made from the types of the report.
const REPORT: &str = include_str!("../../schema/report.schema.json");

/// Of what.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Of what.
    #[arg(value_enum, default_value_t = What::Suite)]
    pub of: What,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// Suites.
    Suite,
    /// `report.json`.
    Report,
}

/// Prints it, with a newline at its end.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    match args.of {
        What::Suite => out.say(&pretty()),
        What::Report => out.say(REPORT.trim_end()),
    }
    Exit::Held
}

fn pretty() -> String {
    format!("{:#}", schema())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_the_one_of_the_language() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/suite.schema.json");
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == pretty() + "\n",
            "the language changed; run: cargo run -- schema > schema/suite.schema.json"
        );
    }
}
