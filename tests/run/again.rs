//! Cases that are run more than once, and runs that several machines share.

use std::collections::BTreeSet;

use libtest_mimic::Trial;
use seaworthy::fact::calls::Calls;
use seaworthy::plan::shard::{Shard, Times, cases, names};
use seaworthy::plan::{Plan, Selection};
use seaworthy::report::junit;
use seaworthy::run::attempt::Again;
use seaworthy::run::facts::Facts;
use seaworthy::run::joined::join;
use seaworthy::run::options::Share;
use seaworthy::run::outcome::{CaseOutcome, Outcome, Verdict};
use seaworthy::run::record::{Done, Look, Record};
use seaworthy::text::source::Sources;

use super::bench::{Job, Ran, Result};

const HEAD: &str = r#"
seaworthy: 1
vars: { BARE: null, BOUND: null }
image: { build: { context: "${BARE}" } }
run: { volumes: ["${BOUND}:/bound"], user: "0:0" }
"#;

type Test = fn() -> Result;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Test); 4] = [
        (
            "what_does_not_pass_is_run_again_with_fresh_containers",
            retried,
        ),
        (
            "a_case_that_is_run_several_times_passes_each_time",
            repeated,
        ),
        ("fail_fast_waits_for_what_is_run_again", patient),
        ("three_shards_joined_are_one_run", shared),
    ];
    let trial = |(name, test): (&str, Test)| {
        Trial::test(format!("again::{name}"), move || test().map_err(Into::into))
    };
    all.into_iter().map(trial).collect()
}

fn suite(cases: &str) -> Job {
    Job::text(
        "fixtures/behaviour/made.yaml",
        format!("{HEAD}cases:\n{cases}"),
    )
}

fn case<'a>(ran: &'a Ran, name: &str) -> Result<&'a CaseOutcome> {
    let found = ran.outcome.cases.iter().find(|case| case.name == name);
    found.ok_or_else(|| format!("no case {name}"))
}

/// Says what is not so.
fn must(holds: bool, what: &str, seen: impl std::fmt::Debug) -> Result {
    match holds {
        true => Ok(()),
        false => Err(format!("{what}: {seen:#?}")),
    }
}

/// What is bound outlives a container, and what a container has of its own does not.
const RETRIED: &str = r"
  - name: passes at once
    expect: [{ exec: { command: /bare nth /bound/once 1, stdout: call 1 } }]
  - name: passes the second time
    expect:
      - exec: { command: /bare nth /bound/second 1, stdout: call 2 }
      - exec: { command: /bare nth /own 1, stdout: call 1 }
  - name: passes the third time by steps
    steps:
      - exec: { command: /bare nth /bound/third 1, stdout: call 3 }
      - exec: { command: /bare nth /own 1, stdout: call 1 }
  - name: goes on
    shared: true
    steps:
      - exec: { command: /bare nth /bound/on 1, stdout: call 2 }
  - name: never passes
    expect: [{ exec: { command: /bare nth /bound/never 1, stdout: call 9 } }]
";

fn retried() -> Result {
    let mut job = suite(RETRIED);
    job.options.again = Again::UntilItPasses(2);
    let ran = job.run()?;
    let once = case(&ran, "passes at once")?;
    must(
        once.attempts.is_empty() && once.verdict == Verdict::Passed,
        "it is run once",
        once,
    )?;
    for (name, times) in [
        ("passes the second time", "failed 1 of 2 times"),
        ("passes the third time by steps", "failed 2 of 3 times"),
        ("goes on", "failed 1 of 2 times"),
    ] {
        let flaky = case(&ran, name)?;
        must(
            flaky.is_flaky() && flaky.times().as_deref() == Some(times),
            times,
            flaky,
        )?;
        let first = flaky.as_found();
        must(
            first.failures[0].actual.contains("call 1"),
            "the first failure is kept",
            &first,
        )?;
    }
    names_all(&ran.outcome)?;
    let never = case(&ran, "never passes")?;
    must(
        never.times().as_deref() == Some("failed 3 of 3 times"),
        "it is run three times",
        never,
    )?;
    must(never.failures.len() == 1, "it is told once", never)?;
    let text = junit::of(&ran.outcome, None);
    let count = |name: &str| text.matches(&format!("<{name} ")).count();
    let seen = [
        count("failure"),
        count("flakyFailure"),
        count("rerunFailure"),
    ];
    must(seen == [1, 4, 2], "in junit.xml", text)?;
    must(
        ran.outcome.exit_code() == 1,
        "one has failed",
        ran.outcome.exit_code(),
    )
}

const REPEATED: &str = r"
  - name: passes each time
    expect:
      - exec: { command: /bare nth /bound/each 1, code: 0 }
      - exec: { command: /bare nth /own 1, stdout: call 1 }
  - name: fails the second time
    expect: [{ exec: { command: /bare nth /bound/second 1, stdout: { not: call 2 } } }]
";

fn repeated() -> Result {
    let mut job = suite(REPEATED);
    job.options.again = Again::Times(3);
    let ran = job.run()?;
    names_all(&ran.outcome)?;
    let each = case(&ran, "passes each time")?;
    let all = each.verdict == Verdict::Passed && each.attempts.len() == 3;
    must(all && !each.is_flaky(), "it passes three times", each)?;
    let second = case(&ran, "fails the second time")?;
    must(
        second.times().as_deref() == Some("failed 1 of 3 times"),
        "one time fails it",
        second,
    )?;
    must(
        second.verdict == Verdict::Failed && second.failures.len() == 1,
        "it is told",
        second,
    )
}

const PATIENT: &str = r"
  - name: passes the second time
    expect: [{ exec: { command: /bare nth /bound/second 1, stdout: call 2 } }]
  - name: comes after it
    alone: true
    expect: [{ state: running }]
";

fn patient() -> Result {
    let mut job = suite(PATIENT);
    (job.options.again, job.options.fail_fast, job.options.jobs) =
        (Again::UntilItPasses(1), true, 1);
    let ran = job.run()?;
    let outcome = &ran.outcome;
    must(
        outcome.unjudged == 0 && outcome.exit_code() == 0,
        "all are judged",
        outcome,
    )?;
    must(outcome.flaky() == 1, "one is flaky", outcome)
}

const SHARED: &str = r"
requirements: { R1: It runs., R2: It is small., R3: It is said. }
cases:
  - { name: is stated, verifies: [R2], expect: [{ image: { size: { below: 100MB } } }] }
  - { name: runs, verifies: [R1], expect: [{ state: running }] }
  - { name: runs as root, verifies: [R1], expect: [{ whoami: 7 }] }
  - { name: goes on, shared: true, steps: [restart, { expect: [{ state: running }] }] }
  - { name: stops, verifies: [R1], steps: [stop, { expect: [{ state: exited }] }] }
  - { name: runs alone, alone: true, expect: [{ state: running }] }
  - { name: is skipped, verifies: [R3], skip: later, expect: [{ state: running }] }
";

/// Whether all facts are there that its claims were judged by, and how many claims those are.
fn known(outcome: &Outcome) -> (bool, usize) {
    let done = outcome.cases.iter().flat_map(|case| &case.record.steps);
    let looks = done.filter_map(|done| match done {
        Done::Judged(looks) => Some(looks),
        _ => None,
    });
    let looks: Vec<&Look> = looks.flatten().collect();
    let mut keys = looks
        .iter()
        .flat_map(|look| &look.on)
        .flat_map(|on| &on.facts);
    (
        keys.all(|key| outcome.facts.told(key).is_some()),
        looks.len(),
    )
}

/// That the report keeps each fact that one of its records names, and no other.
fn names_all(outcome: &Outcome) -> Result {
    let cases = outcome.cases.iter();
    let attempts = cases.clone().flat_map(|case| &case.attempts);
    let records = attempts.map(|one| &one.record);
    let records = records.chain(cases.map(|case| &case.record));
    let named: BTreeSet<&str> = records.flat_map(Record::facts).collect();
    let told = |key: &&str| outcome.facts.told(key).is_some();
    must(
        named.iter().all(told) && named.len() == outcome.facts.len(),
        "the facts are those of what is told",
        (named, outcome.facts.len()),
    )
}

/// What two runs of the same have in common: all but times, ids, what was seen in all, and what the engine was asked.
fn lasting(mut outcome: Outcome) -> Outcome {
    outcome.run = String::new();
    outcome.courses.clear();
    outcome.facts = Facts::default();
    outcome.took = std::time::Duration::ZERO;
    outcome.calls = Calls::default();
    for case in &mut outcome.cases {
        case.took = std::time::Duration::ZERO;
        case.record = Record::default();
        (case.calls, case.observation) = (Calls::default(), Calls::default());
    }
    outcome
}

fn shared() -> Result {
    let job = || {
        let text = format!(
            "{}{SHARED}",
            HEAD.replace(", BOUND: null", "")
                .replace("volumes: [\"${BOUND}:/bound\"], ", "")
        );
        Job::text("fixtures/behaviour/made.yaml", text)
    };
    let whole = job().run()?.outcome;
    let mut reports = Vec::new();
    for number in 1..=3 {
        let mut job = job();
        let (suites, _) = job.load(&mut Sources::default())?;
        let plan = Plan::new(&suites, &Selection::default());
        let shard = Shard { number, of: 3 };
        let own = cases(&names(&suites, &plan), &plan, shard, &Times::new());
        must(!own.is_empty(), "each has something to do", number)?;
        job.options.selection.cases = Some(own);
        job.options.part = Some(Share {
            shard,
            all: plan.cases,
        });
        let outcome = job.run()?.outcome;
        must(
            outcome.cases.len() < whole.cases.len(),
            "it is a part",
            &outcome,
        )?;
        // As it is read back.
        let saved = serde_json::to_value(&outcome).map_err(|error| error.to_string())?;
        let read = serde_json::from_value(saved).map_err(|error| error.to_string())?;
        reports.push((format!("of-{number}"), read));
    }
    let joined = join(&reports).map_err(|wrong| wrong.join("\n"))?;
    must(
        joined.exit_code() == 1,
        "one has failed",
        joined.exit_code(),
    )?;
    must(
        joined.courses.len() == 3,
        "each has its course",
        &joined.courses,
    )?;
    must(
        known(&joined) == known(&whole) && known(&whole).0,
        "all facts are there",
        known(&joined),
    )?;
    let (one, other) = (lasting(whole), lasting(joined));
    must(one == other, "they are the same", (one, other))
}
