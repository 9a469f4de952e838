//! Reports of a part of what there is to know, judged again: one time of several, one shard of several, a Compose file.

use super::folder;
use super::judge::{STEPS, outcome, ran, write};

/// A case that passes the third time it is run.
const WAVERING: &str = r#"
seaworthy: 1
name: wavering
image: { ref: "python:3.11.2-slim" }
run: { user: "0:0", volumes: ["./seen:/seen"], stdin_open: true }
cases:
  - name: it counts
    expect:
      - exec: { command: [python3, -c, "import os; n = len(os.listdir('/seen')); open(f'/seen/{n}', 'w'); print(n)"], stdout: "2" }
"#;

#[test]
fn a_flaky_case_is_judged_by_the_time_it_failed_and_the_time_it_passed() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::create_dir(at.join("seen")).unwrap();
    write(at, "seaworthy.toml", "");
    write(at, "wavering.yaml", WAVERING);
    let run = ["run", "wavering.yaml", "--retries", "2", "--report", "out"];
    let (code, said) = ran(at, &run);
    assert!(
        code == Some(0) && said.contains("failed 2 of 3 times"),
        "{said}"
    );
    super::junit::valid(&at.join("out/junit.xml"));
    // By its own suite it comes to the same.
    let (code, said) = ran(at, &["judge", "out", "--report", "again"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        outcome(at, "again/report.json"),
        outcome(at, "out/report.json")
    );
    // Also where that takes the report's place.
    let (code, said) = ran(at, &["judge", "again", "--report", "again"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        outcome(at, "again/report.json"),
        outcome(at, "out/report.json")
    );
    let by = "by attempts 1 and 3 of 3, the only ones whose facts the report holds";
    for (stdout, code, wanted) in [
        ("\"2\"", 0, "failed 1 of 2 times"),
        ("{ one_of: [\"0\", \"2\"] }", 0, "✓ passed  it counts"),
        ("\"0\"", 1, "✗ failed  it counts"),
        ("\"7\"", 1, "failed 2 of 2 times"),
    ] {
        let text = WAVERING.replace("stdout: \"2\"", &format!("stdout: {stdout}"));
        write(at, "new.yaml", &text);
        let (seen, said) = ran(at, &["judge", "out", "new.yaml"]);
        assert_eq!(seen, Some(code), "{stdout}: {said}");
        assert!(said.contains(wanted) && said.contains(by), "{said}");
    }
}

#[test]
fn what_passed_several_times_is_judged_by_the_last() {
    let folder = folder();
    let at = &folder.path().join("suites");
    write(at, "paced.yaml", STEPS);
    let only = ["--filter", "goes on"];
    let run = ["run", "paced.yaml", "--repeat", "2", "--report", "twice"];
    let (code, said) = ran(at, &[&run[..], &only[..]].concat());
    assert_eq!(code, Some(0), "{said}");
    let new = STEPS.replacen("whoami: 0", "whoami: { uid: 0 }", 1);
    write(at, "new.yaml", &new);
    let words = ["judge", "twice", "new.yaml", "--verbose"];
    let (code, said) = ran(at, &[&words[..], &only[..]].concat());
    assert_eq!(code, Some(0), "{said}");
    let by = "judged    by attempt 2 of 2, the only one whose facts the report holds";
    assert!(said.contains(by), "{said}");
    // What claims saw is told where that is wanted.
    assert!(
        said.contains("✓ passed  whoami line 9: /probe serve as 0"),
        "{said}"
    );
    assert_eq!(ran(at, &["judge", "twice"]).0, Some(0));
    let (code, said) = ran(at, &["judge", "twice", "-q", "-v"]);
    assert!(
        code == Some(2) && said.contains("cannot be used with"),
        "{said}"
    );
}

#[test]
fn of_a_shard_others_have_the_cases_that_it_did_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let case = |name: &str| {
        format!(
            "  - {{ name: {name}, alone: true, expect: [{{ source: {{ at: it.yaml, type: file }} }}] }}\n"
        )
    };
    let cases = ["one", "two", "three"].map(case).concat();
    write(
        at,
        "it.yaml",
        &format!("seaworthy: 1\nname: it\ncases:\n{cases}"),
    );
    let (code, said) = ran(at, &["run", "it.yaml", "--shard", "1/3", "--report", "out"]);
    assert_eq!(code, Some(0), "{said}");
    let own = outcome(at, "out/report.json")["cases"][0]["name"].clone();
    let (code, said) = ran(at, &["judge", "out", "it.yaml", "--report", "again"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("2 cases of these suites are not judged, since the report is of shard 1/3")
            && said.contains("`seaworthy merge` joins the reports"),
        "{said}"
    );
    let judged = outcome(at, "again/report.json");
    assert_eq!(judged["cases"][0]["name"], own);
    assert_eq!(judged["part"], outcome(at, "out/report.json")["part"]);
    let others = ["one", "two", "three"]
        .into_iter()
        .find(|name| own != *name);
    let filter = ["judge", "out", "it.yaml", "--filter", others.unwrap()];
    let (code, said) = ran(at, &filter);
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains("shard 1/3, which has none of these cases"),
        "{said}"
    );
}

/// A suite of a Compose file.
const COMPOSED: &str = "
seaworthy: 1
name: composed
compose: { files: [compose.yaml], app: a }
cases:
  - { name: it runs, expect: [{ state: running }] }
";

#[test]
fn a_compose_file_that_was_changed_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let base = "services: { a: { image: \"python:3.11.2-slim\", stdin_open: true } }\n";
    let file = "services: { a: { extends: { file: base.yaml, service: a }, env_file: [a.env], tty: false } }\n";
    write(at, "compose.yaml", file);
    write(at, "base.yaml", base);
    write(at, "a.env", "A=1\n");
    write(at, "composed.yaml", COMPOSED);
    let (code, said) = ran(at, &["run", "composed.yaml", "--report", "out"]);
    assert_eq!(code, Some(0), "{said}");
    let judged = || ran(at, &["judge", "out", "composed.yaml"]);
    assert_eq!(judged().0, Some(0), "{}", judged().1);
    for (name, before, after) in [
        ("compose.yaml", file, file.replace("false", "true")),
        ("base.yaml", base, base.replace("true", "true, tty: true")),
        ("a.env", "A=1\n", "A=2\n".to_owned()),
    ] {
        write(at, name, &after);
        let (code, said) = judged();
        assert_eq!(code, Some(3), "{name}: {said}");
        assert!(
            said.contains(
                "its Compose file, or one that it names, is not what it was when the report"
            ),
            "{name}: {said}"
        );
        write(at, name, before);
        assert_eq!(judged().0, Some(0), "{name}: {}", judged().1);
    }
    // Such a file may be on another machine alone.
    std::fs::remove_file(at.join("a.env")).unwrap();
    assert_eq!(judged().0, Some(0), "{}", judged().1);
    // By itself the report says what was so.
    assert_eq!(ran(at, &["judge", "out"]).0, Some(0));
}
