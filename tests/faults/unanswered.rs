//! Every claim and every step, where the engine does not answer the call that it needs: `fixtures/unanswered` has suites
//! whose comments say which calls are refused with status 500 (`# spoils: KIND`, or `KIND after KIND`), and what is said
//! where. The claim must err, the run must end with exit code 3, and leave nothing.
//!
//! That a claim can fail is shown by the `yaml fail` examples of its page, which `tests/run` runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use seaworthy::run::outcome::Verdict;
use seaworthy::{Report, action, claim};

use super::expected::as_written;
use super::proxy::{Fault, Plan, Proxy};
use super::{awaited, command, each, engine, told};

const FOLDER: &str = "fixtures/unanswered";
const ERRORS: &str = "# errors: ";

/// The suites, by their names.
fn suites() -> BTreeMap<String, String> {
    let entries = fs::read_dir(root().join(FOLDER)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|name| Path::new(name).extension().is_some_and(|end| end == "yaml"));
    let names = names.map(|name| format!("{FOLDER}/{name}"));
    names
        .map(|name| (name.clone(), fs::read_to_string(root().join(name)).unwrap()))
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The calls that are refused, as a suite's comments say.
fn plans(text: &str) -> Vec<Plan> {
    let kinds = text
        .lines()
        .filter_map(|line| line.strip_prefix("# spoils: "));
    let plan = |kind: &str| {
        let (kind, after) = match kind.split_once(" after ") {
            Some((kind, after)) => (kind, Some(after.to_owned())),
            None => (kind, None),
        };
        Plan {
            fault: Fault::Refused,
            kind: Some(kind.to_owned()),
            number: 0,
            lasts: true,
            after,
        }
    };
    kinds.map(plan).collect()
}

/// What the command is given besides (`# arguments: …`).
fn arguments(text: &str) -> impl Iterator<Item = &str> {
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("# arguments: "));
    lines.flat_map(str::split_whitespace)
}

/// What did not come as a suite says.
fn wrong(name: &str, text: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::open(&engine(), folder.path().join("engine.sock"), plans(text)).unwrap();
    let report = folder.path().join("report");
    let mut run = command(root(), &proxy.address());
    run.arg(name)
        .args(arguments(text))
        .arg("--report")
        .arg(&report);
    let run = run.spawn().unwrap();
    let process = run.id();
    let (code, said) = told(run.wait_with_output().unwrap());
    let left = awaited(process, &proxy.address());
    let judged = judged(&report, name, text);
    let is_right = code == Some(3) && left.is_empty() && judged.is_ok();
    (!is_right).then(|| {
        let judged = judged.err().unwrap_or_default();
        format!(
            "{name}: code {code:?}, left {left:?}\n{judged}\n{said}\nasked {:?}",
            proxy.asked()
        )
    })
}

fn judged(report: &Path, name: &str, text: &str) -> Result<(), String> {
    let report = Report::read(report).map_err(|why| why.to_string())?;
    let passed = report
        .cases()
        .iter()
        .find(|case| case.verdict != Verdict::Errored);
    if let Some(case) = passed {
        return Err(format!(
            "{} {}, and should be errored",
            case.name, case.verdict
        ));
    }
    as_written(
        report.outcome(),
        &[(name.to_owned(), text.to_owned())].into(),
    )
}

#[test]
fn a_claim_or_step_whose_call_is_not_answered_is_an_error() {
    let found = each(suites().into_iter().collect(), |(name, text)| {
        wrong(&name, &text)
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The items of lines that bear this mark, by the name that they begin with.
fn marked<'a>(text: &'a str, mark: &str) -> BTreeSet<&'a str> {
    let lines = text.lines().filter(|line| line.contains(mark));
    let items = lines.filter_map(|line| line.trim_start().strip_prefix("- "));
    items
        .map(|item| item.split([':', ' ']).next().unwrap_or_default())
        .collect()
}

/// The examples of a page that must fail.
fn failing(page: &str) -> String {
    let blocks = page.split("```yaml fail\n").skip(1);
    blocks
        .filter_map(|block| block.split("```").next())
        .collect()
}

#[test]
fn every_claim_has_an_example_that_must_fail_and_a_suite_where_the_engine_errs() {
    let suites = suites();
    let errs: BTreeSet<&str> = suites
        .values()
        .flat_map(|text| marked(text, ERRORS))
        .collect();
    let mut lacking = Vec::new();
    for name in claim::NAMES {
        let page = claim::page(name).unwrap_or_default();
        if !marked(&failing(page), "# fails: ").contains(name) {
            lacking.push(format!(
                "`{name}` has no example in src/claim/{name}.md that must fail"
            ));
        }
    }
    for name in claim::NAMES.iter().chain(action::NAMES) {
        if !errs.contains(name) {
            lacking.push(format!("`{name}` has no suite in {FOLDER} where the engine errs: a line `- {name}: … {ERRORS}…`"));
        }
    }
    assert_eq!(lacking, [""; 0]);
}
