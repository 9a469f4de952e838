//! `junit.xml` by its schema, as a validator of others reads both.

use std::path::Path;
use std::process::Command;

use super::judge::write;
use super::ran;

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/junit/junit.xsd");

/// That the file is as the schema has it.
pub fn valid(file: &Path) {
    let said = checked(file);
    assert!(said.is_empty(), "{said}");
}

/// What a validator says against it; nothing where it is as the schema has it.
fn checked(file: &Path) -> String {
    let mut xmllint = Command::new("xmllint");
    xmllint.args(["--noout", "--nonet", "--schema", SCHEMA]);
    let output = xmllint
        .arg(file)
        .output()
        .expect("xmllint, as Debian's package `libxml2-utils` has it, is needed");
    let said = String::from_utf8(output.stderr).unwrap();
    match output.status.code() {
        Some(0) => String::new(),
        // It could read both, and the file is not as it should be.
        Some(1 | 3) => said,
        other => panic!("{other:?}: {said}"),
    }
}

/// Two suites of one name, each with a case that is skipped, one that fails, one that holds and one that needs an engine.
const SUITE: &str = r#"
seaworthy: 1
name: told
image: { ref: a }
requirements: { R1: It is small., "R 2": "It is ]]> there." }
cases:
  - { name: "later <b>", skip: "no \"&\"", verifies: [R1], expect: [ { image: { user: app } } ] }
  - { name: is there, verifies: [R1, "R 2"], expect: [ { source: { at: gone, type: file } } ] }
  - { name: holds, expect: [ { source: { at: told.yaml, type: file } } ] }
  - { name: needs an engine, expect: [ { image: { user: app } } ] }
"#;

#[test]
fn what_is_written_is_as_the_schema_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for place in ["a", "b"] {
        let folder = format!("suites/{place}");
        std::fs::create_dir_all(at.join(&folder)).unwrap();
        write(&at.join(folder), "told.yaml", SUITE);
    }
    let run = ["run", "--require-all", "--report", "out"];
    let near = [
        "--filter", "is there", "--filter", "holds", "--filter", "later",
    ];
    for (words, kinds) in [
        (&["--engine", "unix:///nowhere.sock"][..], &["<error "][..]),
        (
            &near,
            &[
                "<skipped ",
                "<failure ",
                "line=\"8\"",
                "(suites/b/told.yaml)",
            ],
        ),
        (
            &[&near[..], &["--retries", "2"]].concat(),
            &["<rerunFailure "],
        ),
        (&["--shard", "9/9"], &[]),
    ] {
        let (code, said) = ran(at, &[&run[..], words].concat());
        assert!(matches!(code, Some(0 | 1 | 3)), "{words:?}: {said}");
        let file = at.join("out/junit.xml");
        valid(&file);
        let text = std::fs::read_to_string(&file).unwrap();
        for kind in kinds {
            assert!(text.contains(kind), "{kind} in {text}");
        }
    }
}

#[test]
fn a_report_of_everything_is_as_the_schema_has_it_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let shown = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/report/snapshots/seaworthy__report__junit__tests__a_whole_report_reads_like_this.snap"
    );
    let shown = std::fs::read_to_string(shown).unwrap();
    let (_, text) = shown.split_once("\n---\n").unwrap();
    let file = folder.path().join("junit.xml");
    let said = |text: &str| {
        std::fs::write(&file, text).unwrap();
        checked(&file)
    };
    assert_eq!(said(text), "");
    for (from, to, wanted) in [
        ("line=\"31\"", "line=\"31:17\"", "attribute 'line'"),
        ("time=\"1.234\"", "time=\"1.2 s\"", "attribute 'time'"),
        ("name=\"requirement\"", "name=\"id\"", "attribute 'name'"),
        (
            "<skipped message",
            "<ignored message",
            "Element 'ignored': This element is not expected",
        ),
        (
            "name=\"survives a full disk\"",
            "name=\"answers on its port\"",
            "Duplicate key-sequence ['aisopod', 'answers on its port']",
        ),
        (
            " errors=\"1\" skipped=\"1\"",
            " skipped=\"1\"",
            "The attribute 'errors' is required",
        ),
        ("</testsuites>", "", "Premature end of data"),
    ] {
        let broken = text.replacen(from, to, 1);
        assert_ne!(broken, text, "{from}");
        let said = said(&broken);
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}
