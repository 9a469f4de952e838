use std::path::{Path, PathBuf};

use super::*;
use crate::claim::Claim;
use crate::draft::Kind;
use crate::fact::answer::{Answer, Answers, Fact};
use crate::fact::cgroup::Limits;
use crate::fact::image::ImageFacts;
use crate::fact::privilege::Privileged;
use crate::fact::process::{Process, Processes};
use crate::fact::question::Question;
use crate::fact::security::Security;
use crate::run::outcome::tests::outcome;
use crate::run::outcome::{Failure, Outcome, Verdict};
use crate::suite::{Outside, load};
use crate::text::read::Reader;
use crate::text::source::{FileId, Place, Sources};
use crate::text::yaml;

/// A folder with one suite in it.
struct Only(String);

impl Outside for Only {
    fn read(&self, _: &Path) -> Result<String, String> {
        Ok(self.0.clone())
    }
    fn is_folder(&self, path: &Path) -> Option<bool> {
        Some(!path.ends_with("Dockerfile"))
    }
    fn real(&self, _: &Path) -> Option<PathBuf> {
        None
    }
    fn env(&self, _: &str) -> Option<String> {
        None
    }
    fn random(&self, _: u32) -> String {
        String::new()
    }
}

fn seen(facts: Vec<Fact>) -> Seen {
    facts
        .into_iter()
        .map(|fact| (None, Answer::Seen(fact)))
        .collect()
}

/// What is seen of a program that runs as root, with all rights and no limits.
fn careless() -> Draft {
    let image = ImageFacts {
        size: 5_000_000,
        ..ImageFacts::default()
    };
    let main = Process {
        pid: 1,
        security: Security {
            effective: Some(u64::MAX),
            ..Security::default()
        },
        ..Process::default()
    };
    let limits = Limits {
        memory: Ok(None),
        cpus: Ok(None),
        pids: Ok(None),
    };
    let known = Known {
        image: seen(vec![
            Fact::Image(Box::new(image)),
            Fact::Privileged(Privileged::default()),
        ]),
        services: vec![(
            "app".to_owned(),
            seen(vec![
                Fact::Processes(Processes {
                    all: vec![main],
                    init: false,
                }),
                Fact::Listeners(Vec::new()),
                Fact::Limits(limits),
            ]),
        )],
        stop: Some(Ending {
            code: 137,
            ..Ending::default()
        }),
        ..Known::default()
    };
    let subject = Subject::Build {
        context: ".".to_owned(),
        dockerfile: None,
    };
    write(&subject, "app", &Readiness::Unknown, &known)
}

fn wrong(draft: &Draft) -> Vec<String> {
    let text = draft.render().0;
    let read = load(
        &mut Sources::default(),
        Path::new("app.yaml"),
        &Only(text.clone()),
        &crate::suite::grant::Allowed::default().unstarted(),
    );
    let said = read.diagnostics.iter();
    said.map(|one| format!("{}\n{text}", one.message)).collect()
}

#[test]
fn what_should_not_be_so_is_a_comment_that_could_be_a_claim() {
    let mut draft = careless();
    let off = |draft: &Draft| {
        let parts = draft.cases.iter().flat_map(|case| case.parts.clone());
        parts
            .filter(|part| part.off.is_some())
            .map(|part| part.yaml)
            .collect::<Vec<_>>()
    };
    let claims = [
        "image: { user: app }",
        "whoami: app",
        "capabilities: { effective: none }",
        "limits: { memory: { at_most: 1GB }, pids: { at_most: 1000 } }",
        "exited: { code: 0 }",
    ];
    assert_eq!(off(&draft), claims);
    assert_eq!(draft.off(), claims.len());
    assert_eq!(wrong(&draft), [""; 0]);
    for case in &mut draft.cases {
        case.parts.iter_mut().for_each(|part| part.off = None);
    }
    assert_eq!(wrong(&draft), [""; 0]);
}

/// A run in which the case failed at these lines.
fn failed(name: &str, lines: &[usize]) -> Outcome {
    let mut outcome = outcome(&[Verdict::Failed]);
    let case = &mut outcome.cases[0];
    case.name = name.to_owned();
    let failure = |line: &usize| Failure {
        place: Place {
            line: *line,
            ..case.place.clone()
        },
        claim: "x".to_owned(),
        what: "y".to_owned(),
        service: None,
        expected: "one".to_owned(),
        actual: "two\nlines".to_owned(),
        diff: None,
        notes: Vec::new(),
        waited: None,
    };
    case.failures = lines.iter().map(failure).collect();
    outcome
}

#[test]
fn what_does_not_hold_again_is_a_comment_with_what_was_found() {
    let mut draft = careless();
    let (before, places) = draft.render();
    let at = before
        .lines()
        .position(|line| line.contains("- restarts: 0"));
    let line = at.unwrap() + 1;
    assert!(places.iter().any(|place| place.lines.contains(&line)));
    let count = draft.claims();
    let name = draft.cases[1].name.clone();
    assert!(draft.heed(&failed(&name, &[line, line]), false));
    assert_eq!(draft.claims(), count - 1);
    let text = draft.render().0;
    let comment =
        "      # Does not hold: y: expected one, found two; and 1 more\n      # - restarts: 0\n";
    assert!(text.contains(comment), "{text}");
    assert_eq!(wrong(&draft), [""; 0]);
    // What is none of its claims, or the last time, is the whole case.
    assert!(draft.heed(&failed(&name, &[1]), false));
    let text = draft.render().0;
    assert!(
        text.contains(&format!("  # - name: {name}\n    # expect:\n")),
        "{text}"
    );
    assert_eq!(wrong(&draft), [""; 0]);
    assert!(!draft.heed(&Outcome::default(), true));
}

/// What `no_secrets` finds in an image with this variable.
fn found_secret(variable: &str) -> Failure {
    let node = yaml::parse(FileId(0), "true").0.unwrap();
    let claim = Claim::read("no_secrets", &node, &mut Reader::default()).unwrap();
    let image = ImageFacts {
        env: vec![variable.to_owned()],
        ..ImageFacts::default()
    };
    let mut answers = Answers::default();
    for question in claim.questions() {
        let fact = match question {
            Question::Image => Fact::Image(Box::new(image.clone())),
            _ => Fact::Searched(Box::default()),
        };
        answers.keep(0, question, Answer::Seen(fact));
    }
    let miss = claim.judge(node.span, answers.of(0)).misses.remove(0);
    Failure {
        claim: "no_secrets".to_owned(),
        what: miss.what,
        expected: miss.miss.expected,
        actual: miss.miss.actual,
        ..failed("", &[1]).cases[0].failures[0].clone()
    }
}

#[test]
fn of_a_secret_that_was_found_nothing_is_written_down() {
    let mut draft = careless();
    let before = draft.render().0;
    let at = before
        .lines()
        .position(|line| line.contains("- no_secrets: true"));
    let mut secret = found_secret("DB_PASSWORD=hunter2-and-more");
    assert!(secret.actual.contains("hunt"), "{}", secret.actual);
    secret.place.line = at.unwrap() + 1;
    let mut outcome = failed(&draft.cases[0].name, &[]);
    outcome.cases[0].failures = vec![secret];
    assert!(draft.heed(&outcome, false));
    let parts = draft.cases[0].parts.iter();
    let mut told = parts.filter(|part| part.yaml == "no_secrets: true");
    let why = told.next().unwrap().off.clone().unwrap();
    assert!(
        why.contains("DB_PASSWORD: expected no secret, found a "),
        "{why}"
    );
    assert!(!why.contains("hunt"), "{why}");
}

#[test]
fn a_case_that_would_judge_nothing_is_a_comment_whole() {
    let mut draft = careless();
    let last = draft.cases.last_mut().unwrap();
    assert_eq!(last.parts[0].kind, Kind::Step);
    let text = draft.render().0;
    let whole =
        "  # - name: stops when it is asked to\n    # steps:\n      # - stop\n      # - expect:\n";
    assert!(text.contains(whole), "{text}");
    assert!(
        text.ends_with("          # - exited: { code: 0 }\n"),
        "{text}"
    );
}
