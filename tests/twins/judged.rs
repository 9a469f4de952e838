//! Twins are run, and what the command says of them is held against what is written.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use libtest_mimic::Trial;
use serde_json::Value as Json;

use super::changed::{Changed, changed};
use super::together::{Group, grouped};
use super::written::{self, Result, Twin};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A test for each twin. Those that are chosen by name are run one by one.
pub(crate) fn trials(are_chosen: bool) -> Vec<Trial> {
    let twins = match written::all(root()) {
        Ok(twins) => twins,
        Err(said) => return vec![Trial::test("written", || Err(said.into()))],
    };
    let is_whole = std::env::var("SEAWORTHY_TWINS").is_ok_and(|kind| kind == "whole");
    let groups = grouped(root(), twins, is_whole || are_chosen);
    let trial = |group: &Arc<Group>, place: usize| {
        let twin = &group.twins[place];
        let name = format!("{}::{}::{}", twin.system, twin.breaks, twin.case);
        let group = Arc::clone(group);
        Trial::test(name, move || {
            shown(&group, place, is_whole).map_err(Into::into)
        })
    };
    // The first of each group before the second of any: nobody waits for a run while another could begin.
    let most = groups.iter().map(|group| group.twins.len()).max();
    let places = (0..most.unwrap_or_default())
        .flat_map(|place| groups.iter().map(move |group| (group, place)));
    let places = places.filter(|(group, place)| *place < group.twins.len());
    places.map(|(group, place)| trial(group, place)).collect()
}

#[expect(
    clippy::print_stderr,
    reason = "who looks at how long the tests take must see it"
)]
fn shown(group: &Group, place: usize, is_whole: bool) -> Result {
    let twin = &group.twins[place];
    if group.twins.len() > 1 {
        let noticed = match group.ran(root()) {
            Ok(ran) => noticed(twin, ran, false),
            Err(why) => Err(why.clone()),
        };
        let Err(why) = noticed else {
            return Ok(());
        };
        let why = why.lines().next().unwrap_or_default();
        eprintln!(
            "{}::{}::{} is run by itself, as beside others {why}",
            twin.system, twin.breaks, twin.case
        );
    }
    let cases = match is_whole {
        true => Vec::new(),
        false => vec![twin.case.as_str(), twin.control.as_str()],
    };
    let ran = ran(&changed(root(), &[twin])?, &cases)?;
    noticed(twin, &ran, is_whole)
}

/// The case fails for the reason that is written, and the control holds.
fn noticed(twin: &Twin, ran: &Ran, is_whole: bool) -> Result {
    let named = |name: &str| {
        let mut cases = ran.cases().filter(|case| case["name"] == name);
        let case = cases.next();
        case.ok_or_else(|| format!("no case `{name}` was run\n{}", ran.said))
    };
    let case = named(&twin.case)?;
    let verifies = |case: &Json| {
        let ids = case["verifies"].as_array().into_iter().flatten();
        ids.filter_map(Json::as_str).any(|id| id == twin.breaks)
    };
    if !verifies(case) {
        return Err(format!("`{}` does not verify {}", twin.case, twin.breaks));
    }
    let failures = case["failures"].as_array();
    // Not in the suite's own line, which is quoted beside it.
    let parts = ["what", "expected", "actual", "diff", "notes"];
    let holds = |part: &Json| part.to_string().contains(&quoted(&twin.because));
    let says = |failure: &Json| parts.iter().any(|part| holds(&failure[*part]));
    if case["verdict"] != "failed" {
        return Err(format!("`{}` should fail\n{}", twin.case, ran.said));
    }
    if !failures.into_iter().flatten().any(says) {
        return Err(format!("no failure says `{}`\n{}", twin.because, ran.said));
    }
    if named(&twin.control)?["verdict"] != "passed" {
        return Err(format!(
            "the control `{}` should pass\n{}",
            twin.control, ran.said
        ));
    }
    let is_expected = |case: &&Json| {
        let name = case["name"].as_str().unwrap_or_default();
        let held = case["verdict"] == "passed" || case["verdict"] == "skipped";
        held || verifies(case) || twin.also.iter().any(|also| also == name)
    };
    let mut others = ran.cases().filter(|_| is_whole);
    match others.find(|case| !is_expected(case)) {
        Some(other) => Err(format!("{} should pass too\n{}", other["name"], ran.said)),
        None => Ok(()),
    }
}

/// As it stands in JSON.
fn quoted(text: &str) -> String {
    Json::from(text).to_string().trim_matches('"').to_owned()
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    report: Json,
    said: String,
}

impl Ran {
    fn cases(&self) -> impl Iterator<Item = &Json> {
        self.report["outcome"]["cases"]
            .as_array()
            .into_iter()
            .flatten()
    }
}

pub(crate) fn ran(changed: &Changed, cases: &[&str]) -> Result<Ran> {
    let reports = changed.folder.path().join("reports");
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.arg("run").arg(&changed.suite);
    command.arg("--report").arg(&reports);
    for case in cases {
        command.args(["--filter", &format!("::{case}")]);
    }
    let output = command.current_dir(changed.folder.path()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let report = std::fs::read_to_string(reports.join("report.json"));
    let report = report.map_err(|_| said.clone())?;
    let report = serde_json::from_str(&report).map_err(|error| format!("{error}\n{said}"))?;
    Ok(Ran { report, said })
}
