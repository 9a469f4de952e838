//! The end of the report: what did not pass and where, what is left to do, and the verdict.

use super::snippet;
use crate::report::named::Named;
use crate::report::style::{BAD, BOLD, Characters, DIM, DOUBT, GOOD, paint};
use crate::report::{clean, required};
use crate::run::outcome::{CaseOutcome, Outcome, Verdict};
use crate::run::standing::{Standing, rows};
use crate::text::source::Place;

/// How many requirements of a standing are named, and how many powers.
const IDS: usize = 12;

/// The closing lines; the last is `N passed, N failed, N errored, N skipped in N.N s`, where some of them are flaky
/// `N passed (N flaky), …`.
pub fn of(outcome: &Outcome, characters: Characters) -> String {
    let mut open = String::new();
    for case in &outcome.cases {
        if case.is_open() {
            let mark = characters.mark_of(case);
            let (suite, name) = (clean::line(&case.suite), clean::line(&case.name));
            let at = snippet::at(place(&case.as_found()));
            open.push_str(&format!("{mark} {suite}::{name}\n          {at}\n"));
        }
    }
    for trouble in &outcome.troubles {
        let said = paint(DOUBT.bold(), "! the run:");
        let lines = clean::lines(&trouble.message, 24).join("\n          ");
        open.push_str(&format!("{said} {lines}\n"));
    }
    if let Some(lacking) = required::of(outcome) {
        let said = paint(BAD.bold(), "! requirements:");
        let lines = clean::lines(&lacking, 40).join("\n        ");
        open.push_str(&format!("{said} {lines}\n"));
    }
    if let Some(said) = flaky(outcome) {
        let style = if outcome.strict { BAD } else { DOUBT };
        open.push_str(&format!("{}\n", paint(style.bold(), format!("! {said}"))));
    }
    if let Some(said) = given_up(outcome) {
        open.push_str(&paint(DOUBT.bold(), said));
        open.push('\n');
    }
    if !open.is_empty() {
        open.push('\n');
    }
    let requirements = requirements(outcome).map_or(String::new(), |line| line + "\n");
    let granted = granted(outcome).map_or(String::new(), |line| line + "\n");
    format!("{open}{requirements}{granted}{}", verdict(outcome))
}

/// The powers over this machine that the suites were given.
fn granted(outcome: &Outcome) -> Option<String> {
    let powers = outcome.grants.iter().take(IDS);
    let powers: Vec<String> = powers.map(|one| clean::line(&one.power)).collect();
    let more = match outcome.grants.len().saturating_sub(IDS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!powers.is_empty()).then(|| format!("allowed: {}{more}", powers.join(", ")))
}

/// Why cases that passed only when they were run again fail the run, where they do.
pub fn strict(outcome: &Outcome) -> Option<String> {
    flaky(outcome).filter(|_| outcome.strict)
}

/// How many cases passed only when they were run again.
fn flaky(outcome: &Outcome) -> Option<String> {
    let said = match outcome.flaky() {
        0 => return None,
        1 => "1 case passed only when it was run again".to_owned(),
        many => format!("{many} cases passed only when they were run again"),
    };
    Some(match outcome.strict {
        true => said + ", and `--strict` takes none of these",
        false => said,
    })
}

/// What was left out, and why.
pub fn given_up(outcome: &Outcome) -> Option<String> {
    let cases = match outcome.unjudged {
        1 => "1 case was not judged".to_owned(),
        number => format!("{number} cases were not judged"),
    };
    match (outcome.interrupted, outcome.unjudged) {
        (true, 0) => Some("! interrupted".to_owned()),
        (true, _) => Some(format!("! interrupted: {cases}")),
        (false, 0) => None,
        // Of a run of several shards the troubles say of each why.
        (false, _) if !outcome.troubles.is_empty() => Some(format!("! {cases}")),
        (false, _) => Some(format!("! {cases}, as --fail-fast says")),
    }
}

/// The place to go to first.
pub fn place(case: &CaseOutcome) -> &Place {
    let failure = case.failures.first().map(|f| &f.place);
    let trouble = case.troubles.iter().find_map(|t| t.place.as_ref());
    let first = match case.verdict {
        Verdict::Errored => trouble.or(failure),
        _ => failure.or(trouble),
    };
    first.unwrap_or(&case.place)
}

/// `N passed, N failed, N errored, N skipped in N.N s`, with those of the passed that are flaky behind them.
pub fn verdict(outcome: &Outcome) -> String {
    let flaky = match outcome.flaky() {
        0 => String::new(),
        some => format!(" ({})", paint(DOUBT.bold(), format!("{some} flaky"))),
    };
    let part = |verdict: Verdict, style: anstyle::Style| {
        let number = outcome.count(verdict);
        let style = if number == 0 { DIM } else { style };
        paint(style, format!("{number} {}", verdict.word()))
    };
    let parts = [
        part(Verdict::Passed, GOOD.bold()) + &flaky,
        part(Verdict::Failed, BAD.bold()),
        part(Verdict::Errored, DOUBT.bold()),
        part(Verdict::Skipped, BOLD),
    ];
    let seconds = outcome.took.as_secs_f64();
    format!("{} in {seconds:.1} s\n", parts.join(", "))
}

/// How the requirements stand, as the acceptance sheet has them, where there are any.
fn requirements(outcome: &Outcome) -> Option<String> {
    let (rows, named) = (rows(outcome), Named::of(outcome));
    let of = |standing| rows.iter().filter(move |row| row.standing == standing);
    let verified = of(Standing::Verified).count();
    let mut parts = vec![format!("{verified} of {} verified", rows.len())];
    for standing in Standing::OTHERS {
        let ids: Vec<String> = of(standing)
            .map(|row| clean::line(&named.requirement(row.requirement)))
            .collect();
        let style = match standing {
            Standing::Failed => BAD.bold(),
            Standing::Errored | Standing::Flaky => DOUBT.bold(),
            _ => DIM,
        };
        let said = paint(style, format!("{} {}", ids.len(), standing.word()));
        let more = match ids.len().saturating_sub(IDS) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        if let Some(shown) = ids.chunks(IDS).next() {
            parts.push(format!("{said} ({}{more})", shown.join(", ")));
        }
    }
    (!rows.is_empty()).then(|| format!("requirements: {}", parts.join(", ")))
}
