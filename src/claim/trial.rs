//! Judging claims in tests: a claim as a suite writes it, answers as they were recorded.

use super::{Claim, Findings};
use crate::fact::answer::{Answer, Answers, Ending, Fact};
use crate::fact::path::{Kind, Stat};
use crate::fact::question::Question;
use crate::text::read::Reader;
use crate::text::source::FileId;
use crate::text::yaml;

fn read(name: &str, text: &str) -> (Option<Claim>, Vec<String>) {
    let node = yaml::parse(FileId(0), text).0.unwrap();
    let mut reader = Reader::default();
    let claim = Claim::read(name, &node, &mut reader);
    let said = reader.diagnostics.into_iter();
    (claim, said.map(|d| d.message).collect())
}

/// The claim of that name, written like this.
pub(super) fn claim(name: &str, text: &str) -> Claim {
    let (claim, said) = read(name, text);
    assert!(said.is_empty(), "{text}: {said:?}");
    claim.unwrap()
}

/// What is said of a claim that is written wrong.
pub(super) fn refused(name: &str, text: &str) -> String {
    let (_, said) = read(name, text);
    assert!(!said.is_empty(), "{text} is taken");
    said.join("; ")
}

fn judge(claim: &Claim, answer: impl Fn(&Question) -> Answer) -> Findings {
    let mut answers = Answers::default();
    for question in claim.questions() {
        let answer = answer(&question);
        answers.keep(0, question, answer);
    }
    let node = yaml::parse(FileId(0), "x").0.unwrap();
    claim.judge(node.span, answers.of(0))
}

/// What the claim finds when its questions are answered like this.
pub(super) fn judged(name: &str, text: &str, fact: impl Fn(&Question) -> Fact) -> Findings {
    judge(&claim(name, text), |q| Answer::Seen(fact(q)))
}

/// Its misses, a line each: `what: expected …, actual …`, and its notes behind ` | `.
pub(super) fn misses(name: &str, text: &str, fact: impl Fn(&Question) -> Fact) -> Vec<String> {
    let findings = judged(name, text, fact);
    assert!(findings.unseen.is_empty(), "{text}: {:?}", findings.unseen);
    if findings.misses.is_empty() {
        assert!(!findings.seen.is_empty(), "{text}: holds without evidence");
    }
    let line = |miss: super::Finding| {
        let notes: String = miss.notes.iter().map(|n| format!(" | {n}")).collect();
        let (expected, actual) = (miss.miss.expected, miss.miss.actual);
        format!("{}: expected {expected}, actual {actual}{notes}", miss.what)
    };
    findings.misses.into_iter().map(line).collect()
}

/// A path of that kind, which is root's and empty.
pub(super) fn stat(kind: Kind) -> Stat {
    Stat {
        kind,
        mode: 0o644,
        uid: 0,
        gid: 0,
        size: 0,
        modified: 0,
        target: None,
    }
}

/// How a container ended in tests of that.
pub(super) fn ending() -> Ending {
    Ending {
        code: 3,
        ..Ending::default()
    }
}

/// Asserts that the claim is an error when any one of its questions could not be answered.
pub(super) fn errs_unseen(name: &str, text: &str, fact: impl Fn(&Question) -> Fact) {
    let claim = claim(name, text);
    assert!(!claim.questions().is_empty(), "{text}: asks nothing");
    for blind in claim.questions() {
        let findings = judge(&claim, |q| match *q == blind {
            true => Answer::Unseen("the engine went away".to_owned()),
            false => Answer::Seen(fact(q)),
        });
        assert_eq!(findings.unseen, ["the engine went away"], "{blind:?}");
        assert!(findings.misses.is_empty(), "{blind:?}: {findings:?}");
    }
}

/// Asserts that the claim fails with the exit code when the container has ended.
pub(super) fn fails_ended(name: &str, text: &str) {
    let findings = judge(&claim(name, text), |_| Answer::Ended(ending()));
    assert!(findings.unseen.is_empty(), "{:?}", findings.unseen);
    let actual: Vec<&str> = findings
        .misses
        .iter()
        .map(|m| m.miss.actual.as_str())
        .collect();
    assert_eq!(actual, ["it ended with exit code 3"]);
}

/// What the claim finds when the container has ended.
pub(super) fn judged_ended(name: &str, text: &str) -> Findings {
    judge(&claim(name, text), |_| Answer::Ended(ending()))
}
