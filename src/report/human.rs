//! The report for people: a terminal or the log of a build server.

pub mod closing;
pub mod detail;
pub mod snippet;

#[cfg(test)]
pub(super) mod tests;

use super::style::{self, BOLD, Characters, DIM, paint};
use super::{clean, json};
use crate::run::outcome::{CaseOutcome, Outcome, Verdict};

/// Where times end: at the right edge of the narrowest usual terminal.
const RIGHT: usize = 80;

/// The line above the cases of a suite.
pub fn heading(suite: &str) -> String {
    format!("\n{}\n", paint(BOLD, clean::line(suite)))
}

/// The line of a case, and below it what there is to say when it did not pass.
pub fn case(case: &CaseOutcome, characters: Characters) -> String {
    let name = clean::line(&case.name);
    let mark = characters.mark(case.verdict);
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
    format!("{line}\n{}", detail::of(case))
}

/// The whole report.
pub fn whole(outcome: &Outcome, characters: Characters) -> String {
    let mut text = String::new();
    let mut suite = None;
    for one in &outcome.cases {
        if suite != Some(&one.suite) {
            text.push_str(&heading(&one.suite));
            suite = Some(&one.suite);
        }
        text.push_str(&case(one, characters));
    }
    text.push_str(&closing::of(outcome, characters));
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
