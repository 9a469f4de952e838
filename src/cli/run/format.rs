//! What of a run goes to standard output.

use super::desk::characters;
use super::{github, started};
use crate::cli::out::Out;
use crate::engine::world;
use crate::report::gitlab::Sections;
use crate::report::watch::{Volume, Watch};
use crate::report::{acceptance, clean, json, junit, tap};
use crate::run::outcome::Outcome;

/// What goes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: what goes on, and what came of it.
    Human,
    /// The same, then annotations at the lines of suites, and the summary of the job.
    Github,
    /// The same, and what did not pass in sections that can be folded.
    Gitlab,
    /// As in `report.json`.
    Json,
    /// As in `junit.xml`.
    Junit,
    /// TAP, version 14, as in `report.tap`.
    Tap,
    /// The acceptance sheet, as in `acceptance.md`.
    Markdown,
}

impl Format {
    /// The one that is asked for, else that of the build server whose job this is.
    pub fn found(asked: Option<Self>) -> Self {
        let says = |name| world::variable(name).is_some_and(|value| value == "true");
        match asked {
            Some(format) => format,
            None if says("GITHUB_ACTIONS") => Self::Github,
            None if says("GITLAB_CI") => Self::Gitlab,
            None => Self::Human,
        }
    }

    /// What turns a run into lines of this form.
    pub fn watch(self, volume: Volume, live: bool) -> Watch {
        let watch = Watch::new(characters(), volume, live);
        match self {
            Self::Gitlab => watch.in_sections(Sections::new(started().unwrap_or(0))),
            _ => watch,
        }
    }

    /// Whether it is one document, which is whole only at the end.
    pub fn is_document(self) -> bool {
        matches!(self, Self::Json | Self::Junit | Self::Tap | Self::Markdown)
    }

    /// Says what goes on, where it does not stand between what programs read.
    pub fn goes_on(self, text: &str, out: &mut Out) {
        match self {
            Self::Human | Self::Github => out.say(text),
            Self::Gitlab => out.say_with_marks(text),
            Self::Json | Self::Junit | Self::Tap | Self::Markdown => out.note(text),
        }
    }

    /// Says what is to be said once all is done.
    pub fn ends(self, outcome: &Outcome, started: Option<u64>, out: &mut Out) {
        let began = || started.map(json::moment);
        let text = match self {
            Self::Human | Self::Gitlab => return,
            Self::Github => return github::tell(outcome, began().as_deref(), out),
            Self::Json => clean::json(&json::of(outcome, started)),
            Self::Junit => junit::of(outcome, started),
            Self::Tap => tap::of(outcome),
            Self::Markdown => acceptance::markdown(outcome, began().as_deref()),
        };
        out.say(text.trim_end());
    }
}
