//! What is said where `--require-all` asks for more than was verified.

use super::style::count;
use crate::run::outcome::{Outcome, Requirement, Verdict};
use crate::run::standing::{Row, Standing, rows};

/// How many of them are named.
const MOST: usize = 30;

/// What a run is told that has no requirements at all.
pub const NONE: &str = "the suites of this run name no requirements";
/// What to do about it.
pub const HOW: &str = "suites name them under `requirements:`, and cases under `verifies:`";

/// A line that says how many requirements are open, one for each of them, and what to do; nothing where
/// none is, or none has to be verified.
pub fn of(outcome: &Outcome) -> Option<String> {
    if !outcome.lacks_requirements() {
        return None;
    }
    if outcome.requirements.is_empty() {
        let said = format!("{NONE}, and `--require-all` asks for some");
        return Some(format!("{said}\n  help: {HOW}"));
    }
    let rows = rows(outcome);
    let open: Vec<&Row> = rows.iter().filter(|row| row.is_open()).collect();
    let unverified = rows.iter().filter(|row| row.standing != Standing::Verified);
    let unverified = unverified.count();
    let is = if unverified == 1 { "is" } else { "are" };
    let mut lines = vec![format!(
        "{} {is} not verified, and `--require-all` asks for all",
        count(unverified, "requirement")
    )];
    lines.extend(open.iter().take(MOST).map(|row| format!("  {}", line(row))));
    if open.len() > MOST {
        let left = open.len() - MOST;
        lines.push(format!("  and {left} more, which `acceptance.md` has"));
    }
    match unverified - open.len() {
        0 => {}
        1 => lines.push("  and 1 whose case failed or could not be told".to_owned()),
        many => lines.push(format!(
            "  and {many} whose cases failed or could not be told"
        )),
    }
    let mut helps: Vec<&str> = open.iter().map(|row| help(row)).collect();
    helps.sort_unstable();
    helps.dedup();
    lines.extend(helps.iter().map(|help| format!("  help: {help}")));
    Some(lines.join("\n"))
}

/// `requirements.yaml:3: R1 is skipped: needs a quota (case survives a full disk)`.
fn line(row: &Row) -> String {
    let (at, id) = (place(row.requirement), &row.requirement.id);
    let standing = row.standing.word();
    format!("{at}: {id} is {standing}: {}", why(row))
}

fn place(requirement: &Requirement) -> String {
    match &requirement.place {
        Some(place) => format!("{}:{}", place.file, place.line),
        None => requirement.file.clone(),
    }
}

fn why(row: &Row) -> String {
    let skipped = row
        .cases
        .iter()
        .filter(|case| case.verdict == Verdict::Skipped);
    let skipped: Vec<String> = skipped
        .map(|case| {
            let reason = case.skip.as_deref().unwrap_or("no reason is given");
            format!("{reason} (case {})", case.name)
        })
        .collect();
    let left: Vec<&str> = row.left_out.iter().map(|case| case.name.as_str()).collect();
    let flaky = row
        .cases
        .iter()
        .filter_map(|case| Some((case, case.times().filter(|_| case.is_flaky())?)));
    let flaky: Vec<String> = flaky
        .map(|(case, times)| format!("case {}: {times}", case.name))
        .collect();
    match (row.standing, left.len()) {
        (Standing::Skipped, _) => skipped.join("; "),
        (Standing::Flaky, _) => flaky.join("; "),
        (_, 0) => "no case verifies it".to_owned(),
        (_, 1) => format!("1 case that verifies it was not run ({})", left.join(", ")),
        (_, number) => format!(
            "{number} cases that verify it were not run ({})",
            left.join(", ")
        ),
    }
}

fn help(row: &Row) -> &'static str {
    match row.standing {
        Standing::Skipped => {
            "take `skip:` off the case once its reason is gone, or verify the requirement by another case"
        }
        Standing::Flaky => {
            "find out why a case passed only when it was run again; it may be the image or the suite"
        }
        _ if !row.left_out.is_empty() => {
            "run all suites to their end, without `--filter`, `--tags` and `--fail-fast`"
        }
        _ => "name the requirement under `verifies:` of a case that shows it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::tests::sample;

    #[test]
    fn each_open_requirement_is_told_with_its_place_and_what_to_do() {
        let mut outcome = sample();
        assert_eq!(of(&outcome), None);
        outcome.require_all = true;
        insta::assert_snapshot!(of(&outcome).unwrap());
        outcome.requirements.retain(|one| one.id == "A1");
        assert_eq!(of(&outcome), None);
        outcome.requirements.clear();
        let said = of(&outcome).unwrap();
        assert!(said.contains(NONE) && said.contains(HOW), "{said}");
    }
}
