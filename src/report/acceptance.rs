//! The acceptance sheet: each requirement with the cases that verify it, what came of them, and what was
//! seen. `acceptance.md` for people, `acceptance.json` for programs.

mod markdown;

use serde::Serialize;
use serde_json::json;

use crate::run::grants::Given;
use crate::run::outcome::{CaseOutcome, LeftOut, Outcome};
use crate::run::standing::{Row, Standing, rows};
pub use markdown::{cell, of as markdown};

/// Of the form of `acceptance.json`; it changes only where an old reader would misread a new sheet.
pub const VERSION: u32 = 1;

/// What was seen by a case, claim by claim, and where the suite asks for it.
fn seen(case: &CaseOutcome) -> impl Iterator<Item = (&str, usize, &[String])> {
    let claims = case.claims.iter().filter(|claim| !claim.seen.is_empty());
    claims.map(|claim| {
        (
            claim.claim.as_str(),
            claim.place.line,
            claim.seen.as_slice(),
        )
    })
}

/// The same for programs, with what does not hold: beside what was seen of that stands what was expected.
fn evidence(case: &CaseOutcome) -> Vec<serde_json::Value> {
    let held =
        seen(case).map(|(claim, line, seen)| json!({ "claim": claim, "line": line, "seen": seen }));
    let failed = case.failures.iter().map(|failure| {
        json!({
            "claim": failure.claim, "line": failure.place.line, "about": failure.about(),
            "service": failure.service, "expected": failure.expected, "seen": [failure.actual],
        })
    });
    held.chain(failed).collect()
}

#[derive(Debug, Serialize)]
struct Sheet<'a> {
    version: u32,
    tool: serde_json::Value,
    run: &'a str,
    started: Option<&'a str>,
    engine: &'a str,
    accepted: bool,
    requirements: Vec<serde_json::Value>,
    suites: serde_json::Value,
    allowed: &'a [Given],
}

/// Whether all requirements are verified, and nothing kept the run from telling.
pub fn accepted(outcome: &Outcome, rows: &[Row]) -> bool {
    let all = rows.iter().all(|row| row.standing == Standing::Verified);
    all && !rows.is_empty() && outcome.exit_code() == 0
}

/// The sheet for programs.
pub fn json(outcome: &Outcome, started: Option<&str>) -> String {
    let rows = rows(outcome);
    let case = |case: &&CaseOutcome| {
        let troubles = case.troubles.iter().map(|trouble| &trouble.message);
        json!({
            "suite": case.suite, "name": case.name, "file": case.place.file, "line": case.place.line,
            "verdict": case.verdict.word(), "flaky": case.is_flaky(), "runs": case.runs(), "skip": case.skip, "image": case.image,
            "images": case.images,
            "claims": case.claims.len(), "seen": evidence(case), "troubles": troubles.collect::<Vec<_>>(),
        })
    };
    let left_out = |case: &&LeftOut| json!({ "suite": case.suite, "name": case.name });
    let requirements = rows.iter().map(|row| {
        json!({
            "id": row.requirement.id, "says": row.requirement.says, "file": row.requirement.file,
            "standing": row.standing.word(), "cases": row.cases.iter().map(case).collect::<Vec<_>>(),
            "left_out": row.left_out.iter().map(left_out).collect::<Vec<_>>(),
        })
    });
    let suites = outcome
        .texts
        .iter()
        .map(|text| json!({ "file": text.file, "sha256": text.sha256 }));
    let sheet = Sheet {
        version: VERSION,
        tool: json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") }),
        run: &outcome.run,
        started,
        engine: &outcome.engine,
        accepted: accepted(outcome, &rows),
        requirements: requirements.collect(),
        suites: suites.collect(),
        allowed: &outcome.grants,
    };
    // What is made of texts, numbers and lists alone is always written.
    serde_json::to_string_pretty(&sheet).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::tests::{flaky, poison, sample};
    use crate::run::attempt::{Again, settled};
    use crate::run::outcome::Verdict;

    const BEGAN: &str = "1970-01-01T00:00:00Z";

    #[test]
    fn a_whole_sheet_reads_like_this() {
        insta::assert_snapshot!(markdown(&sample(), Some(BEGAN)));
    }

    #[test]
    fn a_sheet_for_programs_reads_like_this() {
        insta::assert_snapshot!(json(&sample(), Some(BEGAN)));
    }

    #[test]
    fn accepted_is_what_is_verified_by_a_run_that_ended_well() {
        let mut outcome = sample();
        outcome.cases.retain(|case| case.verdict == Verdict::Passed);
        outcome.troubles.clear();
        let good = |outcome: &Outcome| accepted(outcome, &rows(outcome));
        assert!(!good(&outcome), "A3 is uncovered");
        outcome.requirements.retain(|one| one.id == "A1");
        assert!(good(&outcome));
        outcome.interrupted = true;
        assert!(!good(&outcome));
        outcome.interrupted = false;
        outcome.requirements.clear();
        assert!(!good(&outcome), "nothing is required");
        let text = markdown(&outcome, None);
        assert!(
            text.starts_with(
                "# Acceptance\n\n**Nothing to accept**: the suites of this run name no"
            ) && text.contains("2 passed, 0 failed"),
            "{text}"
        );
    }

    #[test]
    fn a_requirement_that_held_only_the_second_time_is_flaky() {
        let mut outcome = flaky();
        outcome.cases.truncate(1);
        outcome.left_out.clear();
        assert_eq!(outcome.exit_code(), 0);
        let text = markdown(&outcome, None);
        assert!(
            text.contains("**Not accepted**: 0 of 1 requirements are verified, 1 flaky."),
            "{text}"
        );
        assert!(
            text.contains(
                "| ~ flaky | runs as its own user (suites/aisopod/run.yaml:10) **flaky** |"
            ),
            "{text}"
        );
        assert!(
            text.contains("failed 1 of 2 times, then it passed"),
            "{text}"
        );
        outcome.strict = true;
        let text = markdown(&outcome, None);
        let said = "1 flaky. 1 case passed only when it was run again, and \\`--strict\\` takes none of these.\n";
        assert!(text.contains(said), "{text}");
        outcome.strict = false;
        outcome.require_all = true;
        assert_eq!(outcome.exit_code(), 1);
        let said = crate::report::required::of(&outcome).unwrap();
        assert!(
            said.contains("A3 is flaky: case runs as its own user: failed 1 of 2 times"),
            "{said}"
        );
    }

    #[test]
    fn how_often_a_case_was_run_and_did_not_pass_stands_in_the_sheet() {
        let one = |verdict: Verdict| {
            let all = sample().cases;
            all.into_iter().find(|case| case.verdict == verdict)
        };
        let (passed, failed, errored) = (
            one(Verdict::Passed).unwrap(),
            one(Verdict::Failed).unwrap(),
            one(Verdict::Errored).unwrap(),
        );
        let of = |cases: &[&CaseOutcome]| {
            let cases = cases.iter().map(|case| CaseOutcome {
                name: "it".to_owned(),
                verifies: vec!["A1".to_owned()],
                ..(*case).clone()
            });
            let times = Again::Times(u16::try_from(cases.len()).unwrap());
            let mut outcome = sample();
            outcome.cases = settled(cases, times).into_iter().collect();
            outcome.requirements.retain(|one| one.id == "A1");
            let runs: serde_json::Value = serde_json::from_str(&json(&outcome, None)).unwrap();
            let runs = runs["requirements"][0]["cases"][0]["runs"].to_string();
            (markdown(&outcome, None), runs)
        };
        for (cases, said, runs) in [
            (
                &[&passed, &failed, &failed][..],
                "failed 2 of 3 times<br>whoami user (line 31)",
                r#"{"all":3,"failed":2,"errored":0}"#,
            ),
            (
                &[&passed, &errored],
                "could not be told 1 of 2 times<br>cannot pull",
                r#"{"all":2,"failed":0,"errored":1}"#,
            ),
            (
                &[&passed, &passed, &passed],
                "| passed all 3 times |",
                r#"{"all":3,"failed":0,"errored":0}"#,
            ),
            (
                &[&failed],
                "| whoami user (line 31)",
                r#"{"all":1,"failed":1,"errored":0}"#,
            ),
        ] {
            let (text, known) = of(cases);
            assert!(text.contains(said), "{said}: {text}");
            assert_eq!(known, runs);
        }
    }

    #[test]
    fn a_run_without_an_engine_says_so() {
        let mut outcome = sample();
        assert!(markdown(&outcome, None).contains("\n- engine: docker 20.10.24 "));
        outcome.run.clear();
        outcome.engine.clear();
        let text = markdown(&outcome, None);
        let version = env!("CARGO_PKG_VERSION");
        let said = format!("\n- seaworthy {version}\n- engine: none answered\n");
        assert!(text.contains(&said), "{text}");
        outcome.troubles.clear();
        let text = markdown(&outcome, None);
        assert!(
            text.contains("\n- engine: none was asked, since nothing needed one\n"),
            "{text}"
        );
    }

    #[test]
    fn nothing_hostile_breaks_a_table() {
        let evil = "a|b`c<script>\n| x | [y](z) ~~ \u{1b}[2J \u{202e}";
        let outcome = serde_json::to_value(sample()).unwrap();
        let outcome: Outcome = serde_json::from_value(poison(outcome, evil)).unwrap();
        let text = markdown(&outcome, Some(BEGAN));
        assert!(
            !text.contains("<script>") && !text.contains('\u{1b}'),
            "{text}"
        );
        for row in text.lines().filter(|line| line.starts_with('|')) {
            let bars = row.replace("\\|", "").matches('|').count();
            assert_eq!(bars, 5, "{row}");
        }
    }
}
