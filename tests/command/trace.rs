//! `seaworthy trace` on reports that were saved.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::{folder, ran};

#[test]
fn a_saved_report_is_traced() {
    let folder = folder();
    let at = folder.path();
    let (code, text) = ran(at, &["trace", "nowhere"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("cannot read `nowhere`") && text.contains("--report FOLDER"),
        "{text}"
    );
    std::fs::write(at.join("report.json"), r#"{ "version": 7 }"#).unwrap();
    let (code, text) = ran(at, &["trace", "."]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("has the form 7 of `report.json`"), "{text}");
    let outcome = serde_json::json!({
        "run": "x", "troubles": [], "interrupted": false, "took": { "secs": 1, "nanos": 0 }, "cases": [],
        "requirements": [{ "file": "r.yaml", "id": "R1", "says": "It runs.", "suites": ["s"] }],
    });
    let report =
        serde_json::json!({ "version": 1, "started": "2026-01-02T03:04:05Z", "outcome": outcome });
    std::fs::write(at.join("report.json"), report.to_string()).unwrap();
    let (code, text) = ran(at, &["trace", "."]);
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("| **R1** It runs. | – uncovered |"), "{text}");
    assert!(text.contains("began 2026-01-02T03:04:05Z"), "{text}");
    let (code, text) = ran(
        at,
        &["trace", "report.json", "--require-all", "--format", "json"],
    );
    assert_eq!(code, Some(1), "{text}");
    let said = "1 requirement is not verified, and `--require-all` asks for all\n  r.yaml: R1 is uncovered: no case verifies it\n  help: name the requirement under `verifies:`";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("\"standing\": \"uncovered\""), "{text}");
}

#[test]
fn a_run_that_did_not_go_well_is_traced_as_that() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(
        at,
        "image.yaml",
        &suite("  - { name: it, verifies: [R1], skip: later,"),
    );
    ran(at, &["run", "image.yaml", "--report", "."]);
    let saved = std::fs::read_to_string(at.join("report.json")).unwrap();
    let traced = |key: &str, value: Json| {
        let mut report: Json = serde_json::from_str(&saved).unwrap();
        report["outcome"]["cases"][0]["verdict"] = "passed".into();
        report["outcome"][key] = value;
        write(at, "changed.json", &report.to_string());
        ran(at, &["trace", "changed.json"])
    };
    let left = json!([{ "place": null, "message": "container x is left" }]);
    for (key, value, wanted) in [
        ("interrupted", false.into(), 0),
        ("interrupted", true.into(), 130),
        ("troubles", left, 3),
        ("require_all", true.into(), 0),
    ] {
        let (code, text) = traced(key, value);
        assert_eq!(code, Some(wanted), "{key}: {text}");
        let accepted = text.contains("**Accepted**: 1 of 1");
        assert_eq!(accepted, wanted == 0, "{key}: {text}");
    }
}

fn write(at: &Path, file: &str, text: &str) {
    let path = at.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A suite with a requirement and such a case. No engine is asked where all that is chosen is skipped.
fn suite(case: &str) -> String {
    format!(
        "
seaworthy: 1
image: {{ ref: a }}
requirements: {{ R1: It is small. }}
cases:
{case} expect: [{{ image: {{ user: app }} }}] }}
"
    )
}

#[test]
fn a_case_of_another_suite_of_the_same_name_verifies_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "a/image.yaml", &suite("  - { name: it, skip: later,"));
    write(
        at,
        "b/image.yaml",
        &suite("  - { name: it, skip: later, verifies: [R1],"),
    );
    ran(at, &["run", "a", "b", "--report", "out"]);
    let (_, text) = ran(at, &["trace", "out"]);
    let said = "0 of 2 requirements are verified, 1 skipped, 1 uncovered";
    assert!(text.contains(said), "{text}");
}

#[test]
fn reports_say_what_the_exit_code_says_of_requirements() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "image.yaml", &suite("  - { name: it, skip: later,"));
    let read = |name: &str| std::fs::read_to_string(at.join("out").join(name)).unwrap();
    for (words, wanted) in [(&["--require-all"][..], 1), (&[], 4)] {
        let run = ["run", "image.yaml", "--report", "out"];
        let (code, text) = ran(at, &[&run, words].concat());
        assert_eq!(code, Some(wanted), "{text}");
        let report: Json = serde_json::from_str(&read("report.json")).unwrap();
        assert_eq!(report["exit_code"], wanted, "{report}");
        let said = "image.yaml:4: R1 is uncovered: no case verifies it";
        for told in [text, read("report.txt"), read("junit.xml")] {
            assert_eq!(told.contains(said), wanted == 1, "{told}");
        }
    }
}
