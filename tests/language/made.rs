//! Suites that are made here because a repository should not hold them: huge, hostile, unreadable.

use std::fmt::Write as _;
use std::path::Path;

use libtest_mimic::{Failed, Trial};

use super::check;

const TOP: &str = "seaworthy: 1\nimage: { ref: app }\n";

/// A name, the bytes of the suite, the exit code, and what must be said.
type Made = (&'static str, Vec<u8>, i32, &'static str);

pub fn trials() -> Vec<Trial> {
    let case = "  - name: x\n    expect: [ whoami: app ]\n";
    let mut many = format!("{TOP}cases:\n");
    for at in 0..500 {
        let _ = writeln!(many, "  - name: case {at}\n    expect: [ whoami: app ]");
    }
    let mut wrongs = format!("{TOP}cases:\n");
    for at in 0..500 {
        let _ = writeln!(wrongs, "  - name: case {at}\n    expect: [ whomai: app ]");
    }
    let huge = format!("{TOP}# {}\n", "x".repeat(16 << 20));
    let deep = format!("{TOP}x-deep: {}{}\n", "[".repeat(5000), "]".repeat(5000));
    let wide = format!("{TOP}x-wide: [{}]\n", "a,".repeat(1_000_001));
    let line = format!(
        "{TOP}cases: [ {{ name: {}, expct: [] }} ]\n",
        "x".repeat(100_000)
    );
    let bom = format!("\u{feff}{TOP}cases:\n{case}");
    let windows = format!("{TOP}cases:\n{case}").replace('\n', "\r\n");
    let windows_wrong = windows.replace("whoami", "whomai");
    let all: Vec<Made> = vec![
        (
            "many cases",
            many.into(),
            0,
            "1 suite, 500 cases: no errors",
        ),
        ("many errors", wrongs.into(), 2, "500 errors in 1 suite"),
        ("huge", huge.into(), 2, "larger than 16 MiB"),
        ("deep", deep.into(), 2, "nested more than 32 deep"),
        ("wide", wide.into(), 2, "more than a million values"),
        ("one long line", line.into(), 2, "did you mean `expect`?"),
        (
            "byte order mark",
            bom.into(),
            0,
            "1 suite, 1 case: no errors",
        ),
        (
            "windows line ends",
            windows.into(),
            0,
            "1 suite, 1 case: no errors",
        ),
        (
            "wrong with windows line ends",
            windows_wrong.into(),
            2,
            "did you mean `whoami`?",
        ),
        (
            "not UTF-8",
            b"seaworthy: 1\nname: \xff\n".to_vec(),
            2,
            "it is not UTF-8 text (line 2",
        ),
        (
            "binary",
            (0..=255).cycle().take(5000).collect(),
            2,
            "error: ",
        ),
        ("zero bytes", vec![0; 100], 2, "error: "),
        ("empty", Vec::new(), 2, "this file holds nothing"),
        (
            "only a comment",
            b"# nothing\n".to_vec(),
            2,
            "this file holds nothing",
        ),
    ];
    let trial = |(name, bytes, code, said): Made| {
        Trial::test(format!("made/{name}"), move || one(&bytes, code, said))
    };
    all.into_iter().map(trial).collect()
}

fn one(bytes: &[u8], code: i32, said: &str) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("suite.yaml"), bytes)?;
    let (exit, out, err) = check(folder.path(), Path::new("suite.yaml"));
    let text = out + &err;
    let shown: String = text.chars().take(3000).collect();
    if exit != Some(code) || !text.contains(said) {
        return Err(format!("exit {exit:?}, expected {code} and {said:?}:\n{shown}").into());
    }
    if text.lines().any(|line| line.chars().count() > 500) {
        return Err(format!("a line too long to be read:\n{shown}").into());
    }
    Ok(())
}
