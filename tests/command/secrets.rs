//! Secrets without a value, and such that cannot be masked; runs that are judged again without them.

use std::path::Path;

use super::judge::{outcome, write};
use super::{command, ended};

const NAME: &str = "SEAWORTHY_TEST_LENT";

/// What it says where the environment gives the secret this.
fn says(at: &Path, words: &[&str], value: Option<&str>) -> (Option<i32>, String) {
    let mut command = command(at, words);
    match value {
        Some(value) => command.env(NAME, value),
        None => command.env_remove(NAME),
    };
    ended(command.output().unwrap())
}

#[test]
fn a_secret_that_is_no_use_is_told_where_it_is_used_and_where_it_is_declared() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let suite = "seaworthy: 1\nimage: { ref: a }\ninclude: [more.yaml]\ncases:\n  - name: it\n    expect: [ { env: { A: \"${WORD}\" } } ]\n";
    write(at, "s.yaml", suite);
    write(
        at,
        "more.yaml",
        &format!("secrets:\n  WORD: {{ env: {NAME} }}\n"),
    );
    for (value, message, help) in [
        (
            None,
            "has no value: the environment has no `SEAWORTHY_TEST_LENT`",
            "set it: SEAWORTHY_TEST_LENT=…",
        ),
        (
            Some(""),
            "has no value: `SEAWORTHY_TEST_LENT` is empty in the environment",
            "does not give a job its secrets",
        ),
        (
            Some("abc"),
            "has fewer than 4 characters, too few to be told from other text and masked",
            "give it a longer value",
        ),
    ] {
        let (code, text) = says(at, &["run", "s.yaml"], value);
        assert_eq!(code, Some(2), "{value:?}: {text}");
        for part in [
            &format!("the secret `WORD` {message}"),
            help,
            "s.yaml:6:27",
            "more.yaml:2:3",
            "declared here",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(text.matches("error").count(), 1, "{text}");
        // Nothing is run there.
        let (code, text) = says(at, &["check", "s.yaml"], value);
        assert_eq!(code, Some(0), "{value:?}: {text}");
    }
}

#[test]
fn a_secret_of_a_build_that_cannot_be_masked_is_not_given_to_it() {
    let folder = super::folder();
    let at = folder.path();
    let suite = format!(
        "seaworthy: 1\nimage: {{ build: {{ context: context, secrets: {{ tok: {{ env: {NAME} }} }} }} }}\n\
         cases: [ {{ name: a, expect: [ {{ path: /probe }} ] }} ]\n"
    );
    write(&at.join("suites"), "patient.yaml", &suite);
    for (value, message) in [
        ("", "the build secret `tok` is empty"),
        ("abc", "the build secret `tok` has fewer than 4 characters"),
    ] {
        let (code, text) = says(at, &["run"], Some(value));
        assert_eq!(code, Some(3), "{text}");
        assert!(text.contains(message), "{text}");
    }
}

/// Whose second secret has blanks around it.
const WITHOUT: &str = r#"
seaworthy: 1
name: without
secrets: { WORD: { env: SEAWORTHY_TEST_LENT }, SPACED: { file: spaced } }
image: { ref: "debian:bookworm-slim" }
cases:
  - name: it
    run: { environment: { A: "${WORD:-none}", B: "${SPACED}" }, command: [sleep, infinity], ready: running }
    expect:
      - env: { A: none, B: "${SPACED}" }
      - exec: { command: [sh, -c, "echo $A"], stdout: none }
"#;

#[test]
fn a_run_that_did_without_a_secret_is_judged_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "s.yaml", WITHOUT);
    write(at, "spaced", "  open sesame \n");
    for value in [None, Some("")] {
        let (code, said) = says(at, &["run", "s.yaml", "--report", "out"], value);
        assert_eq!(code, Some(0), "{said}");
        let before = outcome(at, "out/report.json");
        assert_eq!(before["given"][NAME], "", "{before}");
        assert!(!before["facts"].to_string().contains("open sesame"));
        // No requirement is named, and the engine is stated all the same.
        assert!(
            before["engine"]
                .as_str()
                .is_some_and(|text| text.contains('('))
        );
        for words in [&["judge", "out"][..], &["judge", "out", "s.yaml"]] {
            let (code, said) = says(at, words, Some("of another time"));
            assert_eq!(code, Some(0), "{words:?}: {said}");
        }
    }
}

#[test]
fn of_which_image_a_report_is_is_told_where_suites_say_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let suite = "seaworthy: 1\nimage: { ref: \"nowhere.invalid/a:1\" }\ncases: [ { name: a, expect: [ { path: /etc/os-release } ] } ]\n";
    write(at, "s.yaml", suite);
    let words = [
        "run",
        "s.yaml",
        "--report",
        "out",
        "--image",
        "debian:bookworm-slim",
    ];
    let (code, said) = says(at, &words, None);
    assert_eq!(code, Some(0), "{said}");
    let note = "note: the report is of `debian:bookworm-slim`, which `--image` put in the place of what the suites say";
    for words in [&["judge", "out"][..], &["judge", "out", "s.yaml"]] {
        let (code, said) = says(at, words, None);
        assert!(code == Some(0) && said.contains(note), "{said}");
    }
    write(
        at,
        "s.yaml",
        &suite.replace("nowhere.invalid/a:1", "debian:bookworm-slim"),
    );
    let (code, said) = says(at, &["run", "s.yaml", "--report", "out"], None);
    assert_eq!(code, Some(0), "{said}");
    let (_, said) = says(at, &["judge", "out"], None);
    assert!(!said.contains("note:"), "{said}");
    write(at, "s.yaml", suite);
    let (code, said) = says(at, &["judge", "out", "s.yaml"], None);
    let told = "the report is of the image `debian:bookworm-slim`, and the suite names `nowhere.invalid/a:1`";
    assert!(code == Some(3) && said.contains(told), "{said}");
}
