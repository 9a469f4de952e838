//! The report for people: a terminal or the log of a build server.

pub mod closing;
pub mod detail;
pub mod snippet;
pub mod told;

#[cfg(test)]
pub(super) mod tests;

use std::collections::HashMap;

use super::style::{self, BOLD, Characters, DIM, paint};
use super::{clean, json, named};
use crate::run::outcome::{CaseOutcome, Outcome, Verdict};
use told::Told;

/// Where times end: at the right edge of the narrowest usual terminal.
const RIGHT: usize = 80;

/// Puts cases below the names of their suites, with one empty line where one helps.
#[derive(Debug, Default)]
pub struct Page {
    /// The suite whose cases are told, and its file.
    suite: Option<[String; 2]>,
    /// The file of the first suite of each name.
    files: HashMap<String, String>,
    /// Whether the last line is an empty one.
    parted: bool,
    told: Told,
}

impl Page {
    /// The lines of the next case.
    pub fn case(&mut self, case: &CaseOutcome, characters: Characters) -> String {
        self.parts(case, characters).concat()
    }

    /// The same in three parts: what stands above it, its line, and what there is to say of it.
    pub fn parts(&mut self, case: &CaseOutcome, characters: Characters) -> [String; 3] {
        let mut above = String::new();
        let suite = [&case.suite, &case.suite_file].map(String::clone);
        if self.suite.as_ref() != Some(&suite) {
            let gap = if self.parted { "" } else { "\n" };
            let [name, file] = &suite;
            let first = self.files.entry(name.clone()).or_insert(file.clone());
            let name = match first == file {
                true => name.clone(),
                false => named::with(name, file),
            };
            above = format!("{gap}{}\n", paint(BOLD, clean::line(&name)));
            self.suite = Some(suite);
            self.told = Told::default();
        }
        let detail = detail::of(case, &self.told);
        self.told.add(case);
        self.parted = detail.ends_with("\n\n");
        [above, one(case, characters), detail]
    }

    /// The closing lines.
    pub fn end(&self, outcome: &Outcome, characters: Characters) -> String {
        let gap = if self.parted { "" } else { "\n" };
        format!("{gap}{}", closing::of(outcome, characters))
    }
}

/// The line of a case.
fn one(case: &CaseOutcome, characters: Characters) -> String {
    let name = clean::line(&case.name);
    let mark = characters.mark_of(case);
    let mut line = format!("  {mark} {name}");
    if case.verdict != Verdict::Skipped {
        let took = style::time(case.took);
        let used = 12 + style::width(&name) + took.len();
        let gap = RIGHT.saturating_sub(used).max(2);
        // What took no time to speak of does not draw the eye.
        let short = case.took.as_millis() < 100;
        let took = if short { paint(DIM, took) } else { took };
        line.push_str(&format!("{:gap$}{took}", ""));
    }
    line + "\n"
}

/// The whole report.
pub fn whole(outcome: &Outcome, characters: Characters) -> String {
    let mut page = Page::default();
    let cases = outcome.cases.iter();
    let mut text: String = cases.map(|case| page.case(case, characters)).collect();
    text.push_str(&page.end(outcome, characters));
    text
}

/// The whole report as a file: without styles, and with what made it and when at its top.
pub fn file(outcome: &Outcome, started: Option<u64>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut top = format!("seaworthy {version}");
    if !outcome.run.is_empty() {
        top.push_str(&format!(", run {}", outcome.run));
    }
    if let Some(started) = started {
        top.push_str(&format!(", {}", json::moment(started)));
    }
    let whole = whole(outcome, Characters::Unicode);
    format!("{top}\n{}", style::bare(&whole))
}
