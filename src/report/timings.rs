//! What took the time of a run, as text: `seaworthy run --timings`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::clean;
use super::style::{BOLD, DIM, count, paint, time, width};
use crate::fact::timeline::{Course, Group, Stretch, Whose};
use crate::run::outcome::Outcome;

/// How many lines each list has.
const MOST: usize = 10;
/// How many columns the names of a list may take.
const WIDE: usize = 60;

/// The lists, the slowest first; each time is what passed, and much of it passes side by side.
pub fn of(outcome: &Outcome) -> String {
    let whole = outcome.took;
    let mut lists = vec![
        list("phases, of all cases together", phases(outcome), whole),
        list("cases", cases(outcome), whole),
        list("images", images(outcome), whole),
        list("containers", containers(outcome), whole),
    ];
    lists.retain(|list| !list.is_empty());
    if lists.is_empty() {
        return "timings: nothing was begun".to_owned();
    }
    let top = format!(
        "timings: {} in all; what goes on side by side is counted for each",
        time(whole)
    );
    format!("\n{top}\n\n{}", lists.join("\n").trim_end())
}

/// What took so long, and what of it.
struct Line {
    name: String,
    millis: u64,
    parts: String,
}

fn list(title: &str, mut lines: Vec<Line>, whole: Duration) -> String {
    lines.retain(|line| line.millis > 0);
    if lines.is_empty() {
        return String::new();
    }
    lines.sort_by(|a, b| b.millis.cmp(&a.millis).then_with(|| a.name.cmp(&b.name)));
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    let wide = lines.iter().map(|line| width(&line.name));
    let wide = wide.max().unwrap_or(0).min(WIDE);
    let mut text = format!("{}\n", paint(BOLD, title));
    for Line {
        name,
        millis,
        parts,
    } in &lines
    {
        let gap = wide.saturating_sub(width(name));
        let share = share(*millis, whole);
        let took = time(Duration::from_millis(*millis));
        let parts = match parts.as_str() {
            "" => String::new(),
            parts => format!("  {}", paint(DIM, parts)),
        };
        text.push_str(&format!(
            "  {took:>12} {share:>5}  {name}{:gap$}{parts}",
            ""
        ));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    if more > 0 {
        text.push_str(&format!("  {}\n", paint(DIM, format!("and {more} more"))));
    }
    text
}

/// How much of the run's time it is.
fn share(millis: u64, whole: Duration) -> String {
    let whole = whole.as_millis().max(1);
    match (u128::from(millis) * 100 + whole / 2) / whole {
        0 => "<1 %".to_owned(),
        share => format!("{share} %"),
    }
}

/// What was done, over all cases; what is done to have images stands for itself.
fn phases(outcome: &Outcome) -> Vec<Line> {
    let mut all: BTreeMap<String, (u64, usize)> = BTreeMap::new();
    for (whose, stretch) in outcome.courses.iter().flat_map(Course::all) {
        let what = match whose {
            Whose::Run => stretch.what.clone(),
            Whose::Cases(_) => kind(&stretch.what),
            Whose::Image(_) | Whose::Container(..) => continue,
        };
        let (millis, times) = all.entry(what).or_default();
        *millis += stretch.took();
        *times += 1;
    }
    let line = |(what, (millis, times)): (String, (u64, usize))| Line {
        name: clean::line(&what),
        millis,
        parts: count(times, "time"),
    };
    all.into_iter().map(line).collect()
}

/// What a stretch is a case of: steps of any number are steps.
fn kind(what: &str) -> String {
    let step = what.strip_prefix("step ");
    let action = step.and_then(|step| step.split_once(", "));
    action.map_or(what.to_owned(), |(_, action)| format!("step {action}"))
}

fn cases(outcome: &Outcome) -> Vec<Line> {
    let cases = outcome.cases.iter();
    let line = cases.map(|case| Line {
        name: clean::line(&format!("{}::{}", case.suite, case.name)),
        millis: u64::try_from(case.took.as_millis()).unwrap_or(u64::MAX),
        parts: String::new(),
    });
    line.collect()
}

fn images(outcome: &Outcome) -> Vec<Line> {
    let images = outcome.courses.iter().flat_map(|course| &course.images);
    let line = images.map(|image| Line {
        name: clean::line(&image.name),
        millis: image.stretches.iter().map(Stretch::took).sum(),
        parts: told(image.stretches.iter().map(|one| one.what.as_str())),
    });
    line.collect()
}

fn containers(outcome: &Outcome) -> Vec<Line> {
    let groups = outcome.courses.iter().flat_map(|course| &course.groups);
    let line = |group: &Group| -> Vec<Line> {
        let containers = group.containers.iter();
        let line = containers.map(|one| {
            let of = |stretch: &Stretch| {
                let took = time(Duration::from_millis(stretch.took()));
                format!("{} {took}", stretch.what)
            };
            let mut slowest: Vec<_> = one.stretches.iter().collect();
            slowest.sort_by_key(|stretch| std::cmp::Reverse(stretch.took()));
            let parts: Vec<String> = slowest.into_iter().take(3).map(of).collect();
            Line {
                name: clean::line(&format!("{} of {}", one.name, whose(group))),
                millis: one.stretches.iter().map(Stretch::took).sum(),
                parts: told(parts.iter().map(String::as_str)),
            }
        });
        line.collect()
    };
    groups.flat_map(line).collect()
}

fn told<'a>(words: impl Iterator<Item = &'a str>) -> String {
    clean::line(&words.collect::<Vec<_>>().join(", "))
}

/// The cases of a group in a few words.
pub fn whose(group: &Group) -> String {
    let mut cases = group.cases();
    let Some(first) = cases.next() else {
        return "no case".to_owned();
    };
    let first = format!("{}::{}", first.suite, first.name);
    match cases.count() {
        0 => first,
        1 => format!("{first} and another"),
        more => format!("{first} and {more} others"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::tests::{poison, sample};
    use crate::report::style::bare;

    #[test]
    fn what_took_the_time_is_told_the_slowest_first() {
        insta::assert_snapshot!(bare(&of(&sample())));
    }

    #[test]
    fn a_run_in_which_nothing_was_begun_says_so() {
        let said = of(&Outcome::default());
        assert_eq!(said, "timings: nothing was begun");
    }

    #[test]
    fn nothing_hostile_reaches_the_terminal() {
        let evil = "x\u{1b}]0;t\u{7}\u{202e}\r\n::error::y";
        let json = serde_json::to_value(sample()).unwrap();
        let poisoned: Outcome = serde_json::from_value(poison(json, evil)).unwrap();
        for c in bare(&of(&poisoned)).chars().filter(|c| *c != '\n') {
            assert!(!c.is_control() && c != '\u{202e}', "{c:?}");
        }
    }
}
