//! The summary of a job, in Markdown.

use crate::report::acceptance::{self, cell};
use crate::report::human::told::Told;
use crate::report::human::{closing, detail};
use crate::report::named::Named;
use crate::report::style::{self, bare};
use crate::report::{brief, clean};
use crate::run::outcome::{CaseOutcome, Outcome};

/// What is kept free for the words that say what was left out.
const SPARE: usize = 1024;

/// The summary in so many bytes at most: what did not pass first, then the acceptance sheet, then the rest.
pub fn of(outcome: &Outcome, started: Option<&str>, most: usize) -> String {
    let mut page = Page {
        text: format!(
            "## Seaworthy: {}\n",
            cell(bare(&closing::verdict(outcome)).trim())
        ),
        most: most.saturating_sub(SPARE),
    };
    for beside in brief::besides(outcome) {
        let lines: Vec<String> = beside.lines().iter().map(|line| cell(line)).collect();
        page.add(&format!(
            "\n**{}**: {}\n",
            cell(beside.name),
            lines.join("<br>")
        ));
    }
    let open = |case: &&CaseOutcome| case.is_open();
    let (bad, good): (Vec<&CaseOutcome>, Vec<&CaseOutcome>) = outcome.cases.iter().partition(open);
    let mut told = Told::default();
    let mut left = 0;
    for case in bad {
        match page.add(&of_case(case, &told)) {
            true => told.add(case),
            false => left += 1,
        }
    }
    if left > 0 {
        let cases = style::count(left, "case");
        page.always(&format!(
            "\n**{cases} that did not pass {} left out here**, since a summary may not be longer: the log of the \
             job has all of them, and `--report DIR` writes them.\n",
            if left == 1 { "is" } else { "are" }
        ));
    }
    if !outcome.requirements.is_empty() {
        let sheet = acceptance::markdown(outcome, started);
        // One below the heading of the summary.
        let sheet = format!("\n{sheet}")
            .replace("\n## ", "\n#### ")
            .replace("\n# ", "\n### ");
        if !page.add(&sheet) {
            page.always(
                "\nThe acceptance sheet is too long for a summary: `--report DIR` writes it.\n",
            );
        }
    }
    if !good.is_empty() && !page.add(&rest(&good, &Named::of(outcome))) {
        page.always("\nWhat passed is left out here, since a summary may not be longer.\n");
    }
    page.text
}

struct Page {
    text: String,
    most: usize,
}

impl Page {
    /// Whether there was room for it.
    fn add(&mut self, text: &str) -> bool {
        let fits = self.text.len() + text.len() <= self.most;
        if fits {
            self.text.push_str(text);
        }
        fits
    }

    /// What there is room for in any case.
    fn always(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

fn of_case(case: &CaseOutcome, told: &Told) -> String {
    let found = case.as_found();
    let place = closing::place(&found);
    let name = cell(&format!("{}::{}", case.suite, case.name));
    let at = cell(&format!("{}:{}:{}", place.file, place.line, place.column));
    let detail = bare(&detail::of(case, told));
    let detail = clean::ends(detail.trim_end());
    let fence = fence(&detail);
    format!(
        "\n### {}: {name}\n\n{at}\n\n{fence}text\n{detail}\n{fence}\n",
        case.word()
    )
}

/// What stands around a text that may have such marks in it.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// What passed or was skipped, folded.
fn rest(cases: &[&CaseOutcome], named: &Named<'_>) -> String {
    let mut text = format!(
        "\n<details><summary>{} passed or were skipped</summary>\n\n| Case | | Time |\n| --- | --- | --- |\n",
        style::count(cases.len(), "case")
    );
    for case in cases {
        let name = cell(&format!("{}::{}", named.suite(case), case.name));
        let word = match &case.skip {
            Some(why) => format!("skipped: {}", cell(why)),
            None => case.verdict.word().to_owned(),
        };
        text.push_str(&format!(
            "| {name} | {word} | {} |\n",
            style::time(case.took)
        ));
    }
    text + "\n</details>\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::tests::{poison, sample};

    const MOST: usize = 1 << 20;

    #[test]
    fn a_summary_reads_like_this() {
        insta::assert_snapshot!(of(&sample(), Some("1970-01-01T00:00:00Z"), MOST));
    }

    #[test]
    fn suites_of_one_name_are_told_apart() {
        let mut outcome = sample();
        let mut other = outcome.cases[0].clone();
        other.suite_file = "other/run.yaml".to_owned();
        outcome.cases.push(other);
        let text = of(&outcome, None, MOST);
        for file in ["suites/aisopod/run.yaml", "other/run.yaml"] {
            let row = format!("\n| aisopod ({file})::the image is small");
            assert!(text.contains(&row), "{row}: {text}");
        }
    }

    #[test]
    fn a_long_summary_is_cut_with_words_and_never_longer_than_may_be() {
        let mut outcome = sample();
        let mut failed = outcome.cases[1].clone();
        failed.failures[0].actual = "é\n".repeat(400);
        let many = (0..3000).map(|number| {
            let mut case = failed.clone();
            // Of another place, so that it is not told as one that was.
            case.failures[0].place.line = number;
            case
        });
        outcome.cases.extend(many);
        for most in [MOST, 100_000, 4000] {
            let text = of(&outcome, None, most);
            assert!(text.len() <= most, "{} of {most}", text.len());
            assert!(
                text.contains("that did not pass are left out here**"),
                "{text}"
            );
            assert!(
                text.starts_with("## Seaworthy: 2 passed, 3001 failed, 1 errored"),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_hostile_gets_out_of_its_place() {
        let evil = "```\n</details><img src=x>\n## Seaworthy: all passed\n| a |";
        let outcome = serde_json::to_value(sample()).unwrap();
        let outcome: Outcome = serde_json::from_value(poison(outcome, evil)).unwrap();
        let text = of(&outcome, None, MOST);
        let mut fence: Option<String> = None;
        for line in text.lines() {
            let marks: String = line.chars().take_while(|c| *c == '`').collect();
            match &fence {
                None if marks.len() >= 3 => fence = Some(marks),
                Some(open) if line == open => fence = None,
                Some(_) => {}
                None => {
                    assert!(!line.contains("<img"), "{line}");
                    assert!(
                        !line.starts_with("## ") || line.contains("2 passed"),
                        "{line}"
                    );
                }
            }
        }
        assert_eq!(fence, None);
        assert_eq!(text.matches("\n</details>\n").count(), 1);
    }
}
