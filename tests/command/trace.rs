//! Reports that are saved, and `seaworthy trace` on them.

use std::os::unix::net::UnixListener;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::{command, ended, folder, ran, send};

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
    write(
        at,
        "report.json",
        r#"{ "version": 1, "outcome": { "run": "x" } }"#,
    );
    let (code, text) = ran(at, &["trace", "."]);
    assert_eq!(code, Some(2), "{text}");
    let said = "it holds no requirements, since an older seaworthy wrote it";
    assert!(text.contains(said), "{text}");
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

/// The saved report of a case that was skipped, for which no engine is asked.
fn reported(at: &Path) -> String {
    write(
        at,
        "image.yaml",
        &suite("  - { name: it, verifies: [R1], skip: later,"),
    );
    ran(at, &["run", "image.yaml", "--report", "."]);
    std::fs::read_to_string(at.join("report.json")).unwrap()
}

#[test]
fn a_run_that_did_not_go_well_is_traced_as_that() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let saved = reported(at);
    let traced = |key: &str, value: Json| {
        let mut report: Json = serde_json::from_str(&saved).unwrap();
        report["outcome"]["cases"][0]["verdict"] = "passed".into();
        report["outcome"][key] = value;
        write(at, "changed.json", &report.to_string());
        ran(at, &["trace", "changed.json"])
    };
    let mut older: Json = serde_json::from_str(&saved).unwrap();
    let outcome = &mut older["outcome"];
    outcome["cases"][0]["verdict"] = "passed".into();
    for (at, keys) in [
        ("/cases/0", ["suite_file", "images"]),
        ("/requirements/0", ["suite_files", "place"]),
        ("", ["left_out", "require_all"]),
    ] {
        let map = outcome.pointer_mut(at).unwrap().as_object_mut().unwrap();
        for key in keys {
            assert!(map.remove(key).is_some(), "{key}");
        }
    }
    write(at, "older.json", &older.to_string());
    let (code, text) = ran(at, &["trace", "older.json", "--require-all"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("**Accepted**: 1 of 1"), "{text}");
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

/// A run with `--report out` that is interrupted while its engine says nothing; `meanwhile` is done before.
fn interrupted(at: &Path, meanwhile: impl Fn()) -> (Option<i32>, String) {
    write(at, "image.yaml", &suite("  - { name: it,"));
    let silent = UnixListener::bind(at.join("engine")).unwrap();
    let engine = format!("unix://{}", at.join("engine").display());
    let words = ["run", "image.yaml", "--report", "out", "--engine", &engine];
    let run = command(at, &words).spawn().unwrap();
    let asked = silent.accept().unwrap();
    meanwhile();
    send("-INT", &run);
    let ended = ended(run.wait_with_output().unwrap());
    drop(asked);
    ended
}

#[test]
fn a_run_that_is_interrupted_before_it_begins_knows_its_requirements() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (code, text) = interrupted(at, || ());
    assert_eq!(code, Some(130), "{text}");
    let sheet = std::fs::read_to_string(at.join("out/acceptance.md")).unwrap();
    let said =
        "**Not accepted**: 0 of 1 requirements are verified, 1 uncovered. The run was interrupted.";
    assert!(sheet.contains(said), "{sheet}");
    assert!(sheet.contains("image.yaml: sha256 "), "{sheet}");
}

#[test]
fn a_report_that_cannot_be_written_in_the_end_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let in_its_place = || write(at, "out/junit.xml/own.txt", "");
    let (code, text) = interrupted(at, in_its_place);
    assert_eq!(code, Some(130), "{text}");
    let said = "cannot write `out/junit.xml`: Is a directory";
    assert!(
        text.contains(said) && text.contains("help: make room"),
        "{text}"
    );
}

#[test]
fn every_file_that_a_suite_is_written_in_has_a_digest_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let text = suite("  - { name: it, skip: later,")
        .replace("{ R1: It is small. }", "REQUIREMENTS")
        .replace("cases:", "include: [cases.inc]\nsecrets: { WORD: { file: word } }\nrun: { environment: { W: \"${WORD}\" } }\ncases:");
    write(at, "suite.yml.j2", &text);
    write(at, "REQUIREMENTS", "R1: It is small.\n");
    write(at, "word", "hunter2\n");
    let fragment = "cases:\n  - { name: other, skip: later, expect: [{ image: { user: app } }] }\n";
    write(at, "cases.inc", fragment);
    let (_, said) = ran(at, &["run", "suite.yml.j2", "--report", "out"]);
    let sheet = std::fs::read_to_string(at.join("out/acceptance.json")).unwrap();
    let sheet: Json = serde_json::from_str(&sheet).unwrap();
    let files = sheet["suites"].as_array().unwrap().iter();
    let files: Vec<&Json> = files.map(|text| &text["file"]).collect();
    assert_eq!(
        files,
        ["REQUIREMENTS", "cases.inc", "suite.yml.j2"],
        "{said}"
    );
}

#[test]
fn a_run_that_cannot_begin_leaves_no_report_of_an_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "image.yaml", &suite("  - { name: it, verifies: [R1],"));
    write(at, "wrong.yaml", "seaworthy: 1\n");
    let old = |at: &Path| {
        let files = [
            ("acceptance.md", "# Acceptance\n\n**Accepted**"),
            ("junit.xml", "<testsuites name=\"seaworthy\"/>"),
            ("report.txt", "seaworthy 0.1.0"),
            ("own.txt", "**Accepted**"),
        ];
        for (name, text) in files {
            write(at, &format!("out/{name}"), text);
        }
    };
    let there = |name: &str| at.join("out").join(name).exists();
    for (words, wanted) in [
        (&["wrong.yaml"][..], 2),
        (&["image.yaml", "--tags", "x"], 4),
    ] {
        old(at);
        let (code, text) = ran(at, &[&["run", "--report", "out"], words].concat());
        assert_eq!(code, Some(wanted), "{text}");
        assert!(!there("acceptance.md") && !there("junit.xml") && !there("report.txt"));
        assert!(there("own.txt"), "it is none of ours");
    }
    old(at);
    let words = [
        "run",
        "image.yaml",
        "--report",
        "out",
        "--engine",
        "unix:///nowhere.sock",
    ];
    let (code, text) = ran(at, &[&words[..], &["--require-all"]].concat());
    assert_eq!(code, Some(3), "{text}");
    let read = |name: &str| std::fs::read_to_string(at.join("out").join(name)).unwrap();
    let why = "cannot connect to the engine at unix:///nowhere.sock";
    let junit = read("junit.xml");
    assert!(
        junit.contains("name=\"the run itself\"") && junit.contains(why),
        "{junit}"
    );
    let report: Json = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(report["exit_code"], 3);
    let sheet = read("acceptance.md");
    assert!(
        sheet.starts_with("# Acceptance\n\n**Not accepted**: 0 of 1"),
        "{sheet}"
    );
}

#[test]
fn what_stands_in_the_place_of_a_report_is_said_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "out/acceptance.md/own.txt", "");
    write(at, "image.yaml", &suite("  - { name: it, skip: later,"));
    let (code, text) = ran(at, &["run", "image.yaml", "--report", "out"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("`out/acceptance.md`") && text.contains("help: "),
        "{text}"
    );
}

#[test]
fn what_a_container_said_is_printed_as_json_that_nothing_obeys() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let saved = reported(at);
    let mut report: Json = serde_json::from_str(&saved).unwrap();
    let evil = "##vso[task.complete] \u{9b}2J \u{202e}";
    report["outcome"]["cases"][0]["skip"] = evil.into();
    write(at, "report.json", &report.to_string());
    let (_, text) = ran(at, &["trace", ".", "--format", "json"]);
    assert!(
        !text.contains("##vso") && !text.contains(['\u{9b}', '\u{202e}']),
        "{text}"
    );
    let sheet: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(sheet["requirements"][0]["cases"][0]["skip"], evil);
}

#[test]
fn what_is_left_out_by_a_filter_leaves_its_requirement_open() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let other =
        "  - { name: second, skip: later, verifies: [R1], expect: [{ image: { user: app } }] }\n";
    let text = suite(&format!(
        "{other}  - {{ name: first, skip: later, verifies: [R1],"
    ));
    write(at, "image.yaml", &text);
    for (filter, wanted) in [("first", 1), ("s", 0)] {
        ran(
            at,
            &["run", "image.yaml", "--report", ".", "--filter", filter],
        );
        let saved = std::fs::read_to_string(at.join("report.json")).unwrap();
        let passed = saved.replace("\"verdict\": \"skipped\"", "\"verdict\": \"passed\"");
        write(at, "report.json", &passed);
        let (code, text) = ran(at, &["trace", ".", "--require-all"]);
        assert_eq!(code, Some(wanted), "{text}");
        let said = "image.yaml:4: R1 is incomplete: 1 case that verifies it was not run (second)";
        assert_eq!(text.contains(said), wanted == 1, "{text}");
        assert_eq!(text.contains("**Accepted**"), wanted == 0, "{text}");
    }
}
