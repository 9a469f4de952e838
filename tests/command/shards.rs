//! Shards and their reports, and what is run again.

use std::path::Path;

use serde_json::Value as Json;

use super::{folder, ran};

/// Cases that need no engine.
fn suite(cases: usize) -> String {
    let case = |at: usize| {
        format!(
            "  - {{ name: case {at}, skip: later, verifies: [R1], expect: [{{ image: {{ user: app }} }}] }}\n"
        )
    };
    let cases: String = (0..cases).map(case).collect();
    format!(
        "seaworthy: 1\nname: many\nimage: {{ ref: a }}\nrequirements: {{ R1: It is small. }}\ncases:\n{cases}"
    )
}

fn of(cases: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("many.yaml"), suite(cases)).unwrap();
    folder
}

fn shard(at: &Path, shard: &str, report: &str, words: &[&str]) -> (Option<i32>, String) {
    let run = ["run", "many.yaml", "--shard", shard, "--report", report];
    ran(at, &[&run, words].concat())
}

fn report(at: &Path, folder: &str) -> Json {
    let text = std::fs::read_to_string(at.join(folder).join("report.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn names(report: &Json) -> Vec<String> {
    let cases = report["outcome"]["cases"].as_array().unwrap().iter();
    cases
        .map(|case| case["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_reports_of_all_shards_are_joined_into_one() {
    let folder = of(7);
    let at = folder.path();
    let (code, text) = ran(at, &["run", "many.yaml", "--report", "whole"]);
    assert_eq!(code, Some(4), "{text}");
    for (number, out) in [("1/3", "a"), ("2/3", "b"), ("3/3", "c")] {
        let (code, text) = shard(at, number, out, &["--require-all"]);
        assert_eq!(code, Some(0), "a part may have nothing to judge: {text}");
        assert!([2, 3].contains(&names(&report(at, out)).len()), "{text}");
    }
    let (code, text) = ran(at, &["merge", "c", "a", "b/report.json", "--report", "out"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("0 passed, 0 failed, 0 errored, 7 skipped in "),
        "{text}"
    );
    assert!(text.contains("R1 is skipped: later"), "{text}");
    for name in ["junit.xml", "report.tap"] {
        assert!(text.contains(&format!("report: out/{name}\n")), "{text}");
    }
    assert_eq!(names(&report(at, "out")), names(&report(at, "whole")));
    assert_eq!(report(at, "out")["exit_code"], 1);
    let (code, text) = ran(at, &["merge", "c", "a", "b", "--format", "tap"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains(
            "TAP version 14\n# made by seaworthy\n1..8\nok 1 - many::case 0 # SKIP later\n"
        ),
        "{text}"
    );
    // What is joined is never written over.
    let before = report(at, "a");
    for out in ["a", "./b/../a"] {
        let (code, text) = ran(at, &["merge", "a", "b", "c", "--report", out]);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains("holds `a`, which is to be joined"), "{text}");
    }
    assert_eq!(report(at, "a"), before);
}

#[test]
fn cases_that_no_shard_judged_are_named_and_the_run_is_not_well() {
    let folder = of(2);
    let at = folder.path();
    let text = suite(4).replace("name: case 3, skip: later", "name: case 3, alone: true");
    std::fs::write(at.join("many.yaml"), text).unwrap();
    let nowhere = ["--engine", "unix:///nowhere.sock"];
    let codes =
        [("1/2", "a"), ("2/2", "b")].map(|(number, out)| shard(at, number, out, &nowhere).0);
    assert!(
        codes.contains(&Some(0)) && codes.contains(&Some(3)),
        "{codes:?}"
    );
    let (code, text) = ran(at, &["merge", "a", "b", "--report", "out"]);
    assert_eq!(code, Some(3), "{text}");
    let said = "not judged, since it could not begin: ";
    assert!(
        text.contains(said)
            && text.contains("`many::case 3`")
            && text.contains("again, and join its new report"),
        "{text}"
    );
    assert_eq!(report(at, "out")["exit_code"], 3);
}

#[test]
fn what_is_no_whole_run_is_not_joined() {
    let folder = of(4);
    let at = folder.path();
    for (number, out) in [
        ("1/2", "a"),
        ("2/2", "b"),
        ("1/2", "again"),
        ("2/3", "third"),
    ] {
        shard(at, number, out, &[]);
    }
    shard(at, "2/2", "one", &["--filter", "case 1"]);
    ran(at, &["run", "many.yaml", "--report", "whole"]);
    std::fs::write(at.join("many.yaml"), suite(4) + "# another text\n").unwrap();
    shard(at, "2/2", "other", &[]);
    std::fs::write(at.join("broken.json"), "{ \"version\": 1, \"outcome\": {").unwrap();
    for (reports, said) in [
        (&["a"][..], "the report of shard 2/2 is missing"),
        (
            &["a", "again", "b"],
            "`a` and `again` are both of shard 1/2",
        ),
        (
            &["a", "third"],
            "`a` is one of 2 shards, and `third` one of 3",
        ),
        (
            &["a", "one"],
            "`a` is of all cases, and `one` of `--filter \"case 1\"`",
        ),
        (
            &["a", "other"],
            "`a` and `other` are of different texts of many.yaml",
        ),
        (
            &["a", "whole"],
            "`whole` is the report of a run that was not made with `--shard`",
        ),
        (&["a", "nowhere"], "cannot read `nowhere`"),
        (
            &["a", "broken.json"],
            "`broken.json` is no report that can be",
        ),
    ] {
        let (code, text) = ran(at, &[&["merge", "--report", "out"], reports].concat());
        assert_eq!(code, Some(2), "{reports:?}: {text}");
        assert!(text.contains(said), "{reports:?}: {text}");
        assert!(!at.join("out").exists(), "{reports:?}");
    }
}

#[test]
fn a_shard_that_there_is_none_of_is_an_error_and_one_without_cases_is_none() {
    let folder = of(2);
    let at = folder.path();
    for (words, said) in [
        (
            &["--shard", "0/3"][..],
            "shards are counted from 1: the first is 1/3",
        ),
        (&["--shard", "4/3"], "there is no shard 4 of 3"),
        (&["--shard", "third"], "write I/N, such as 2/3"),
        (&["--balance", "."], "--shard <I/N>"),
        (&["--repeat", "2", "--retries", "1"], "cannot be used with"),
    ] {
        let (code, text) = ran(at, &[&["run", "many.yaml"], words].concat());
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(said), "{text}");
    }
    for (number, out) in [("1/3", "a"), ("2/3", "b")] {
        let (code, text) = shard(at, number, out, &[]);
        assert_eq!(code, Some(0), "{text}");
        assert!(!text.contains("has no case"), "{text}");
    }
    let (code, text) = shard(at, "3/3", "c", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("shard 3/3 has no case: "), "{text}");
    let (code, text) = ran(at, &["merge", "a", "b", "c"]);
    assert_eq!(code, Some(4), "{text}");
    // Nothing to share is a mistake of the call, as it is without shards.
    let (code, text) = shard(at, "1/3", "d", &["--filter", "no such"]);
    assert_eq!(code, Some(4), "{text}");
}

/// A saved report with these times of its cases.
fn timed(at: &Path, seconds: &[u64]) {
    let mut whole = report(at, "whole");
    let cases = whole["outcome"]["cases"].as_array_mut().unwrap();
    for (case, seconds) in cases.iter_mut().zip(seconds) {
        case["took"]["secs"] = (*seconds).into();
    }
    std::fs::write(at.join("times.json"), whole.to_string()).unwrap();
}

#[test]
fn shards_are_balanced_by_the_times_of_an_earlier_run() {
    let folder = of(4);
    let at = folder.path();
    let judged = "alone: true, expect: [{ source: { at: many.yaml, type: file } }] }";
    let text = suite(4).replace("skip: later, ", "");
    let text = text.replace("expect: [{ image: { user: app } }] }", judged);
    std::fs::write(at.join("many.yaml"), text).unwrap();
    let (code, text) = ran(at, &["run", "many.yaml", "--report", "whole"]);
    assert_eq!(code, Some(0), "{text}");
    timed(at, &[9, 4, 3, 2]);
    let part = |number: &str, words: &[&str]| {
        let (code, text) = shard(at, number, "out", words);
        assert_eq!(code, Some(0), "{text}");
        names(&report(at, "out"))
    };
    let balanced = ["--balance", "times.json"];
    assert_eq!(part("1/2", &[]), ["case 0", "case 2"]);
    assert_eq!(part("1/2", &balanced), ["case 0"]);
    assert_eq!(part("2/2", &balanced), ["case 1", "case 2", "case 3"]);
    // What knows nothing of them makes no difference, and that is said.
    let said = "note: the report of `--balance` knows no case of these suites";
    let (_, text) = shard(at, "1/2", "out", &balanced);
    assert!(!text.contains(said), "{text}");
    let times = std::fs::read_to_string(at.join("times.json")).unwrap();
    std::fs::write(at.join("other.json"), times.replace("\"case ", "\"other ")).unwrap();
    let (code, text) = shard(at, "1/2", "out", &["--balance", "other.json"]);
    assert!(code == Some(0) && text.contains(said), "{text}");
    assert_eq!(names(&report(at, "out")), ["case 0", "case 2"]);
    let (code, text) = shard(at, "1/2", "out", &["--balance", "nowhere"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("cannot read `nowhere`"), "{text}");
}

#[test]
fn only_what_did_not_pass_is_run_again() {
    let folder = folder();
    let at = folder.path();
    let arguments = [
        "run",
        "--tags",
        "fast,wrong",
        "--report",
        "out",
        "--retries",
        "1",
    ];
    let (code, text) = ran(at, &arguments);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("runs      failed 2 of 2 times"), "{text}");
    let (code, text) = ran(at, &["run", "--rerun-failed", "out", "--repeat", "2"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("0 passed, 1 failed, 0 errored, 0 skipped in "),
        "{text}"
    );
    assert!(text.contains("failed  shows its word"), "{text}");
    // The new report may take the place of the old one.
    ran(at, &["run", "--rerun-failed", "out", "--report", "out"]);
    assert_eq!(names(&report(at, "out")), ["shows its word"]);
    let mut saved = report(at, "out");
    let write =
        |saved: &Json| std::fs::write(at.join("out/report.json"), saved.to_string()).unwrap();
    saved["outcome"]["cases"][0]["name"] = "is gone".into();
    write(&saved);
    let (code, text) = ran(at, &["run", "--rerun-failed", "out"]);
    assert_eq!(code, Some(4), "{text}");
    assert!(
        text.contains("1 case of the report is not in these suites: `patient::is gone` of `suites/patient.yaml`"),
        "{text}"
    );
    saved["outcome"]["cases"][0]["verdict"] = "passed".into();
    write(&saved);
    let words = ["run", "--rerun-failed", "out", "--report", "out"];
    let (code, text) = ran(at, &words);
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("there is nothing to run again"), "{text}");
    // Where no run takes its place, the old one stays.
    assert_eq!(names(&report(at, "out")), ["is gone"]);
}

/// Cases that are about files beside the suite alone, of which the second fails.
const OF_FILES: &str = "seaworthy: 1\nname: files\nrequirements: { R1: It is there. }\ncases:\n  \
    - { name: one, verifies: [R1], expect: [{ source: { at: a.yaml, type: file } }] }\n  \
    - { name: two, alone: true, expect: [{ source: { at: gone, type: file } }] }\n";

/// Where no engine is.
const NOWHERE: [&str; 2] = ["--engine", "unix:///nowhere.sock"];

fn of_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    std::fs::write(folder.path().join("sub/a.yaml"), OF_FILES).unwrap();
    folder
}

#[test]
fn shards_that_were_called_in_different_folders_are_one_run_without_an_engine() {
    let folder = of_files();
    let at = folder.path();
    let run = |at: &Path, words: &[&str]| ran(at, &[&["run"], words, &NOWHERE[..]].concat());
    let (code, whole) = run(at, &["sub", "--report", "whole"]);
    assert_eq!(code, Some(1), "{whole}");
    assert!(whole.contains("1 passed, 1 failed"), "{whole}");
    let (_, text) = run(
        &at.join("sub"),
        &[".", "--shard", "1/2", "--report", "../one"],
    );
    assert!(
        text.contains("1 passed") || text.contains("1 failed"),
        "{text}"
    );
    let (_, text) = run(at, &["sub", "--shard", "2/2", "--report", "two"]);
    assert!(
        text.contains("1 passed") || text.contains("1 failed"),
        "{text}"
    );
    for order in [["one", "two"], ["two", "one"]] {
        let words = [&["merge"], &order[..], &["--report", "out"]].concat();
        let (code, text) = ran(at, &words);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("--> sub/a.yaml:6:"), "{text}");
        let (joined, whole) = (report(at, "out"), report(at, "whole"));
        for key in ["requirements", "texts", "left_out"] {
            assert_eq!(joined["outcome"][key], whole["outcome"][key], "{key}");
        }
        assert_eq!(names(&joined), names(&whole));
    }
    let (code, text) = ran(at, &["merge", "one", "two", "-q"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("✗ failed  two"), "{text}");
    assert!(!text.contains("✓ passed"), "{text}");
    // What did not pass can be folded there too.
    for words in [&["merge", "one", "two"][..], &["judge", "out"]] {
        let (_, text) = ran(at, words);
        assert!(!text.contains("section_start"), "{text}");
        let (code, text) = ran(at, &[words, &["--format", "gitlab"]].concat());
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("section_start:"), "{text}");
    }
}

#[test]
fn what_cannot_be_found_again_is_told_with_its_file_and_what_to_do() {
    let folder = of_files();
    let at = folder.path();
    let below = at.join("sub");
    let (code, text) = ran(&below, &["run", ".", "--report", "../out"]);
    assert_eq!(code, Some(1), "{text}");
    let again = ["run", "--rerun-failed"];
    let (code, text) = ran(at, &[&again[..], &["out"]].concat());
    assert_eq!(code, Some(2), "{text}");
    for said in [
        "the report names `a.yaml`, which is not there as seen from /",
        "call it in the folder where that run was called",
    ] {
        assert!(text.contains(said), "{text}");
    }
    let other = OF_FILES.replace("name: files", "name: others");
    std::fs::write(at.join("sub/a.yaml"), other).unwrap();
    let (code, text) = ran(&below, &[&again[..], &["../out"]].concat());
    assert_eq!(code, Some(4), "{text}");
    for said in [
        "1 case of the report is not in these suites: `files::two` of `a.yaml`",
        "its file, its suite and its name",
    ] {
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn what_is_no_report_is_told_with_what_is_expected() {
    let folder = of_files();
    let at = folder.path();
    let (code, text) = ran(at, &["run", "sub", "--report", "out"]);
    assert_eq!(code, Some(1), "{text}");
    for (words, said) in [
        (
            &["trace", "sub"][..],
            "there is no `report.json` in the folder `sub`",
        ),
        (
            &["trace", "sub/a.yaml"],
            "a `report.json` of `seaworthy run --report` is expected",
        ),
        (
            &["judge", "out/acceptance.json"],
            "is expected; beside it is `out/report.json`",
        ),
        (
            &["run", "sub", "--report", "sub/a.yaml"],
            "`sub/a.yaml` is a file, and a folder is wanted",
        ),
        (
            &["man", "--out", "sub/a.yaml"],
            "`sub/a.yaml` is a file, and a folder is wanted",
        ),
    ] {
        let (code, text) = ran(at, words);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains(said), "{text}");
    }
    let (code, text) = ran(at, &["judge", "out", "--format", "tap"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("1..2\nok 1 - files::one\n"), "{text}");
    let (_, help) = ran(at, &["trace", "--help"]);
    assert!(help.contains("Exit codes: that of the run"), "{help}");
}
