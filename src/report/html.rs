//! The report for a browser: `report.html`, one file that needs nothing else.
//!
//! Everything is there without the script, which only filters, folds and finds. What suites and containers say
//! is disarmed and escaped; a policy in the page lets it load nothing and run nothing but that script.

mod about;
mod cases;
mod detail;
mod images;
mod markup;
mod requirements;
mod timeline;
mod usage;

#[cfg(test)]
mod tests;

use sha2::{Digest as _, Sha256};

use super::clean::page as clean;
use super::json;
use super::named::Named;
use super::style::{count, time};
use crate::run::outcome::{CaseOutcome, Outcome, Verdict};
use crate::text::base64;
use markup::text;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The whole page of a run that began so many seconds after 1970 began.
pub fn of(outcome: &Outcome, started: Option<u64>) -> String {
    let title = format!("{}: {}", word(outcome), clean::line(&names(outcome)));
    filled(PAGE, |name| match name {
        "style" => STYLE.to_owned(),
        "script" => SCRIPT.to_owned(),
        "style-hash" => hash(STYLE),
        "script-hash" => hash(SCRIPT),
        "title" => markup::escaped(&title),
        _ => part(name, outcome, started),
    })
}

/// A part of the page by its name in the template.
fn part(name: &str, outcome: &Outcome, started: Option<u64>) -> String {
    match name {
        "word" => slug(outcome).to_owned(),
        "headline" => markup::escaped(word(outcome)),
        "summary" => summary(outcome, started),
        "run" => about::troubles(outcome),
        "sections" => sections(outcome),
        "tags" => cases::tags(outcome),
        "requirement-options" => requirements::options(outcome),
        "open" => cases::open(outcome),
        "rest" => cases::rest(outcome),
        "requirements" => requirements::of(outcome),
        "timeline" => timeline::of(outcome),
        "usage" => usage::of(outcome),
        "images" => images::of(outcome),
        "about" => about::of(outcome, started),
        _ => String::new(),
    }
}

/// A template with each `{{name}}` replaced, once: what stands in its place is not looked at again.
fn filled(template: &str, with: impl Fn(&str) -> String) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("}}") {
            Some((name, rest)) => {
                page.push_str(&with(name));
                page.push_str(rest);
            }
            None => page.push_str(part),
        }
    }
    page
}

/// What a policy knows a text by.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64::encode(&Sha256::digest(text)))
}

/// The verdict of the run in a word or two.
fn word(outcome: &Outcome) -> &'static str {
    match outcome.exit_code() {
        0 => "Passed",
        1 => "Failed",
        4 => "Nothing ran",
        130 => "Interrupted",
        _ => "Could not tell",
    }
}

fn slug(outcome: &Outcome) -> &'static str {
    match outcome.exit_code() {
        0 => "passed",
        1 => "failed",
        4 => "skipped",
        _ => "errored",
    }
}

/// The suites' names, a few of them.
fn names(outcome: &Outcome) -> String {
    let named = Named::of(outcome);
    let mut names: Vec<String> = Vec::new();
    let mut last = None;
    for case in &outcome.cases {
        // Most stand beside others of their suite.
        let key = (&case.suite, &case.suite_file);
        if last.replace(key) == Some(key) {
            continue;
        }
        let name = named.suite(case);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.as_slice() {
        [] => "no suite".to_owned(),
        [first] => first.clone(),
        [first, second] => format!("{first} and {second}"),
        [first, rest @ ..] => format!("{first} and {} more suites", rest.len()),
    }
}

/// The counts as the terminal has them, and when it was.
fn summary(outcome: &Outcome, started: Option<u64>) -> String {
    let one = |verdict: Verdict| {
        let (number, word) = (outcome.count(verdict), verdict.word());
        let none = if number == 0 { " none" } else { "" };
        format!("<span class=\"count {word}{none}\"><b>{number}</b> {word}</span>")
    };
    let counts = [
        Verdict::Passed,
        Verdict::Failed,
        Verdict::Errored,
        Verdict::Skipped,
    ]
    .map(one);
    let flaky = match outcome.flaky() {
        0 => String::new(),
        some => format!("<span class=\"count flaky\">(<b>{some}</b> flaky)</span> "),
    };
    let [passed, others @ ..] = counts;
    let counts = format!("{passed} {flaky}{}", others.join(" "));
    let took = format!("in {:.1} s", outcome.took.as_secs_f64());
    let about = [text(&names(outcome)), count(outcome.cases.len(), "case")];
    let when = started.map(|at| {
        let at = json::moment(at);
        format!("<time datetime=\"{at}\">{at}</time>")
    });
    let about: Vec<String> = about.into_iter().chain(when).collect();
    format!(
        "<p class=\"counts\">{counts} <span class=\"took\">{took}</span></p>\n<p>{}</p>",
        about.join(", ")
    )
}

/// Links to the parts that there are.
fn sections(outcome: &Outcome) -> String {
    let courses = &outcome.courses;
    let has_samples = usage::is_told(outcome);
    let has_open = outcome.cases.iter().any(CaseOutcome::is_open);
    let all = [
        ("open", "Did not pass", has_open),
        ("cases", "Cases", true),
        (
            "requirements",
            "Requirements",
            !outcome.requirements.is_empty(),
        ),
        (
            "timeline",
            "Timeline",
            courses.iter().any(|one| one.end() > 0),
        ),
        ("usage", "Memory and processors", has_samples),
        ("images", "Images", !outcome.images.is_empty()),
        ("about", "About", true),
    ];
    let links = all.iter().filter(|(.., there)| *there);
    let links = links.map(|(id, name, _)| format!("<a href=\"#{id}\">{name}</a>"));
    links.collect::<Vec<_>>().join("\n")
}

/// So many milliseconds, as people say them.
fn millis(millis: u64) -> String {
    time(std::time::Duration::from_millis(millis))
}

/// So many bytes, as `docker images` says them.
fn bytes(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match UNITS.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => {
            let unit = u128::from(*unit);
            let tenths = (u128::from(bytes) * 10 + unit / 2) / unit;
            match tenths {
                0..1000 => format!("{}.{} {name}", tenths / 10, tenths % 10),
                _ => format!("{} {name}", tenths / 10),
            }
        }
        None => format!("{bytes} B"),
    }
}

/// A part of a whole in percent, with as many digits as a screen has points.
#[expect(clippy::cast_precision_loss, reason = "it is where something is drawn")]
fn percent(part: u64, whole: u64) -> String {
    let percent = part as f64 * 100.0 / whole.max(1) as f64;
    let mut text = format!("{percent:.3}");
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    text
}
