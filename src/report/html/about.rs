//! What the run itself has to say: what kept it from going well, what it was of.

use super::markup::{lines, text};
use crate::report::human::closing;
use crate::report::{json, required};
use crate::run::outcome::Outcome;

/// How many lines of a message are shown.
const LINES: usize = 40;

/// What kept the run from going well, what it lacks, what was not run.
pub fn troubles(outcome: &Outcome) -> String {
    let troubles = outcome.troubles.iter();
    let mut all: Vec<String> = troubles.map(|one| lines(&one.message, LINES)).collect();
    all.extend(required::of(outcome).map(|lacking| lines(&lacking, LINES)));
    all.extend(closing::strict(outcome).map(|flaky| lines(&flaky, LINES)));
    let given_up = closing::given_up(outcome);
    all.extend(given_up.map(|said| lines(said.trim_start_matches("! "), LINES)));
    if all.is_empty() {
        return String::new();
    }
    let all: String = all
        .iter()
        .map(|one| format!("<li class=\"message\">{one}</li>\n"))
        .collect();
    format!(
        "<section id=\"run\" aria-labelledby=\"run-title\">\n<h2 id=\"run-title\">The run itself</h2>\n<ul>\n{all}</ul>\n</section>"
    )
}

/// What was run by what, and of which texts.
pub fn of(outcome: &Outcome, started: Option<u64>) -> String {
    let mut facts: Vec<(&str, String)> = Vec::new();
    let version = env!("CARGO_PKG_VERSION");
    facts.push(("made by", format!("seaworthy {version}")));
    if !outcome.run.is_empty() {
        facts.push(("run", text(&outcome.run)));
    }
    if let Some(started) = started {
        facts.push(("begun", json::moment(started)));
    }
    if !outcome.engine.is_empty() {
        facts.push(("engine", text(&outcome.engine)));
    }
    for one in &outcome.grants {
        let asked = one.places.join(", ");
        let said = format!("{} (asked for at {asked})", one.power);
        facts.push(("allowed", text(&said)));
    }
    let facts: String = facts
        .iter()
        .map(|(name, said)| format!("<dt>{name}</dt><dd>{said}</dd>"))
        .collect();
    let row = |one: &crate::run::outcome::Text| {
        format!(
            "<tr><td>{}</td><td><code>{}</code></td></tr>\n",
            text(&one.file),
            text(&one.sha256)
        )
    };
    let texts: String = outcome.texts.iter().take(500).map(row).collect();
    let texts = match texts.is_empty() {
        true => String::new(),
        false => format!(
            "<details class=\"table\"><summary>Files of the suites</summary>\n<div class=\"wide\"><table>\n\
             <thead><tr><th scope=\"col\">File</th><th scope=\"col\">SHA-256</th></tr></thead>\n<tbody>\n{texts}</tbody></table></div>\n</details>\n"
        ),
    };
    format!(
        "<section id=\"about\" aria-labelledby=\"about-title\">\n<h2 id=\"about-title\">About this run</h2>\n<dl class=\"facts\">{facts}</dl>\n{texts}</section>"
    )
}
