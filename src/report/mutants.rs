//! What came of mutants, for people and for programs.

use std::fmt::Write as _;

use serde_json::json;

use super::clean;
use super::style::{BAD, BOLD, DIM, DOUBT, GOOD, PLACE, count, paint, time};
use crate::mutate::judged::{Findings, Judged, Verdict};

/// Of the form of `mutants.json`; it changes only where an old reader would misread a new report.
const VERSION: u32 = 1;

/// A mutant in one line, as it stands in a list.
pub fn listed(mutant: &Judged) -> String {
    format!(
        "{}\n    {} {}",
        clean::line(&mutant.id),
        clean::line(&mutant.says),
        paint(DIM, format!("({})", place(mutant)))
    )
}

/// What came of a mutant, in one line.
pub fn line(mutant: &Judged) -> String {
    let Some(found) = &mutant.found else {
        return listed(mutant);
    };
    let style = match found.verdict {
        Verdict::Caught => GOOD,
        Verdict::Survived => BAD.bold(),
        Verdict::NotViable | Verdict::NotRun => DIM,
        Verdict::Errored | Verdict::TimedOut => DOUBT.bold(),
    };
    let mut text = paint(style, format!("{:10}", found.verdict.word()));
    let _ = write!(text, " {}", clean::line(&mutant.id));
    if let Some(by) = &found.by {
        let by = format!(
            "{}: {} at {}:{}",
            by.case, by.claim, by.place.file, by.place.line
        );
        let _ = write!(text, "  {}", paint(DIM, format!("by {}", clean::line(&by))));
    }
    let first = found.why.as_deref().and_then(|why| why.lines().next());
    if let Some(why) = first {
        let _ = write!(text, "  {}", paint(DIM, clean::line(why)));
    }
    text + &paint(DIM, format!("  {}", time(mutant.took)))
}

fn place(mutant: &Judged) -> String {
    format!("{}:{}", mutant.place.file, mutant.place.line)
}

/// What is said in the end: what could not be told, what no case notices with the claim that would, and the score.
pub fn end(findings: &Findings) -> String {
    let mut text = String::new();
    for verdict in [Verdict::Errored, Verdict::TimedOut] {
        for mutant in findings.of(verdict) {
            let why = mutant.found.as_ref().and_then(|found| found.why.as_deref());
            let _ = writeln!(
                text,
                "\n{}: {}",
                paint(DOUBT.bold(), verdict.word()),
                clean::line(&mutant.id)
            );
            for line in clean::lines(why.unwrap_or_default(), 8) {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
    for mutant in findings.of(Verdict::Survived) {
        text.push_str(&survivor(mutant));
    }
    for why in &findings.left_out {
        let _ = writeln!(text, "\nleft out: {}", clean::line(why));
    }
    text + "\n" + &score(findings)
}

fn survivor(mutant: &Judged) -> String {
    let number = mutant.place.line.to_string();
    let mut text = format!(
        "\n{}: {}\n  {}\n",
        paint(BAD.bold(), "survived"),
        paint(BOLD, clean::line(&mutant.id)),
        paint(PLACE, place(mutant)),
    );
    let _ = writeln!(
        text,
        "  {number} | {}",
        clean::line(mutant.place.text.trim_end())
    );
    let watched = match mutant.cases {
        0 => "and no case looks at it".to_owned(),
        1 => "and the one case that it concerns holds".to_owned(),
        cases => format!("and all {cases} cases that it concerns hold"),
    };
    let _ = writeln!(text, "  {}, {watched}", clean::line(&mutant.says));
    let _ = writeln!(
        text,
        "  a claim that would notice:\n      {}",
        clean::line(&mutant.claim)
    );
    text
}

/// How many came to what, and the score.
fn score(findings: &Findings) -> String {
    let told = [
        Verdict::Caught,
        Verdict::Survived,
        Verdict::NotViable,
        Verdict::Errored,
        Verdict::TimedOut,
        Verdict::NotRun,
    ];
    let counts = told
        .iter()
        .map(|verdict| (findings.count(*verdict), verdict.word()));
    let counts: Vec<String> = counts
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    let mut text = count(findings.mutants.len(), "mutant");
    if findings.unchosen > 0 {
        let _ = write!(text, " of {}", findings.mutants.len() + findings.unchosen);
    }
    if let Some(seed) = findings.seed {
        let _ = write!(text, " (seed {seed})");
    }
    let _ = writeln!(text, ": {} in {}", counts.join(", "), time(findings.took));
    let score = findings.score().map_or_else(
        || "score: none, as nothing could be noticed".to_owned(),
        |score| format!("score: {} of what could be noticed was", percent(score)),
    );
    text + &paint(BOLD, score)
}

/// Thousandths as a percentage.
pub fn percent(thousandths: usize) -> String {
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

/// The report for programs: `mutants.json`.
pub fn json(findings: &Findings) -> String {
    let score = findings.score();
    let counts = Verdict::WORDS.iter().map(|word| {
        let all = findings.mutants.iter();
        let of = all.filter(|m| m.found.as_ref().is_some_and(|f| f.verdict.word() == *word));
        ((*word).to_owned(), json!(of.count()))
    });
    let counts: serde_json::Map<String, serde_json::Value> = counts.collect();
    let report = json!({
        "version": VERSION,
        "tool": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "score_in_thousandths": score,
        "counts": counts,
        "findings": findings,
    });
    clean::json(&format!("{report:#}")) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::judged::{By, Found};
    use crate::report::style::bare;
    use crate::text::source::Place;
    use std::time::Duration;

    fn judged(id: &str, found: Found) -> Judged {
        let place = Place {
            file: "suites/a.yaml".to_owned(),
            line: 7,
            column: 3,
            width: 9,
            text: "  read_only: true".to_owned(),
        };
        Judged {
            id: id.to_owned(),
            kind: "read_only".to_owned(),
            place,
            says: "its root file system can be written to".to_owned(),
            claim: "- filesystem: read_only".to_owned(),
            cases: 2,
            found: Some(found),
            took: Duration::from_millis(1500),
        }
    }

    fn findings() -> Findings {
        let first = judged("a", Found::new(Verdict::Survived, None));
        let by = By {
            suite: "s".to_owned(),
            case: "c".to_owned(),
            claim: "whoami user".to_owned(),
            place: first.place.clone(),
            expected: "app".to_owned(),
            actual: "root".to_owned(),
        };
        let caught = Found {
            by: Some(by),
            ..Found::new(Verdict::Caught, None)
        };
        let blind = Found::new(
            Verdict::Errored,
            Some("the engine is gone\nand away".to_owned()),
        );
        let still = Found::new(
            Verdict::NotViable,
            Some("the image is as it was".to_owned()),
        );
        Findings {
            mutants: vec![
                first,
                judged("b", caught.clone()),
                judged("b2", caught),
                judged("c\u{1b}[2J", blind),
                judged("d", still),
            ],
            unchosen: 3,
            seed: Some(4),
            ..Findings::default()
        }
    }

    #[test]
    fn survivors_are_told_with_their_line_and_the_claim_that_would_notice() {
        let text = bare(&end(&findings()));
        let told = "survived: a\n  suites/a.yaml:7\n  7 |   read_only: true\n  its root file system can be \
                    written to, and all 2 cases that it concerns hold\n  a claim that would notice:\n      - \
                    filesystem: read_only\n";
        assert!(text.contains(told), "{text}");
        assert!(
            text.contains("errored: c\\x1b[2J\n    the engine is gone\n    and away\n"),
            "{text}"
        );
        let score = "5 mutants of 8 (seed 4): 2 caught, 1 survived, 1 not viable, 1 errored in 0 ms\n\
                     score: 66.6 % of what could be noticed was";
        assert!(text.ends_with(score), "{text}");
    }

    #[test]
    fn each_mutant_has_a_line_with_what_noticed_it_or_why_nothing_could() {
        let lines: Vec<String> = findings().mutants.iter().map(|m| bare(&line(m))).collect();
        assert_eq!(lines[0], "survived   a  1.5 s");
        assert_eq!(
            lines[1],
            "caught     b  by c: whoami user at suites/a.yaml:7  1.5 s"
        );
        assert_eq!(lines[3], "errored    c\\x1b[2J  the engine is gone  1.5 s");
        assert_eq!(lines[4], "not viable d  the image is as it was  1.5 s");
    }

    #[test]
    fn errors_are_neither_caught_nor_in_the_score() {
        let mut all = findings();
        assert_eq!((all.score(), all.is_whole()), (Some(666), false));
        all.mutants.truncate(3);
        assert_eq!((all.score(), all.is_whole()), (Some(666), true));
        all.mutants.truncate(0);
        assert_eq!(all.score(), None);
    }

    #[test]
    fn programs_read_what_people_are_told() {
        let report: serde_json::Value = serde_json::from_str(&json(&findings())).unwrap();
        assert_eq!(report["score_in_thousandths"], 666);
        assert_eq!(report["counts"]["not viable"], 1);
        let mutants = &report["findings"]["mutants"];
        assert_eq!(mutants[0]["verdict"], "survived");
        assert_eq!(mutants[1]["by"]["claim"], "whoami user");
        let read: Findings = serde_json::from_value(report["findings"].clone()).unwrap();
        assert_eq!(read, findings());
    }
}
