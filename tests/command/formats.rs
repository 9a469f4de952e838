//! What goes to standard output, and what build servers are told.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

use super::{command, folder};

/// A suite of one case that is skipped and one that needs an engine, of which there is none.
const SUITE: &str = r"
seaworthy: 1
name: told
image: { ref: a }
requirements: { R1: It is small. }
cases:
  - { name: 'later # not now', skip: 'no #1', verifies: [R1], expect: [ { image: { user: app } } ] }
  - { name: now, expect: [ { image: { user: app } } ] }
";

const NOWHERE: [&str; 2] = ["--engine", "unix:///nowhere.sock"];

fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("suites")).unwrap();
    std::fs::write(folder.path().join("suites/told.yaml"), SUITE).unwrap();
    folder
}

fn output(at: &Path, words: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = command(at, &[&["run"], words].concat());
    command.envs(variables.iter().copied()).output().unwrap()
}

/// Exit code, standard output, standard error.
fn parts(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn skipped(at: &Path, format: &str) -> (Option<i32>, String, String) {
    parts(output(at, &["--filter", "later", "--format", format], &[]))
}

#[test]
fn with_a_format_for_programs_nothing_else_goes_to_standard_output() {
    let folder = written();
    let at = folder.path();
    let (code, json, told) = skipped(at, "json");
    assert_eq!(code, Some(4), "{told}");
    let json: Json = serde_json::from_str(&json).unwrap();
    assert_eq!(json["summary"]["skipped"], 1);
    assert!(
        told.contains("- skipped later") && told.contains("1 skipped in "),
        "{told}"
    );
    let (_, junit, told) = skipped(at, "junit");
    let document = roxmltree::Document::parse(&junit).unwrap();
    assert!(document.root_element().has_tag_name("testsuites"));
    assert!(told.contains("1 skipped in "), "{told}");
    let (_, sheet, _) = skipped(at, "markdown");
    assert!(sheet.starts_with("# Acceptance\n"), "{sheet}");
    // Where reports were written is told beside it as well.
    let words = ["--filter", "later", "--format", "json", "--report", "out"];
    let (_, json, told) = parts(output(at, &words, &[]));
    let json: Json = serde_json::from_str(&json).unwrap();
    let saved = std::fs::read_to_string(at.join("out/report.json")).unwrap();
    let saved: Json = serde_json::from_str(&saved).unwrap();
    assert_eq!(json, saved);
    for name in ["junit.xml", "report.tap"] {
        let said = format!("report: out/{name}");
        assert!(told.contains(&said), "{told}");
    }
    let saved = std::fs::read_to_string(at.join("out/report.tap")).unwrap();
    assert_eq!(parsed(&saved.replace("version 14", "version 13")), READ);
    assert!(
        told.contains("report: no statement.json: no image was judged"),
        "{told}"
    );
    assert!(!at.join("out/statement.json").exists());
    let (code, human, told) = skipped(at, "human");
    assert_eq!((code, told.as_str()), (Some(4), ""), "{human}");
}

#[test]
fn a_run_that_cannot_begin_says_so_in_each_format() {
    let folder = written();
    let at = folder.path();
    let why = "cannot connect to the engine at unix:///nowhere.sock";
    for format in ["json", "junit", "tap"] {
        let words = [&["--format", format], &NOWHERE[..]].concat();
        let (code, text, told) = parts(output(at, &words, &[]));
        assert_eq!(code, Some(3), "{told}");
        assert!(
            text.contains(why) && told.contains(why),
            "{format}: {text}\n{told}"
        );
    }
}

/// What is read of the case that is skipped.
const READ: &str = "13|1|1|1|0|1|0|- told::later \\# not now SKIP no #1";

/// What a parser of Perl's makes of TAP: how many were planned, passed, skipped and failed, and whether all is
/// well formed.
fn parsed(tap: &str) -> String {
    let program = r#"
        use TAP::Parser;
        my $p = TAP::Parser->new({ tap => do { local $/; <STDIN> } });
        my ($yaml, @names) = (0);
        while (my $r = $p->next) {
            $yaml++ if $r->is_yaml;
            push @names, $r->description . ($r->has_skip ? " SKIP " . $r->explanation : "") if $r->is_test;
        }
        my @errors = $p->parse_errors;
        print join("|", $p->version, $p->tests_planned, scalar($p->passed), scalar($p->skipped), scalar($p->failed), $yaml, scalar(@errors), @names);
    "#;
    let mut perl = Command::new("perl")
        .args(["-e", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = perl.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, tap.as_bytes()).unwrap();
    drop(input);
    let output = perl.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "perl with TAP::Parser, as Debian's package `perl` has it, is needed"
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn tap_is_what_a_parser_of_it_reads() {
    let folder = written();
    let at = folder.path();
    let (_, tap, _) = skipped(at, "tap");
    assert!(
        tap.starts_with(
            "TAP version 14\n# made by seaworthy\n1..1\nok 1 - told::later \\# not now # SKIP no #1\n  ---\n"
        ),
        "{tap}"
    );
    // Perl knows versions up to 13, which this is as well.
    let (_, lost, _) = parts(output(
        at,
        &[&["--format", "tap"], &NOWHERE[..]].concat(),
        &[],
    ));
    for (tap, expected) in [
        (tap, READ),
        (lost, "13|1|0|0|1|1|0|- seaworthy::the run itself"),
    ] {
        let read = parsed(&tap.replace("version 14", "version 13"));
        assert_eq!(read, expected, "{tap}");
    }
}

#[test]
fn in_a_job_of_github_what_did_not_pass_is_annotated_and_in_the_summary() {
    let folder = written();
    let at = folder.path();
    let summary = at.join("summary.md");
    std::fs::write(&summary, "of another command\n").unwrap();
    let top = at.canonicalize().unwrap();
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
        ("GITHUB_WORKSPACE", top.to_str().unwrap()),
    ];
    let within = at.join("suites");
    let words = [&["told.yaml"], &NOWHERE[..]].concat();
    let (code, text, _) = parts(output(&within, &words, &variables));
    assert_eq!(code, Some(3), "{text}");
    let last = text.lines().last().unwrap();
    let said = "::error title=seaworthy%3A the run itself::cannot connect to the engine at unix:///nowhere.sock";
    assert!(last.starts_with(said), "{text}");
    let summary_text = std::fs::read_to_string(&summary).unwrap();
    let begins = "of another command\n## Seaworthy: 0 passed, 0 failed, 0 errored, 0 skipped in ";
    assert!(summary_text.starts_with(begins), "{summary_text}");
    assert!(
        summary_text.contains("\n### Acceptance\n"),
        "{summary_text}"
    );
    // Who asks for another format has that.
    let words = [&["told.yaml", "--format", "human"], &NOWHERE[..]].concat();
    let (_, text, _) = parts(output(&within, &words, &variables));
    assert!(!text.contains("::error"), "{text}");
    assert_eq!(std::fs::read_to_string(&summary).unwrap(), summary_text);
    // What earlier commands of the step have filled is told, and changes nothing else.
    std::fs::write(&summary, "x".repeat(1 << 20)).unwrap();
    let words = ["told.yaml", "--filter", "later"];
    let (code, _, told) = parts(output(&within, &words, &variables));
    assert_eq!(code, Some(4), "{told}");
    assert!(
        told.contains("cannot write the summary of the job: earlier commands"),
        "{told}"
    );
    assert_eq!(std::fs::metadata(&summary).unwrap().len(), 1 << 20);
}

#[test]
fn in_a_job_of_github_what_is_wrong_with_suites_is_annotated_at_its_lines() {
    let folder = written();
    let at = folder.path();
    let wrong = SUITE.replace("  - { name: now,", "  - { nam: now,");
    std::fs::write(at.join("suites/told.yaml"), wrong).unwrap();
    let job = [("GITHUB_ACTIONS", "true")];
    let said = "::error file=suites/told.yaml,line=8,col=7,title=seaworthy%3A the suite is wrong::unknown key `nam`";
    let annotated = |words: &[&str], variables: &[(&str, &str)]| {
        let mut command = command(at, words);
        let output = command.envs(variables.iter().copied()).output().unwrap();
        let (code, text, told) = parts(output);
        assert_eq!(code, Some(2), "{text}{told}");
        assert!(told.contains("--> suites/told.yaml:8:7"), "{told}");
        assert!(
            text.lines().all(|line| line.starts_with("::error ")),
            "{text}"
        );
        text.contains(said) && text.contains("%0Ahelp: ")
    };
    assert!(annotated(&["run"], &job));
    assert!(annotated(&["check"], &job));
    assert!(annotated(&["run", "--format", "github"], &[]));
    assert!(!annotated(&["run", "--format", "human"], &job));
    assert!(!annotated(&["check"], &[]));
}

#[test]
fn in_a_job_what_a_container_says_gives_no_orders() {
    let folder = folder();
    let at = folder.path();
    // The words are the container's, as it were: they come back from its environment.
    let suite = std::fs::read_to_string(at.join("suites/patient.yaml")).unwrap();
    let evil =
        r"::error::x\n::stop-commands::y\n##[error]z\n\e[0Ksection_end:1:seaworthy_1_1\r\e[0K";
    let suite = suite.replace("cases:", &format!(
        "cases:\n  - name: is told\n    run: {{ environment: {{ EVIL: \"{evil}\" }} }}\n    expect: [ {{ env: {{ EVIL: good }} }} ]"
    ));
    std::fs::write(at.join("suites/patient.yaml"), suite).unwrap();
    let words = ["--filter", "is told", "--report", "out"];
    let (code, text, told) = parts(output(at, &words, &[("GITHUB_ACTIONS", "true")]));
    assert_eq!(code, Some(1), "{text}{told}");
    let orders: Vec<&str> = text
        .lines()
        .filter(|line| line.trim_start().starts_with("::"))
        .collect();
    let [order] = orders[..] else {
        panic!("{text}")
    };
    let said = "::error file=suites/patient.yaml,line=11,col=";
    assert!(order.starts_with(said), "{order}");
    assert!(
        order.contains(",title=patient%3A%3Ais told::env EVIL: expected"),
        "{order}"
    );
    assert!(!text.contains("##["), "{text}");
    let (_, text, _) = parts(output(at, &words, &[("GITLAB_CI", "true")]));
    for mark in ["section_start:", "section_end:"] {
        let ours = text.matches(&format!("\u{1b}[0K{mark}")).count();
        let rest = text.split(mark).skip(1);
        let obeyed = rest.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        assert_eq!((ours, obeyed.count()), (1, 1), "{text:?}");
    }
    assert!(text.contains("failed  is told"), "{text}");
    // Of the image that was judged there is a statement.
    let statement = std::fs::read_to_string(at.join("out/statement.json")).unwrap();
    let statement: Json = serde_json::from_str(&statement).unwrap();
    let predicate = &statement["predicate"];
    assert_eq!(predicate["result"], "FAILED");
    assert_eq!(predicate["failedTests"][0], "patient::is told");
    assert_eq!(predicate["configuration"][0]["name"], "suites/patient.yaml");
    let digest = statement["subject"][0]["digest"]["sha256"]
        .as_str()
        .unwrap();
    let id = statement["subject"][0]["annotations"]["imageId"]
        .as_str()
        .unwrap();
    assert_eq!(id, format!("sha256:{digest}"));
    let known = Command::new("docker")
        .args(["image", "inspect", id])
        .output()
        .unwrap();
    assert!(known.status.success(), "{id}");
}
