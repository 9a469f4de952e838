use crate::claim::trial::{errs_unseen, fails_ended, judged, misses as misses_of, refused};
use crate::fact::answer::Fact;
use crate::fact::log::{Line, Log, Stream};
use crate::fact::question::Question;

fn log(stdout: &[&str], stderr: &[&str], cut: bool) -> impl Fn(&Question) -> Fact {
    let line = |stream| {
        move |text: &&str| Line {
            stream,
            text: (*text).to_owned(),
        }
    };
    let lines: Vec<Line> = stdout
        .iter()
        .map(line(Stream::Stdout))
        .chain(stderr.iter().map(line(Stream::Stderr)))
        .collect();
    move |_| {
        let lines = lines.clone();
        Fact::Log(Log { lines, cut })
    }
}

fn seen() -> impl Fn(&Question) -> Fact {
    log(
        &[
            r#"{"level":"info","message":"listening on 8080"}"#,
            r#"{"level":"info","message":"GET /a"}"#,
        ],
        &["warning: no config", "bye"],
        false,
    )
}

fn misses(text: &str) -> Vec<String> {
    misses_of("logs", text, seen())
}

#[test]
fn what_holds_passes_with_evidence() {
    for holds in [
        "listening",
        "{ contains: [listening, bye] }",
        "{ matches: 'on \\d+' }",
        "{ matches: ['^bye$', '^warning'] }",
        "{ not: hunter2 }",
        "{ not: [hunter2, { equals: by }, { matches: '^by$' }] }",
        "{ every_line: json, stream: stdout }",
        "{ count: 4 }",
        "{ count: 1, stream: stderr, contains: bye }",
        "{ contains: message, matches: GET, count: { below: 2 } }",
        "{ contains: hunter2, count: 0 }",
    ] {
        assert_eq!(misses(holds), [""; 0], "{holds}");
    }
}

#[test]
fn what_does_not_hold_fails() {
    for (fails, says) in [
        (
            "absent",
            "a line containing \"absent\", actual none of 4 lines",
        ),
        ("{ contains: [bye, absent] }", "containing \"absent\""),
        ("{ contains: bye, stream: stdout }", "none of 2 lines"),
        (
            "{ contains: Listening on }",
            "none of 4 lines; near to it is line 1: \"{\\\"level\\\":\\\"info\\\",\\\"message\\\":\\\"listening on 8080",
        ),
        ("{ matches: '^listening' }", "a line matching /^listening/"),
        (
            "{ not: bye }",
            "no line containing \"bye\", actual line 4: \"bye\"",
        ),
        (
            "{ not: [absent, { matches: '^war' }] }",
            "no line matching /^war/",
        ),
        ("{ not: { equals: bye } }", "no line \"bye\""),
        (
            "{ every_line: json }",
            "line 3: \"warning: no config\" (expected value at character 1)",
        ),
        ("{ count: 3 }", "expected 3 lines, actual 4 of 4 lines"),
        (
            "{ contains: message, count: { above: 2 } }",
            "above 2 lines containing \"message\", actual 2 of 4",
        ),
        (
            "{ contains: listening, matches: GET, count: { at_least: 1 } }",
            "actual 0 of 4",
        ),
    ] {
        let said = misses(fails);
        assert_eq!(said.len(), 1, "{fails}: {said:?}");
        assert!(said[0].contains(says), "{fails}: {}", said[0]);
    }
}

#[test]
fn every_wrong_part_is_said() {
    let said = misses("{ contains: absent, matches: absent, not: bye, every_line: json }");
    assert_eq!(said.len(), 4, "{said:?}");
}

#[test]
fn a_failure_shows_the_last_lines_escaped_and_bounded() {
    let many: Vec<String> = (1..=12)
        .map(|n| format!("\u{1b}[31m{n}{}", "x".repeat(400)))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let said = misses_of("logs", "absent", log(&many, &[], false)).remove(0);
    let notes: Vec<&str> = said.split(" | ").skip(1).collect();
    assert_eq!(notes.len(), 11, "{notes:?}");
    assert_eq!(notes[0], "the last 10 of 12 lines: …");
    assert!(notes[1].starts_with("\\u{1b}[31m3xx"), "{}", notes[1]);
    assert!(notes.iter().all(|n| n.chars().count() < 220));
}

#[test]
fn of_a_long_line_the_part_is_shown_that_must_not_be_there() {
    let long = format!("{}password=hunter2{}", "x".repeat(400), "y".repeat(400));
    for unwanted in [
        "hunter2",
        "{ matches: 'hunter\\d' }",
        "{ contains: hunter2 }",
    ] {
        let said = misses_of(
            "logs",
            &format!("{{ not: {unwanted} }}"),
            log(&[&long], &[], false),
        );
        let first = said[0].split(" | ").next().unwrap();
        assert!(first.contains("line 1: …\"x"), "{first}");
        assert!(first.contains("password=hunter2yyy"), "{first}");
        assert!(first.chars().count() < 260, "{first}");
    }
}

#[test]
fn a_line_that_is_json_but_no_object_fails_and_so_does_silence() {
    let said = misses_of(
        "logs",
        "{ every_line: json }",
        log(&["{}", "42"], &[], false),
    );
    assert!(
        said[0].contains("line 2: \"42\" (JSON, but no object)"),
        "{said:?}"
    );
    let said = misses_of("logs", "{ every_line: json }", log(&[], &[], false));
    assert!(said[0].contains("nothing was written"), "{said:?}");
    let said = misses_of(
        "logs",
        "{ every_line: json, stream: stderr }",
        log(&["{}"], &[], false),
    );
    assert!(
        said[0].contains("only stderr was looked at; lines elsewhere: 1"),
        "{said:?}"
    );
    let said = misses_of("logs", "{ every_line: json }", log(&["{}", ""], &[], false));
    assert!(said[0].contains("line 2"), "{said:?}");
}

#[test]
fn lines_that_were_not_kept_leave_absence_open() {
    let cut = || log(&["{}", "bye"], &[], true);
    for open in [
        "{ not: absent }",
        "absent",
        "{ count: 2 }",
        "{ contains: absent, stream: stdout }",
    ] {
        let findings = judged("logs", open, cut());
        assert!(
            findings.misses.is_empty() && findings.seen.is_empty(),
            "{open}: {findings:?}"
        );
        assert!(
            findings.unseen[0].contains("only its last 2 lines were kept"),
            "{open}"
        );
    }
    assert_eq!(misses_of("logs", "bye", cut()), [""; 0]);
    let said = misses_of("logs", "{ not: bye }", cut());
    assert!(
        said[0].contains("only the last 2 lines were kept"),
        "{said:?}"
    );
}

#[test]
fn what_is_not_seen_is_no_verdict() {
    errs_unseen("logs", "bye", seen());
    fails_ended("logs", "bye");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (text, says) in [
        ("{}", "says nothing"),
        ("{ stream: stderr }", "says nothing"),
        ("{ stream: stdin, contains: x }", "unknown word `stdin`"),
        ("\"a\\nb\"", "one by one"),
        ("''", "every line holds an empty text"),
        ("{ not: '' }", "every line holds an empty text"),
        ("{ matches: 'a(' }", "not a regular expression"),
        ("{ every_line: yaml }", "unknown word `yaml`"),
        ("{ contain: a }", "unknown key `contain`"),
    ] {
        let said = refused("logs", text);
        assert!(said.contains(says), "{text}: {said}");
    }
}

#[test]
fn the_only_line_is_told_once() {
    let said = misses_of("logs", "{ not: bye }", log(&["bye"], &[], false));
    assert!(said[0].ends_with("actual line 1: \"bye\""), "{said:?}");
    let said = misses_of("logs", "{ not: bye }", log(&["hello", "bye"], &[], false));
    assert!(
        said[0].ends_with("line 2: \"bye\" | hello | bye"),
        "{said:?}"
    );
    let said = misses_of("logs", "absent", log(&["bye"], &[], false));
    assert!(said[0].ends_with("none of 1 line | bye"), "{said:?}");
}
