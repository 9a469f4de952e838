use std::time::Duration;

use super::*;
use crate::text::source::FileId;
use crate::text::yaml;

fn read(text: &str) -> (Option<Load>, Vec<String>) {
    let node = yaml::parse(FileId(0), text).0.unwrap();
    let mut reader = Reader::default();
    let load = Load::read(&node, &mut reader);
    let load = load.filter(|load| load.check(&mut reader));
    (
        load,
        reader.diagnostics.into_iter().map(|d| d.message).collect(),
    )
}

fn load(more: &str) -> Load {
    let (load, said) = read(&format!("{{ http: 'http://app/', during: [stop]{more} }}"));
    assert_eq!(said, [""; 0], "{more}");
    load.unwrap()
}

fn findings(more: &str, seen: &Traffic) -> Findings {
    let load = load(more);
    let mut findings = Findings::default();
    load.judge(load.0.http.span, seen, &mut findings);
    findings
}

/// Its misses, a line each, and its notes behind ` | `.
fn misses(more: &str, seen: &Traffic) -> Vec<String> {
    let findings = findings(more, seen);
    assert_eq!(findings.unseen, [""; 0]);
    let line = |miss: crate::claim::Finding| {
        let notes: String = miss.notes.iter().map(|n| format!(" | {n}")).collect();
        format!(
            "{}: expected {}, actual {}{notes}",
            miss.what, miss.miss.expected, miss.miss.actual
        )
    };
    findings.misses.into_iter().map(line).collect()
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A stop at 100 ms; 100 answers of 10 ms, and one of 500 ms.
fn good() -> Traffic {
    let mut seen = Traffic {
        clients: 8,
        micros: 2_500_000,
        ..Traffic::default()
    };
    (0..100).for_each(|_| seen.answered(ms(10)));
    seen.answered(ms(500));
    seen.mark("stop", ms(100));
    seen
}

#[test]
fn what_loses_nothing_holds_and_says_how_many_there_were() {
    let said = findings(
        ", requests: 101, p50: { below: 11ms }, p99: { below: 11ms }",
        &good(),
    );
    assert_eq!(said.misses, []);
    assert_eq!(
        said.seen,
        ["101 requests of 8 clients in 2.5 s: 101 ok; p50 10 ms, p99 10 ms"]
    );
}

#[test]
fn what_was_taken_and_lost_fails_with_when_and_how() {
    let mut seen = good();
    seen.lose(Loss::Late, ms(312), "no answer after 200 ms");
    seen.lose(
        Loss::Reset,
        ms(112),
        "the connection was closed before any answer came",
    );
    seen.lose(Loss::Wrong, ms(90), "status: expected 200, found 503");
    let said = misses("", &seen);
    assert_eq!(
        said,
        [
            "failed: expected 0, actual 3 of 104 requests: 1 reset, 1 late, 1 wrong; the first before the first step \
          | late 212 ms after `stop` began: no answer after 200 ms \
          | reset 12 ms after `stop` began: the connection was closed before any answer came \
          | wrong before the first step: status: expected 200, found 503 \
          | 104 requests of 8 clients in 2.5 s: 101 ok, 1 reset, 1 late, 1 wrong; p50 10 ms, p99 10 ms"
        ]
    );
    assert_eq!(misses(", failed: { at_most: 3 }", &seen), [""; 0]);
    assert_eq!(misses(", failed: { at_most: 2 }", &seen).len(), 1);
}

#[test]
fn what_was_lost_alike_is_told_once() {
    let mut seen = good();
    for at in [112, 118, 119, 120, 121, 122] {
        seen.lose(Loss::Reset, ms(at), "closed");
    }
    let said = misses("", &seen);
    let notes = "| reset 12 ms after `stop` began: closed, and 5 more like it | 107 requests";
    assert!(said[0].contains(notes), "{said:?}");
    seen.lose(Loss::Late, ms(90), "closed");
    let said = misses("", &seen);
    assert!(
        said[0].contains("| late before the first step: closed |"),
        "{said:?}"
    );
}

#[test]
fn what_nobody_took_is_a_count_of_its_own() {
    let mut seen = good();
    seen.lose(Loss::Refused, ms(130), "172.17.0.2:80: refused");
    let said = misses("", &seen);
    assert_eq!(said.len(), 1);
    let start = "refused: expected 0, actual 1 of 102 requests; the first 30 ms after `stop` began | refused 30 ms after `stop` began: 172.17.0.2:80: refused | where nobody is meant to listen for a while, say so: `refused: { at_least: 1 }` | 102 requests";
    assert!(said[0].starts_with(start), "{}", said[0]);
    for more in [
        ", refused: 1",
        ", refused: { at_least: 1 }",
        ", failed: 0, refused: { at_most: 5 }",
    ] {
        assert_eq!(misses(more, &seen), [""; 0], "{more}");
    }
    let said = misses(", refused: { at_least: 1 }", &good());
    assert!(
        said[0].starts_with("refused: expected at least 1, actual 0 of 101 requests"),
        "{said:?}"
    );
}

#[test]
fn what_was_in_flight_is_a_count_of_its_own() {
    let mut seen = good();
    // The first two were begun before the stop, the third after it.
    seen.begun(ms(40), None);
    seen.begun(ms(100), Some(Loss::Reset));
    seen.begun(ms(101), Some(Loss::Late));
    seen.lose(Loss::Reset, ms(112), "closed");
    seen.lose(Loss::Late, ms(300), "no answer");
    let allowed = ", failed: { at_most: 2 }";
    assert_eq!(misses(allowed, &seen), [""; 0]);
    let unseen = misses(", lost_in_flight: 0", &good());
    assert!(unseen[0].contains("there was none"), "{unseen:?}");
    let said = misses(&format!("{allowed}, lost_in_flight: 0"), &seen);
    let start = "lost_in_flight: expected 0, actual 1 reset of the 2 requests that were in flight when `stop` began";
    assert!(said[0].starts_with(start), "{said:?}");
    let said = misses(&format!("{allowed}, lost_in_flight: 1"), &seen);
    assert_eq!(said, [""; 0]);
}

#[test]
fn numbers_and_times_are_compared() {
    let said = misses(
        ", requests: { at_least: 500 }, p50: { above: 20ms }, p99: 1s",
        &good(),
    );
    let starts = [
        "requests: expected at least 500, actual 101",
        "p50: expected above 20 ms, actual 10 ms",
        "p99: expected 1 s, actual 10 ms | 101 requests of 8 clients",
    ];
    assert_eq!(said.len(), starts.len());
    for (said, start) in said.iter().zip(starts) {
        assert!(said.starts_with(start), "{said}");
    }
}

#[test]
fn what_never_was_answered_fails_whatever_is_allowed() {
    let mut seen = Traffic::default();
    seen.lose(Loss::Refused, ms(3), "nobody there");
    let said = misses(", failed: { at_least: 0 }, refused: { at_least: 0 }", &seen);
    assert_eq!(
        said,
        [
            "http: expected requests that are answered before the first step, actual none of 1 was: 1 refused | refused before the first step: nobody there"
        ]
    );
    // Times of answers that never came are not as claimed.
    let mut seen = good();
    seen.times = crate::fact::load::Times::default();
    assert!(misses(", p99: { below: 1h }", &seen)[0].contains("no request was answered"));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (text, says) in [
        ("{ during: [stop] }", "the key `http` is missing"),
        ("{ http: 'http://app/' }", "the key `during` is missing"),
        (
            "{ http: { url: 'http://app/', fails: any }, during: [stop] }",
            "`fails` does not go with `load`",
        ),
        (
            "{ http: { url: 'http://app/', spread_over: 2 }, during: [stop] }",
            "`spread_over` does not go with `load`",
        ),
        (
            "{ http: 'http://app/', clients: 0, during: [stop] }",
            "`clients: 0` is not a number of clients",
        ),
        (
            "{ http: 'http://app/', clients: 65, during: [stop] }",
            "`clients: 65`",
        ),
        (
            "{ http: 'http://localhost/', during: [stop] }",
            "is the machine that the test runs on",
        ),
    ] {
        let (load, said) = read(text);
        assert!(
            load.is_none() && said.join("; ").contains(says),
            "{text}: {said:?}"
        );
    }
}
