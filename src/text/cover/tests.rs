use serde_json::json;

use super::*;
use crate::text::pace::grows;

fn cover() -> Cover {
    let hidden = [
        ("s3cr&t w0rd", "${WORD}"),
        ("WORD", "${OTHER}"),
        ("one-line\nother-line", "${KEY}"),
    ];
    Cover::new(hidden)
}

#[test]
fn whatever_way_it_is_written_its_name_stands_there() {
    let cases = [
        ("a s3cr&t w0rd b", "a ${WORD} b"),
        ("s3cr&t w0rdWORD", "${WORD}${OTHER}"),
        ("p=s3cr%26t+w0rd&q", "p=${WORD}&q"),
        ("/?p=s3cr&t%20w0rd", "/?p=${WORD}"),
        ("an other-line", "an ${KEY}"),
        ("nothing", "nothing"),
    ];
    for (text, expected) in cases {
        assert_eq!(cover().text(text.to_owned()), expected);
    }
    for before in ["", "u", "me"] {
        let pair = base64::encode(format!("{before}s3cr&t w0rd!").as_bytes());
        let covered = cover().text(format!("x {pair}"));
        assert!(covered.contains("${WORD}"), "{before}: {covered}");
    }
}

#[test]
fn a_secret_that_is_broken_or_cut_off_is_still_one() {
    let long = "correct-horse-battery";
    let cover = Cover::new([(long, "***")]);
    let encoded = base64::encode(b"before it correct-horse-battery, behind it");
    let (first, second) = encoded.split_at(24);
    let escaped = "correct\\u002dhorse%2dbatt&#101;ry";
    let cases = [
        (escaped, "***"),
        ("correct-ho\nrse-battery", "***"),
        ("-correct-ho\n-rse-battery\n", "-***\n"),
        ("\"correct-ho…\" and 11 more", "\"***…\" and 11 more"),
        ("…\"horse-battery\"", "…\"***\""),
        ("…horse…", "…***…"),
        ("cor… and …ery", "cor… and …ery"),
        ("correct-ho", "correct-ho"),
    ];
    for (text, expected) in cases {
        assert_eq!(cover.text(text.to_owned()), expected);
    }
    for between in ["", "\n", "\r\n  ", "\\n"] {
        let covered = cover.text(format!("{first}{between}{second}"));
        assert!(covered.contains("***"), "{between:?}: {covered}");
        let left = covered.split("***").map(|part| base64::decode(part.trim()));
        let left: Vec<u8> = left.flatten().flatten().collect();
        let left = String::from_utf8_lossy(&left).into_owned();
        assert!(!left.contains("horse"), "{between:?}: {left}");
    }
}

#[test]
fn a_secret_that_goes_from_line_to_line_is_covered_in_each() {
    let cover = Cover::new([("correct-horse-battery", "***")]);
    let mut value = json!([
        ["a correct", "-horse-", "battery b", "c"],
        [{ "text": "correct-horse" }, { "text": "-battery" }],
        ["correct-horse-battery", "d"],
        ["stderr: \"correct-\"", "  \"horse-battery\""],
        ["correct", "e"],
        ["stderr: \"correct-\"", "stderr: \"horse-battery\"", "stdout: \"x\""],
        ["the last 2 of 9 lines: …", "e-bat", "tery"],
        ["…", "  | horse-battery", "d"],
        ["d", "horse-battery"],
    ]);
    assert!(cover.value(&mut value));
    let expected = json!([
        ["a ***", "***", "*** b", "c"],
        [{ "text": "***" }, { "text": "***" }],
        ["***", "d"],
        ["stderr: \"***", "***\""],
        ["correct", "e"],
        ["stderr: \"***", "***\"", "stdout: \"x\""],
        ["the last 2 of 9 lines: …", "***", "***"],
        ["…", "  | ***", "d"],
        ["d", "horse-battery"],
    ]);
    assert_eq!(value, expected);
}

#[test]
fn of_bytes_of_which_some_are_left_out_the_ends_are_covered() {
    let cover = Cover::new([("correct-horse-battery", "***")]);
    let hexed = hex(b"\xffrect-horse-batt");
    let mut value = json!([
        { "bytes": { "text": "rect-horse-battery\ncorrect-horse" }, "total": 99 },
        { "bytes": { "text": "rect-horse-battery\ncorrect-horse" }, "total": 32 },
        { "bytes": { "hex": hexed }, "total": 20 },
    ]);
    assert!(cover.value(&mut value));
    assert_eq!(value[0]["bytes"]["text"], "***\n***");
    assert_eq!(
        value[1]["bytes"]["text"],
        "rect-horse-battery\ncorrect-horse"
    );
    assert_eq!(value[2]["bytes"]["hex"], hexed);
}

#[test]
fn who_one_is_stays_what_it_is() {
    let basic = |password: &str| {
        let pair = base64::encode(format!("me:{password}").as_bytes());
        format!("Authorization: Basic {pair}, and so on")
    };
    assert_eq!(cover().text(basic("s3cr&t w0rd")), basic("${WORD}"));
    assert_eq!(cover().text(basic("public")), basic("public"));
    // The name is found again in what was written with the name in the first place.
    let named = Cover::new([("${WORD}", "${WORD}")]);
    assert_eq!(named.text(basic("${WORD}")), basic("${WORD}"));
    // Or all of it is the secret.
    let pair = base64::encode(b"me:public");
    let whole = Cover::new([(pair.as_str(), "${PAIR}")]);
    let sent = format!("Authorization: Basic {pair}, and so on");
    assert_eq!(whole.text(sent), "Authorization: Basic ${PAIR}, and so on");
    let text = "Basic WORD and WORD";
    assert_eq!(cover().text(text.to_owned()), "Basic ${OTHER} and ${OTHER}");
}

#[test]
fn bytes_stay_whole_and_names_are_covered_too() {
    let mut value = json!({
        "log": { "bytes": { "text": "WORD\n" }, "total": 5 },
        "raw": { "bytes": { "hex": "ff574f5244f574f52440" }, "total": 90 },
        "labels": { "WORD": 1 },
    });
    assert!(cover().value(&mut value));
    let expected = json!({
        "log": { "bytes": { "text": "${OTHER}\n" }, "total": 9 },
        "raw": { "bytes": { "hex": "ff247b4f544845527df574f52440" }, "total": 94 },
        "labels": { "${OTHER}": 1 },
    });
    assert_eq!(value, expected);
    let mut other = json!({ "bytes": { "text": "w" }, "total": 9 });
    assert!(!cover().value(&mut other));
    let same = Cover::new([("abcd", "wxyz")]);
    let mut equal = json!([{ "bytes": { "text": "abcd" }, "total": 4 }]);
    assert!(same.value(&mut equal));
    assert_eq!(equal[0]["bytes"]["text"], "wxyz");
}

#[test]
fn a_text_that_is_nearly_a_long_secret_again_and_again_is_searched_in_time() {
    let secret = "a".repeat(1 << 13);
    let cover = Cover::new([(secret.as_str(), "***")]);
    // As much of it as says all of it is covered, and nothing of it is left.
    let near = format!("{}b", &secret[1..]);
    let nearly = |count: usize| near.repeat(count);
    grows("nearly the secret", 2, nearly, |text| {
        assert!(!cover.text(text).contains("aaaa"));
    });
    // The rest of one whose beginning was cut off may be any part of it.
    let rest = format!("…{}b\n", "a".repeat(300));
    assert!(!cover.text(rest).contains("aaaa"));
}

#[test]
fn of_what_there_is_no_time_to_search_nothing_is_shown() {
    // As many secrets that begin alike as a hostile suite likes.
    let lines: Vec<String> = (0..5_000).map(|at| format!("aaaa{at}")).collect();
    let cover = Cover::new([(lines.join("\n").as_str(), "***")]);
    let text = format!("{}aaaa4999", "a".repeat(1_000));
    let covered = cover.text(text);
    assert!(
        covered.ends_with("***") && !covered.contains("aaaa49"),
        "{covered}"
    );
    assert_eq!(cover.text("bbb aaaa7 bbb".to_owned()), "bbb *** bbb");
}
