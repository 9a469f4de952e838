//! `acceptance.md`: the sheet that a release manager reads and files.

use std::collections::BTreeSet;

use super::{accepted, seen};
use crate::report::human::closing;
use crate::report::style::bare;
use crate::report::{clean, required};
use crate::run::outcome::{CaseOutcome, ImageOf, Outcome, Verdict};
use crate::run::standing::{Row, Standing, rows};

/// How much is told of what one case saw; all of it is in `acceptance.json`.
const SEEN: usize = 4;

/// The sheet of a run that began then.
pub fn of(outcome: &Outcome, started: Option<&str>) -> String {
    let rows = rows(outcome);
    let mut text = format!("# Acceptance\n\n{}\n", headline(outcome, &rows));
    let mut file = "";
    for row in &rows {
        if row.requirement.file != file {
            file = &row.requirement.file;
            text.push_str(&format!(
                "\n## {}\n\n| Requirement | | Verified by | Seen |\n| --- | --- | --- | --- |\n",
                cell(file)
            ));
        }
        text.push_str(&table_row(row));
    }
    text.push_str(&format!(
        "\n## How this was found\n\n{}",
        made(outcome, started)
    ));
    text
}

fn headline(outcome: &Outcome, rows: &[Row]) -> String {
    let of = |standing| rows.iter().filter(|row| row.standing == standing).count();
    let verified = of(Standing::Verified);
    if rows.is_empty() {
        return format!(
            "**Nothing to accept**: {}. {}\n\n{}; the other reports have the cases.",
            required::NONE,
            upper(required::HOW) + ".",
            cell(bare(&closing::verdict(outcome)).trim_end())
        );
    }
    let mut text = match accepted(outcome, rows) {
        true => "**Accepted**".to_owned(),
        false => "**Not accepted**".to_owned(),
    };
    text.push_str(&format!(
        ": {verified} of {} requirements are verified",
        rows.len()
    ));
    for standing in Standing::OTHERS {
        match of(standing) {
            0 => {}
            number => text.push_str(&format!(", {number} {}", standing.word())),
        }
    }
    let loose = |verdict| outcome.count(verdict) > 0;
    let whole = rows.len() == verified;
    let besides = match () {
        () if outcome.interrupted => " The run was interrupted.",
        () if !whole => "",
        () if loose(Verdict::Failed) => " A case that verifies none of them failed.",
        () if loose(Verdict::Errored) => " A case that verifies none of them could not be told.",
        () if !outcome.troubles.is_empty() => " The run itself did not go well.",
        () => "",
    };
    let flaky = closing::strict(outcome).map_or(String::new(), |said| format!(" {}.", cell(&said)));
    format!("{text}.{besides}{flaky}")
}

/// A sentence of a message as one that stands by itself.
fn upper(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

fn table_row(row: &Row) -> String {
    let requirement = row.requirement;
    let cases = row.cases.iter().map(|case| verifier(case));
    let cases: Vec<String> = cases.chain(left_out(row)).collect();
    let saw: Vec<String> = row.cases.iter().flat_map(|case| evidence(case)).collect();
    format!(
        "| **{}** {} | {} {} | {} | {} |\n",
        cell(&requirement.id),
        cell(&requirement.says),
        mark(row.standing),
        row.standing.word(),
        cases.join("<br>"),
        saw.join("<br>")
    )
}

fn mark(standing: Standing) -> char {
    match standing {
        Standing::Verified => '✔',
        Standing::Failed => '✘',
        Standing::Errored => '!',
        Standing::Flaky => '~',
        Standing::Skipped | Standing::Incomplete | Standing::Uncovered => '–',
    }
}

/// How many cases that verify it were not run.
fn left_out(row: &Row) -> Option<String> {
    let (and, more) = match row.cases.is_empty() {
        true => ("", ""),
        false => ("and ", "more "),
    };
    match row.left_out.len() {
        0 => None,
        1 => Some(format!("{and}1 {more}case that verifies it was not run")),
        many => Some(format!(
            "{and}{many} {more}cases that verify it were not run"
        )),
    }
}

fn verifier(case: &CaseOutcome) -> String {
    let place = format!("{}:{}", cell(&case.place.file), case.place.line);
    let came = match case.word() {
        word if word == Verdict::Passed.word() => String::new(),
        word => format!(" **{word}**"),
    };
    format!("{} ({place}){came}", cell(&case.name))
}

/// What speaks for the verdict of a case, how often that was so first where it was run more than once.
fn evidence(case: &CaseOutcome) -> Vec<String> {
    let times = match (case.times(), case.runs().all) {
        // Behind what it saw in the end.
        (Some(_), _) if case.is_flaky() => None,
        (Some(times), _) => Some(times),
        (None, 0 | 1) => None,
        (None, all) => Some(format!("passed all {all} times")),
    };
    times
        .iter()
        .map(|times| cell(times))
        .chain(seen_of(case))
        .collect()
}

fn seen_of(case: &CaseOutcome) -> Vec<String> {
    match case.verdict {
        Verdict::Passed => {
            let all: Vec<String> = seen(case)
                .map(|(claim, _, seen)| format!("{}: {}", cell(claim), cell(&seen.join("; "))))
                .collect();
            let mut shown: Vec<String> = all.iter().take(SEEN).cloned().collect();
            let left = case.claims.len() - shown.len();
            shown.extend(
                case.times()
                    .map(|times| cell(&format!("{times}, then it passed"))),
            );
            match (shown.is_empty(), left) {
                (_, 0) => {}
                (true, 1) => shown.push("1 claim held".to_owned()),
                (true, left) => shown.push(format!("{left} claims held")),
                (false, 1) => shown.push("and 1 more claim held".to_owned()),
                (false, left) => shown.push(format!("and {left} more claims held")),
            }
            shown.extend(case.judged_by().map(|by| format!("judged {}", cell(&by))));
            shown
        }
        Verdict::Failed => {
            let failures = case.failures.iter().take(SEEN).map(|failure| {
                let (expected, actual) = (cell(&failure.expected), cell(&failure.actual));
                let line = failure.place.line;
                format!(
                    "{} (line {line}): expected {expected}, actual {actual}",
                    cell(&failure.about())
                )
            });
            failures.collect()
        }
        Verdict::Errored => {
            let troubles = case.troubles.iter().take(SEEN);
            troubles.map(|trouble| cell(&trouble.message)).collect()
        }
        Verdict::Skipped => case.skip.iter().map(|why| cell(why)).collect(),
    }
}

/// What made the sheet, of what, and when.
fn made(outcome: &Outcome, started: Option<&str>) -> String {
    let mut text = format!("- seaworthy {}", env!("CARGO_PKG_VERSION"));
    if !outcome.run.is_empty() {
        text.push_str(&format!(", run {}", cell(&outcome.run)));
    }
    text.push('\n');
    if let Some(started) = started {
        text.push_str(&format!("- began {}\n", cell(started)));
    }
    let engine = match (outcome.engine.as_str(), outcome.troubles.as_slice()) {
        ("", []) => "none was asked, since nothing needed one".to_owned(),
        ("", _) => "none answered".to_owned(),
        (engine, _) => cell(engine),
    };
    text.push_str(&format!("- engine: {engine}\n"));
    let images: BTreeSet<String> = outcome.cases.iter().flat_map(images).collect();
    text.extend(images.into_iter().map(|image| format!("- {image}\n")));
    for one in &outcome.grants {
        text.push_str(&format!(
            "- allowed: {} (asked for at {})\n",
            cell(&one.power),
            cell(&one.places.join(", "))
        ));
    }
    for file in &outcome.texts {
        text.push_str(&format!(
            "- {}: sha256 {}\n",
            cell(&file.file),
            cell(&file.sha256)
        ));
    }
    text
}

/// The images of a case: each by its service where it has several.
fn images(case: &CaseOutcome) -> Vec<String> {
    match case.images.as_slice() {
        [] | [_] => {
            let image = case.image.iter();
            image
                .map(|image| format!("image: {}", cell(image)))
                .collect()
        }
        several => {
            let line = |one: &ImageOf| {
                let (service, name, id) = (cell(&one.service), cell(&one.name), cell(&one.id));
                format!("image of {service}: {name} ({id})")
            };
            several.iter().map(line).collect()
        }
    }
}

/// How many lines of a text stand in a cell.
const LINES: usize = 6;

/// A text in a cell of a table, in which Markdown finds nothing to obey.
pub fn cell(text: &str) -> String {
    let lines = clean::lines(text, LINES);
    let lines: Vec<String> = lines.iter().map(|line| harmless(line.trim())).collect();
    lines.join("<br>")
}

fn harmless(line: &str) -> String {
    let mut out = String::new();
    for c in line.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '|' | '`' | '*' | '_' | '$' | '[' | ']' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_stand_there_as_they_are() {
        let cases = [
            ("/app/__init__.py", "/app/\\_\\_init\\_\\_.py"),
            ("$A and $B", "\\$A and \\$B"),
            ("*a* ~~b~~", "\\*a\\* \\~\\~b\\~\\~"),
        ];
        for (text, expected) in cases {
            assert_eq!(cell(text), expected);
        }
    }
}
