//! What GitHub shows of a run beside its log: annotations at lines of suites, and the summary of a job.

mod summary;

use std::path::Path;

use super::human::closing;
use super::{brief, clean};
use crate::run::attempt::is_bad;
use crate::run::outcome::{CaseOutcome, Outcome, Verdict};
use crate::suite::outside::shown;
use crate::text::source::Place;
pub use summary::of as summary;

/// How many annotations of one kind GitHub keeps of a step.
const MOST: usize = 10;
/// How many reasons of one case are told.
const REASONS: usize = 5;
/// How many lines of each.
const LINES: usize = 6;

/// What is said at the lines of suites, a command each. `folder` is the way from the top of the repository to
/// where suites were named from; `elsewhere` is where all of it is told.
pub fn annotations(outcome: &Outcome, folder: &str, elsewhere: &str) -> String {
    let bad = outcome.cases.iter().filter(|case| is_bad(case.verdict));
    let cases = bad.map(|case| of_case("error", case, folder));
    // Of another kind, of which as many are kept.
    let flaky = outcome.cases.iter().filter(|case| case.is_flaky());
    let flaky: Vec<String> = flaky
        .map(|case| of_case("warning", &case.as_found(), folder))
        .collect();
    let besides = brief::besides(outcome).into_iter().map(|beside| {
        let title = format!("seaworthy: {}", beside.name);
        command("error", &[("title", title)], &beside.lines().join("\n"))
    });
    let mut all: Vec<String> = cases.chain(besides).collect();
    if all.len() > MOST {
        let more = all.len() - MOST;
        all.truncate(MOST);
        let title = format!("seaworthy: {more} more did not pass");
        let says = format!("{MOST} are shown here; {elsewhere} has all of them");
        all.push(command("notice", &[("title", title)], &says));
    }
    if flaky.len() > MOST {
        let title = format!("seaworthy: {} more are flaky", flaky.len() - MOST);
        all.push(command(
            "notice",
            &[("title", title)],
            &format!("{elsewhere} has all of them"),
        ));
    }
    all.extend(flaky.into_iter().take(MOST));
    all.concat()
}

/// What is wrong with suites, at its lines, each with what to do.
pub fn wrong(said: &[(Place, String)], folder: &str) -> String {
    let one = |(place, text): &(Place, String)| {
        let title = "seaworthy: the suite is wrong";
        let lines = clean::lines(text, LINES).join("\n");
        command("error", &at(place, title, folder), &lines)
    };
    let mut all: Vec<String> = said.iter().take(MOST).map(one).collect();
    if said.len() > MOST {
        let title = format!("seaworthy: {} more are wrong", said.len() - MOST);
        let says = format!("{MOST} are shown here; the log above has all of them");
        all.push(command("notice", &[("title", title)], &says));
    }
    all.concat()
}

/// The properties of what is said at a place.
fn at(place: &Place, title: &str, folder: &str) -> [(&'static str, String); 4] {
    let file = shown(&Path::new(folder).join(&place.file));
    [
        ("file", clean::line(&file)),
        ("line", place.line.to_string()),
        ("col", place.column.to_string()),
        ("title", clean::line(title)),
    ]
}

fn of_case(kind: &str, case: &CaseOutcome, folder: &str) -> String {
    let place: &Place = closing::place(case);
    let reasons = brief::reasons(case);
    let mut lines: Vec<String> = reasons
        .iter()
        .take(REASONS)
        .flat_map(|reason| clean::lines(reason, LINES))
        .collect();
    if case.verdict == Verdict::Errored {
        lines.insert(0, "could not tell:".to_owned());
    }
    if kind == "warning" {
        lines.insert(
            0,
            "it passed when it was run again; the first time:".to_owned(),
        );
    }
    if reasons.len() > REASONS {
        lines.push(format!("and {} more", reasons.len() - REASONS));
    }
    let title = format!("{}::{}", case.suite, case.name);
    command(kind, &at(place, &title, folder), &lines.join("\n"))
}

/// `::error file=a.yaml,line=3::message`, with a newline.
fn command(name: &str, properties: &[(&str, String)], message: &str) -> String {
    let properties: Vec<String> = properties
        .iter()
        .map(|(key, value)| format!("{key}={}", property(value)))
        .collect();
    format!("::{name} {}::{}\n", properties.join(","), data(message))
}

fn data(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::tests::{flaky, poison, sample};
    use crate::report::human::whole;
    use crate::report::style::{Characters, bare};

    #[test]
    fn annotations_read_like_this() {
        insta::assert_snapshot!(annotations(&sample(), "ci/..", "the summary of the job"));
    }

    /// The commands that a runner of GitHub finds: by two colons at the start of a line, or anywhere by the
    /// mark that it had before.
    fn obeyed(text: &str) -> Vec<&str> {
        let is_command = |line: &&str| {
            let begin = line.trim_start();
            let new = begin
                .strip_prefix("::")
                .is_some_and(|rest| rest.contains("::"));
            let old = line
                .split_once("##[")
                .is_some_and(|(_, rest)| rest.contains(']'));
            new || old
        };
        text.split(['\n', '\r']).filter(is_command).collect()
    }

    #[test]
    fn nothing_that_a_container_says_is_a_command() {
        for evil in [
            "::error::x",
            "a\n::stop-commands::t\r::add-mask::y\r\n  ::set-output name=a::b",
            "##[error]x\n###[group]y",
            ",title=x::y%0A::warning::z",
            "\u{1b}[0m::debug::x",
            "\u{a0}::debug::x",
        ] {
            let outcome = serde_json::to_value(sample()).unwrap();
            let outcome: Outcome = serde_json::from_value(poison(outcome, evil)).unwrap();
            let human = bare(&whole(&outcome, Characters::Unicode));
            assert_eq!(obeyed(&human), [""; 0], "{evil:?}");
            let said = annotations(&outcome, "", "x");
            let commands = obeyed(&said);
            // One for each case that did not pass, and one for the run itself.
            assert_eq!(commands.len(), 3, "{said}");
            assert_eq!(said.lines().count(), 3, "{said}");
            for command in commands {
                let (properties, _) = command[2..].split_once("::").unwrap();
                let names = properties.strip_prefix("error ").unwrap().split(',');
                let names: Vec<&str> = names.map(|one| one.split('=').next().unwrap()).collect();
                assert!(
                    [&["file", "line", "col", "title"][..], &["title"]].contains(&&names[..]),
                    "{command}"
                );
            }
        }
    }

    #[test]
    fn what_is_flaky_is_a_warning() {
        let mut outcome = flaky();
        let text = annotations(&outcome, "", "x");
        let said = "::warning file=suites/aisopod/run.yaml,line=31,col=17,title=aisopod%3A%3Aruns as its own user::\
                    it passed when it was run again; the first time:%0Awhoami user";
        assert!(text.contains(said), "{text}");
        assert_eq!(text.matches("::error ").count(), 1, "{text}");
        outcome.cases = vec![outcome.cases[0].clone(); 12];
        let text = annotations(&outcome, "", "the log above");
        assert_eq!(text.matches("::warning ").count(), 10);
        assert!(
            text.contains("::notice title=seaworthy%3A 2 more are flaky::the log above has"),
            "{text}"
        );
    }

    #[test]
    fn what_is_said_is_what_github_reads() {
        let text = command(
            "error",
            &[("file", "a:b,c%.yaml".to_owned())],
            "1%\n2: a, b",
        );
        assert_eq!(text, "::error file=a%3Ab%2Cc%25.yaml::1%25%0A2: a, b\n");
    }

    #[test]
    fn what_is_wrong_with_suites_is_said_at_its_lines() {
        let place = sample().cases[1].place.clone();
        let said = (
            place,
            "unknown key `a`\nhelp: take it out\n::error::x".to_owned(),
        );
        let text = wrong(std::slice::from_ref(&said), "ci");
        assert_eq!(
            text,
            "::error file=ci/suites/aisopod/run.yaml,line=10,col=11,title=seaworthy%3A the suite is wrong::\
             unknown key `a`%0Ahelp: take it out%0A: :error::x\n"
        );
        let text = wrong(&vec![said; 12], "");
        assert_eq!(text.matches('\n').count(), 11, "{text}");
        assert!(
            text.contains("::notice title=seaworthy%3A 2 more are wrong::"),
            "{text}"
        );
    }

    #[test]
    fn of_many_ten_are_said_and_one_says_where_the_others_are() {
        let mut outcome = sample();
        let failed = outcome.cases[1].clone();
        outcome.cases = vec![failed; 12];
        let text = annotations(&outcome, "", "the log above");
        assert_eq!(text.matches("::error ").count(), 10);
        let last = text.lines().last().unwrap();
        assert_eq!(
            last,
            "::notice title=seaworthy%3A 3 more did not pass::10 are shown here; the log above has all of them"
        );
    }
}
