//! `seaworthy trace` on reports that were saved.

use std::path::Path;

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
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("| **R1** It runs. | – uncovered |"), "{text}");
    assert!(text.contains("began 2026-01-02T03:04:05Z"), "{text}");
    let (code, text) = ran(
        at,
        &["trace", "report.json", "--require-all", "--format", "json"],
    );
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("1 requirement not looked at, and all are required: R1 (uncovered)"),
        "{text}"
    );
    assert!(text.contains("\"standing\": \"uncovered\""), "{text}");
}

/// Writes suites that look at a Dockerfile alone, so that nothing is built or started.
fn write(at: &Path, file: &str, text: &str) {
    let path = at.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

const ONE: &str = "
seaworthy: 1
image: { build: { context: . } }
requirements: { R1: It is small. }
cases:
";

#[test]
fn a_case_of_another_suite_of_the_same_name_verifies_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let case = "  - { name: it, expect: [{ dockerfile: { stages: 1 } }]";
    for (file, verifies) in [("a", ""), ("b", ", verifies: [R1]")] {
        write(at, &format!("{file}/Dockerfile"), "FROM scratch\n");
        let text = format!("{ONE}{case}{verifies} }}\n");
        write(at, &format!("{file}/image.yaml"), &text);
    }
    let (code, text) = ran(at, &["run", "a", "b", "--report", "out"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = ran(at, &["trace", "out", "--require-all"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("**Not accepted**: 1 of 2 requirements"),
        "{text}"
    );
}
