//! `statement.json`: what came of a run as an in-toto statement about the images that were judged, of the
//! predicate type `test-result`. Whoever signs it makes an attestation of it.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::named;
use crate::run::outcome::{ImageOf, Outcome, Verdict};
use crate::suite::service::APP;

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PREDICATE: &str = "https://in-toto.io/attestation/test-result/v0.1";
/// What stands before the digits of a digest.
const SHA256: &str = "sha256:";

/// The statement, or why there is none.
pub fn of(outcome: &Outcome) -> Result<String, &'static str> {
    let subjects = subjects(outcome);
    if subjects.is_empty() {
        return Err("no image was judged whose digest is known");
    }
    let configuration = outcome
        .texts
        .iter()
        .map(|text| json!({ "name": text.file, "digest": { "sha256": text.sha256 } }));
    let (mut passed, mut warned, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (case, name) in outcome.cases.iter().zip(named::cases(&outcome.cases)) {
        match case.verdict {
            Verdict::Passed if case.is_flaky() => warned.push(name),
            Verdict::Passed => passed.push(name),
            Verdict::Skipped => warned.push(name),
            Verdict::Failed | Verdict::Errored => failed.push(name),
        }
    }
    let result = match outcome.exit_code() {
        0 if warned.is_empty() && !outcome.is_partial() => "PASSED",
        0 => "WARNED",
        _ => "FAILED",
    };
    let statement = json!({
        "_type": STATEMENT,
        "subject": subjects,
        "predicateType": PREDICATE,
        "predicate": {
            "result": result,
            "configuration": configuration.collect::<Vec<_>>(),
            "passedTests": passed,
            "warnedTests": warned,
            "failedTests": failed,
        },
    });
    Ok(format!("{statement:#}\n"))
}

/// The images that were judged, each once. Of a case with services it is the one under test; a Compose file calls
/// that otherwise, and all of its images are judged.
fn subjects(outcome: &Outcome) -> Vec<Json> {
    let mut known = BTreeSet::new();
    let mut subjects = Vec::new();
    for case in outcome
        .cases
        .iter()
        .filter(|case| case.verdict != Verdict::Skipped)
    {
        let has_app = case.images.iter().any(|image| image.service == APP);
        let judged = case
            .images
            .iter()
            .filter(|image| !has_app || image.service == APP);
        for image in judged {
            if let Some(subject) = subject(image)
                && known.insert((image.name.clone(), image.id.clone()))
            {
                subjects.push(subject);
            }
        }
    }
    subjects
}

/// An image by the digest that it is named by, or that the registry has told, which those who verify know; else by its id.
fn subject(image: &ImageOf) -> Option<Json> {
    let id = digits(&image.id)?;
    let named = image.name.rsplit_once('@').map(|(_, digest)| digest);
    let named = named.or(image.digest.as_deref()).and_then(digits);
    Some(json!({
        "name": image.name,
        "digest": { "sha256": named.unwrap_or(id) },
        "annotations": { "imageId": format!("{SHA256}{id}") },
    }))
}

fn digits(digest: &str) -> Option<&str> {
    let digits = digest.strip_prefix(SHA256)?;
    let is_hex = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::tests::{flaky, poison, sample};
    use crate::run::outcome::Trouble;

    fn image(service: &str, name: &str, digit: char) -> ImageOf {
        let id = format!("{SHA256}{}", digit.to_string().repeat(64));
        ImageOf {
            service: service.into(),
            name: name.into(),
            id,
            digest: None,
        }
    }

    /// A run of which each case has judged an image.
    fn judged() -> Outcome {
        let mut outcome = sample();
        for case in &mut outcome.cases {
            case.images = vec![
                image("app", "aisopod:dev", 'a'),
                image("db", "postgres:15", 'b'),
            ];
        }
        outcome
    }

    /// The same with what passed alone.
    fn good() -> Outcome {
        let mut outcome = judged();
        outcome.cases.retain(|case| case.verdict == Verdict::Passed);
        outcome.troubles.clear();
        outcome.left_out.clear();
        outcome
    }

    fn result(outcome: &Outcome) -> String {
        let statement: Json = serde_json::from_str(&of(outcome).unwrap()).unwrap();
        statement["predicate"]["result"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_statement_reads_like_this() {
        insta::assert_snapshot!(of(&judged()).unwrap());
    }

    #[test]
    fn only_what_was_judged_whole_and_held_has_passed() {
        type Change = fn(&mut Outcome);
        assert_eq!(result(&good()), "PASSED");
        let changes: [(&str, Change); 9] = [
            ("FAILED", |run| run.cases[0].verdict = Verdict::Failed),
            ("FAILED", |run| run.cases[0].verdict = Verdict::Errored),
            ("FAILED", |run| run.interrupted = true),
            ("FAILED", |run| run.require_all = true),
            ("FAILED", |run| {
                run.troubles.push(Trouble {
                    place: None,
                    message: "left".into(),
                });
            }),
            ("WARNED", |run| run.unjudged = 1),
            ("WARNED", |run| run.unchosen = 1),
            ("WARNED", |run| run.left_out = sample().left_out),
            ("WARNED", |run| run.cases[0].verdict = Verdict::Skipped),
        ];
        for (at, (expected, change)) in changes.into_iter().enumerate() {
            let mut outcome = good();
            change(&mut outcome);
            assert_eq!(result(&outcome), expected, "{at}");
        }
    }

    #[test]
    fn what_passed_only_when_it_was_run_again_is_a_warning() {
        let mut outcome = flaky();
        outcome.cases.truncate(1);
        outcome.left_out.clear();
        outcome.cases[0].images = vec![image("app", "aisopod:dev", 'a')];
        assert_eq!(result(&outcome), "WARNED");
        let text = of(&outcome).unwrap();
        assert!(text.contains("\"passedTests\": [],"), "{text}");
    }

    #[test]
    fn a_run_that_has_judged_no_image_of_known_digest_has_no_statement() {
        let mut outcome = good();
        for case in &mut outcome.cases {
            case.images = vec![image("app", "aisopod:dev", 'a')];
            case.images[0].id = "sha256:12".into();
        }
        assert!(of(&outcome).unwrap_err().contains("no image was judged"));
        for case in &mut outcome.cases {
            case.images.clear();
        }
        assert!(of(&outcome).is_err());
    }

    #[test]
    fn an_image_that_a_registry_knows_is_known_by_its_digest_there() {
        let mut pulled = image("app", "registry/app:1", 'a');
        let known = "c".repeat(64);
        pulled.digest = Some(format!("{SHA256}{known}"));
        let subject = subject(&pulled).unwrap();
        assert_eq!(subject["digest"]["sha256"], Json::from(known));
        let id = format!("{SHA256}{}", "a".repeat(64));
        assert_eq!(subject["annotations"]["imageId"], Json::from(id));
    }

    #[test]
    fn an_image_that_is_named_by_digest_is_known_by_that() {
        let mut outcome = good();
        let digest = "c".repeat(64);
        for case in &mut outcome.cases {
            case.images[0].name = format!("registry/aisopod@sha256:{digest}");
        }
        let statement: Json = serde_json::from_str(&of(&outcome).unwrap()).unwrap();
        let subject = &statement["subject"];
        assert_eq!(subject.as_array().unwrap().len(), 1);
        assert_eq!(subject[0]["digest"]["sha256"], digest);
        assert_eq!(
            subject[0]["annotations"]["imageId"],
            outcome.cases[0].images[0].id
        );
    }

    #[test]
    fn whatever_names_say_the_statement_is_json_of_the_same_form() {
        let evil = "\"]]>::error::\u{1b}[2J\n\u{202e}";
        let outcome = serde_json::to_value(judged()).unwrap();
        let mut outcome: Outcome = serde_json::from_value(poison(outcome, evil)).unwrap();
        assert!(of(&outcome).is_err(), "no digest is one");
        outcome.cases[0].images = vec![image("app", evil, 'a')];
        let statement: Json = serde_json::from_str(&of(&outcome).unwrap()).unwrap();
        assert_eq!(statement["subject"][0]["name"], evil);
        let failed = statement["predicate"]["failedTests"].as_array().unwrap();
        assert_eq!(failed.len(), 2);
    }
}
