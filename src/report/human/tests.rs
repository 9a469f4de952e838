use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::fact::calls::Calls;
use crate::fact::timeline::{CaseName, Container, Course, Group, Image, Part, Sample, Stretch};
use crate::report::style::bare;
use crate::run::attempt::{Again, settled};
use crate::run::layers::{ImageLayers, LayerStep};
use crate::run::outcome::{
    ClaimOutcome, Evidence, Failure, ImageOf, LeftOut, Requirement, Text, Trouble, Verdict,
};
use crate::text::source::Place;

fn place(line: usize, column: usize, width: usize, text: &str) -> Place {
    Place {
        file: "suites/aisopod/run.yaml".into(),
        line,
        column,
        width,
        text: text.into(),
    }
}

fn one(name: &str, verdict: Verdict, millis: u64) -> CaseOutcome {
    CaseOutcome {
        suite: "aisopod".into(),
        suite_file: "suites/aisopod/run.yaml".into(),
        name: name.into(),
        place: place(10, 11, 4, "  - name: it"),
        verifies: Vec::new(),
        tags: Vec::new(),
        verdict,
        skip: None,
        failures: Vec::new(),
        troubles: Vec::new(),
        claims: Vec::new(),
        evidence: Vec::new(),
        took: Duration::from_millis(millis),
        image: Some("aisopod:dev (sha256:0f3a5c0d1e2f3a5c0d1e2f3a5c0d1e2f)".into()),
        images: Vec::new(),
        kept: Vec::new(),
        calls: Calls::default(),
        observation: Calls::default(),
        record: crate::run::record::Record::default(),
        attempts: Vec::new(),
        by: None,
    }
}

fn failure(claim: &str, what: &str, expected: &str, actual: &str) -> Failure {
    Failure {
        place: place(31, 17, 7, "      - whoami: aisopod"),
        claim: claim.into(),
        what: what.into(),
        service: None,
        expected: expected.into(),
        actual: actual.into(),
        diff: None,
        notes: Vec::new(),
        waited: None,
    }
}

fn requirements() -> Vec<Requirement> {
    let one = |line: usize, id: &str, says: &str| Requirement {
        file: "suites/aisopod/requirements.yaml".into(),
        place: Some(Place {
            file: "suites/aisopod/requirements.yaml".into(),
            ..place(line, 1, 2, "A1: It …")
        }),
        id: id.into(),
        says: says.into(),
        suites: vec!["aisopod".into(), "aisopod files".into()],
        suite_files: vec![
            "suites/aisopod/run.yaml".into(),
            "suites/aisopod/files.yaml".into(),
        ],
    };
    vec![
        one(1, "A1", "The image is below 100 MB."),
        one(2, "A3", "Nothing runs as root | by default."),
        one(3, "A4", "It answers on port 18789."),
        one(4, "A6", "It survives a full disk."),
        one(5, "A7", "It says what it is."),
        one(6, "A10", "Its user is its own."),
        one(7, "A8", "It ends within 10 s."),
    ]
}

/// A run in which everything happens.
pub fn sample() -> Outcome {
    let mut passed = one(
        "the image is small and states its contract",
        Verdict::Passed,
        42,
    );
    passed.verifies = vec!["A1".into(), "A7".into()];
    passed.tags = vec!["fast".into()];
    let mut failed = one("runs as its own user", Verdict::Failed, 1234);
    failed.verifies = vec!["A3".into(), "A10".into()];
    let mut user = failure("whoami", "user", "aisopod", "root (0)");
    user.waited = Some(Duration::from_secs(10));
    user.notes = vec!["the image's `USER` is empty: it runs as root".into()];
    let mut banner = failure("exec", "stdout", "a\nb\nc", "a\nx\nc\u{1b}[2J");
    banner.place = place(
        34,
        11,
        40,
        "      - exec: { command: [aisopod, --version], stdout: \"…\" }",
    );
    banner.service = Some("web/2".into());
    banner.diff = Some(" a\n-b\n+x\n c\u{1b}[2J".into());
    failed.failures = vec![user, banner];
    failed.claims = vec![ClaimOutcome {
        claim: "whoami".into(),
        place: place(31, 9, 6, ""),
        verdict: Verdict::Failed,
        seen: Vec::new(),
        note: Some("the auditors ask for this".into()),
    }];
    failed.evidence = vec![Evidence {
        title: "exit code 137, last lines of its log".into(),
        lines: vec![
            "\u{1b}[32mINFO\u{1b}[0m listening on 18789".into(),
            "::error file=x::not a command".into(),
            "##vso[task.complete result=Failed]".into(),
        ],
    }];
    failed.kept = vec![
        "container seaworthy-1f-0-app; look inside: docker exec -it seaworthy-1f-0-app sh".into(),
        "remove it: docker rm -fv seaworthy-1f-0-app".into(),
    ];
    let mut errored = one("answers on its port", Verdict::Errored, 61_000);
    errored.verifies = vec!["A4".into(), "A1".into()];
    let image = |service: &str, name: &str, id: &str| ImageOf {
        digest: None,
        service: service.into(),
        name: name.into(),
        id: id.into(),
    };
    errored.images = vec![
        image(
            "app",
            "aisopod:dev",
            "sha256:0f3a5c0d1e2f3a5c0d1e2f3a5c0d1e2f",
        ),
        image(
            "proxy",
            "nginx:1.22",
            "sha256:1e2f3a5c0d1e2f3a5c0d1e2f3a5c0d1e",
        ),
    ];
    errored.troubles = vec![Trouble {
        place: Some(place(40, 9, 4, "      - http: http://app:18789/health")),
        message: "cannot pull image nginx:1.22: no such host\n  help: check the network".into(),
    }];
    let mut skipped = one("survives a full disk", Verdict::Skipped, 0);
    skipped.skip = Some("needs a quota, see the note in the runbook".into());
    skipped.verifies = vec!["A6".into()];
    let mut other = one("listens", Verdict::Passed, 150);
    other.suite = "aisopod files".into();
    other.suite_file = "suites/aisopod/files.yaml".into();
    Outcome {
        run: "1f".into(),
        cases: vec![passed, failed, errored, skipped, other],
        troubles: vec![Trouble {
            place: None,
            message: "container seaworthy-1f-3-app is left; remove it with `docker rm -fv seaworthy-1f-3-app`".into(),
        }],
        interrupted: false,
        unjudged: 0,
        took: Duration::from_millis(62_412),
        calls: Calls::default(),
        requirements: requirements(),
        texts: vec![Text {
            file: "suites/aisopod/run.yaml".into(),
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into(),
            is_suite: true,
            text: None,
        }],
        left_out: vec![LeftOut {
            suite_file: "suites/aisopod/run.yaml".into(),
            suite: "aisopod".into(),
            name: "says what it is in all its tags".into(),
            verifies: vec!["A7".into()],
        }],
        engine: "docker 20.10.24 (linux/amd64, overlay2, cgroup v1)".into(),
        courses: vec![course()],
        images: vec![layers()],
        ..Outcome::default()
    }
}

/// What took place when in it.
fn course() -> Course {
    let stretch = |(what, begin, end): &(&str, u64, u64)| Stretch {
        what: (*what).into(),
        begin: *begin,
        end: *end,
    };
    let all = |all: &[(&str, u64, u64)]| all.iter().map(stretch).collect::<Vec<_>>();
    let case = |name: &str| CaseName {
        suite_file: "suites/aisopod/run.yaml".into(),
        suite: "aisopod".into(),
        name: name.into(),
    };
    let part = |cases: &[&str], stretches: &[(&str, u64, u64)]| Part {
        cases: cases.iter().map(|name| case(name)).collect(),
        stretches: all(stretches),
    };
    let sample = |(at, memory, worked): &(u64, u64, u64)| Sample {
        at: *at,
        memory: Some(*memory),
        worked: Some(*worked),
    };
    let samples = [
        (1_400, 9_000_000, 40),
        (1_600, 21_500_000, 190),
        (1_800, 14_000_000, 200),
    ];
    let app = Container {
        name: "app".into(),
        stretches: all(&[
            ("creates", 1_100, 1_150),
            ("starts", 1_150, 1_400),
            ("removes", 2_200, 2_334),
        ]),
        samples: samples.iter().map(sample).collect(),
    };
    let quick = part(
        &["runs as its own user"],
        &[
            ("prepares its image", 10, 1_100),
            ("starts", 1_100, 1_500),
            ("observes", 1_500, 1_900),
        ],
    );
    let slow = part(
        &["answers on its port"],
        &[
            ("prepares its image", 10, 1_100),
            ("step 1, http", 1_100, 62_100),
        ],
    );
    Course {
        run: "1f".into(),
        stretches: all(&[
            ("finds the engine", 0, 8),
            ("removes what is left", 62_100, 62_400),
        ]),
        images: vec![Image {
            name: "aisopod:dev".into(),
            stretches: all(&[("builds: built", 12, 1_100)]),
        }],
        groups: vec![
            Group {
                parts: vec![quick],
                containers: vec![app],
            },
            Group {
                parts: vec![slow],
                containers: Vec::new(),
            },
        ],
        left_out: 0,
    }
}

fn layers() -> ImageLayers {
    let step = |by: &str, size: u64| LayerStep {
        by: by.into(),
        size,
    };
    ImageLayers {
        name: "aisopod:dev".into(),
        id: "sha256:0f3a5c0d1e2f3a5c0d1e2f3a5c0d1e2f".into(),
        size: 80_400_000,
        steps: vec![
            step("/bin/sh -c #(nop) ADD file:0a1b in / ", 74_400_000),
            step("/bin/sh -c #(nop) CMD [\"bash\"]", 0),
            step(
                "RUN apt-get update && apt-get install -y ca-certificates",
                6_000_000,
            ),
        ],
        left_out: 0,
    }
}

/// A run of which one case passed when it was run again, and one did not.
pub fn flaky() -> Outcome {
    let mut outcome = sample();
    let failed = outcome.cases[1].clone();
    let mut passed = one("runs as its own user", Verdict::Passed, 20);
    passed.verifies = failed.verifies.clone();
    let mut other = failed.clone();
    other.name = "never runs as its own user".into();
    other.verifies.clear();
    let again = Again::UntilItPasses(1);
    let cases = [vec![failed, passed], vec![other.clone(), other]];
    let cases = cases.into_iter().filter_map(|all| settled(all, again));
    outcome.cases = cases.collect();
    outcome.requirements.retain(|one| one.id == "A3");
    outcome.troubles.clear();
    outcome
}

#[test]
fn what_is_flaky_is_told_with_what_was_found_first() {
    let mut outcome = flaky();
    insta::assert_snapshot!(bare(&whole(&outcome, Characters::Unicode)));
    outcome.strict = true;
    let text = bare(&whole(&outcome, Characters::Unicode));
    assert!(
        text.contains("only when it was run again, and `--strict` takes none"),
        "{text}"
    );
    assert!(
        text.ends_with("\n1 passed (1 flaky), 1 failed, 0 errored, 0 skipped in 62.4 s\n"),
        "{text}"
    );
}

#[test]
fn a_whole_report_reads_like_this() {
    insta::assert_snapshot!(bare(&whole(&sample(), Characters::Unicode)));
}

#[test]
fn colours_are_where_they_help() {
    let text = whole(&sample(), Characters::Ascii);
    assert_eq!(bare(&text), bare(&text).replace('\u{1b}', ""));
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

/// Every text of the outcome is replaced; words that stand for a verdict are kept.
pub fn poison(value: Value, evil: &str) -> Value {
    match value {
        Value::String(word) if Verdict::WORDS.contains(&word.as_str()) => Value::String(word),
        Value::String(_) => Value::String(evil.to_owned()),
        Value::Array(all) => all.into_iter().map(|v| poison(v, evil)).collect(),
        Value::Object(all) => all.into_iter().map(|(k, v)| (k, poison(v, evil))).collect(),
        other => other,
    }
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    let evil = "x\u{1b}]0;t\u{7}\u{202e}\r\n::error::y";
    let json = serde_json::to_value(sample()).unwrap();
    let poisoned: Outcome = serde_json::from_value(poison(json, evil)).unwrap();
    let text = bare(&whole(&poisoned, Characters::Unicode));
    assert!(text.contains("could not tell"), "{text}");
    for c in text.chars().filter(|c| *c != '\n') {
        assert!(!c.is_control() && c != '\u{202e}', "{c:?} in {text}");
    }
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
    }
}

#[test]
fn the_verdict_line_is_always_of_one_form() {
    let last = |outcome: &Outcome| {
        bare(&closing::of(outcome, Characters::Ascii))
            .lines()
            .last()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        last(&sample()),
        "2 passed, 1 failed, 1 errored, 1 skipped in 62.4 s"
    );
    assert_eq!(
        last(&Outcome::default()),
        "0 passed, 0 failed, 0 errored, 0 skipped in 0.0 s"
    );
}

#[test]
fn a_log_without_end_is_cut_at_its_front() {
    let mut case = one("x", Verdict::Failed, 1);
    // Each is of another form, so that none is folded.
    let lines = (0..500).map(|n| format!("line {n}{}", "x".repeat(n % 2)));
    let lines = lines.collect();
    case.evidence = vec![Evidence {
        title: "log".into(),
        lines,
    }];
    let text = bare(&Page::default().case(&case, Characters::Unicode));
    assert!(
        text.contains("(460 lines before these)") && text.contains("line 499x\n"),
        "{text}"
    );
    assert!(!text.contains("line 459x\n"), "{text}");
}

#[test]
fn what_cases_share_is_told_once() {
    let not_ready = |name: &str| {
        let mut case = one(name, Verdict::Failed, 1);
        case.failures = vec![failure("ready", "", "healthy", "it ended with exit code 3")];
        case.evidence = vec![Evidence {
            title: "app's last lines".into(),
            lines: vec!["Traceback".to_owned()],
        }];
        case
    };
    let mut other = not_ready("is of a container like it");
    other.failures[0].actual = "it ended with exit code 4".to_owned();
    let mut elsewhere = not_ready("is of another suite");
    elsewhere.suite = "other".to_owned();
    let cases = vec![not_ready("listens"), not_ready("answers"), other, elsewhere];
    let outcome = Outcome {
        cases,
        ..Outcome::default()
    };
    let text = bare(&whole(&outcome, Characters::Ascii));
    assert_eq!(text.matches("exit code 3").count(), 2, "{text}");
    assert_eq!(text.matches("| Traceback").count(), 2, "{text}");
    assert!(text.contains("ready: as with `listens` above"), "{text}");
    assert!(
        text.contains("app's last lines: as with `listens` above"),
        "{text}"
    );
    assert!(text.contains("exit code 4"), "{text}");
}

#[test]
fn of_many_failures_of_one_claim_the_first_are_shown_and_all_are_in_the_report() {
    let mut case = one("has no secrets", Verdict::Failed, 3);
    let of = |number: usize| failure("no_secrets", &format!("/app/{number:02}"), "none", "one");
    case.failures = (0..25).map(of).collect();
    case.failures.push(failure("path", "/z", "a", "b"));
    case.failures[25].place = place(9, 9, 4, "x");
    let outcome = Outcome {
        cases: vec![case],
        ..Outcome::default()
    };
    let text = bare(&whole(&outcome, Characters::Ascii));
    assert!(
        text.contains("/app/19") && !text.contains("/app/20"),
        "{text}"
    );
    assert!(
        text.contains("and 5 more of `no_secrets`: `--report FOLDER` writes"),
        "{text}"
    );
    assert!(text.contains("path /z"), "{text}");
    assert!(json::of(&outcome, None).contains("/app/24"));
}

#[test]
fn what_could_not_be_told_comes_before_what_failed_of_it() {
    let mut outcome = sample();
    let mut case = one("dies", Verdict::Errored, 10);
    case.failures = vec![failure("tcp", "tcp", "open", "refused")];
    case.troubles = vec![Trouble {
        place: Some(place(3, 1, 2, "db: {}")),
        message: "the service `db` ended".to_owned(),
    }];
    case.image = Some("base:1 (sha256:1)".to_owned());
    outcome.cases = vec![case];
    let told = |outcome: &Outcome| bare(&whole(outcome, Characters::Unicode));
    let text = told(&outcome);
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words} in {text}"))
    };
    assert!(
        at("the service `db` ended") < at("expected  open"),
        "{text}"
    );
    assert!(text.contains("image     base:1 (sha256:1)"), "{text}");
    outcome.cases[0].verdict = Verdict::Failed;
    outcome.cases[0].failures[0].service = Some("db/2".to_owned());
    outcome.cases[0].images = vec![ImageOf {
        service: "db".to_owned(),
        name: "redis:7".to_owned(),
        id: "sha256:2".to_owned(),
        digest: None,
    }];
    let text = told(&outcome);
    assert!(
        text.contains("image     db: redis:7 (sha256:2)\n"),
        "{text}"
    );
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words} in {text}"))
    };
    assert!(
        at("expected  open") < at("the service `db` ended"),
        "{text}"
    );
}
