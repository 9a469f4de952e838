//! The suite language, over `fixtures/language`: `right/*.yaml` must be taken without a word, and
//! `wrong/*.yaml` must be refused with exactly what stands in the file beside it that ends in
//! `.stderr`. `UPDATE=1 cargo test --test language` writes those files anew: read what changed.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a test reads its fixtures, runs the command, and may stop where it stands"
)]

#[path = "language/chance.rs"]
mod chance;
#[path = "language/made.rs"]
mod made;
#[path = "language/command.rs"]
mod command;
#[path = "language/pages.rs"]
mod pages;
#[path = "language/mutation.rs"]
mod mutation;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for path in suites("right") {
        trials.push(Trial::test(name(&path), move || right(&path)));
    }
    for path in suites("wrong") {
        trials.push(Trial::test(name(&path), move || wrong(&path)));
    }
    trials.extend(made::trials());
    trials.extend(pages::trials());
    trials.extend(command::trials());
    trials.push(Trial::test("mutations never panic", mutation::never_panic));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Where the fixtures lie.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/language")
}

/// The suites of a folder, relative to the root.
fn suites(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).expect("the folder of fixtures");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let paths = names.map(|name| Path::new(folder).join(name));
    let mut suites: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    suites.sort();
    suites
}

fn name(path: &Path) -> String {
    path.with_extension("").display().to_string()
}

/// Exit code, standard output and standard error of `seaworthy check`.
fn check(folder: &Path, path: &Path) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .arg("check")
        .arg(path)
        .current_dir(folder)
        .env_clear()
        .env("FROM_ENVIRONMENT", "given")
        .output()
        .expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    let here = root().display().to_string();
    let text = |bytes| text(bytes).replace(&here, "HERE");
    let (out, err) = (text(output.stdout), text(output.stderr));
    (output.status.code(), out, err)
}

fn right(path: &Path) -> Result<(), Failed> {
    let (code, out, err) = check(&root(), path);
    if code == Some(0) && err.is_empty() && out.ends_with("no errors\n") {
        return Ok(());
    }
    Err(format!("exit {code:?}\n{out}{err}").into())
}

fn wrong(path: &Path) -> Result<(), Failed> {
    let (code, out, err) = check(&root(), path);
    if code != Some(2) || !out.is_empty() {
        return Err(format!("exit {code:?}\n{out}{err}").into());
    }
    let beside = root().join(path).with_extension("stderr");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(beside, err)?;
        return Ok(());
    }
    let expected = std::fs::read_to_string(&beside).unwrap_or_default();
    if expected == err {
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(&expected, &err);
    let diff = diff.unified_diff().header("expected", "said").to_string();
    Err(format!("{diff}\nUPDATE=1 cargo test --test language takes what is said now").into())
}
