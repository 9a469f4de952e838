//! When what was done: a lane for each image, for the cases that were judged together, for each container.

use std::collections::HashMap;

use super::cases;
use super::markup::{escaped, text};
use super::{millis, percent};
use crate::fact::timeline::{CaseName, Course, Group, Part, Stretch, Whose};
use crate::report::style::count;
use crate::report::timings::whose;
use crate::run::outcome::Outcome;

/// How many groups of containers are drawn: where there are more, those that took longest.
const GROUPS: usize = 150;
/// How many cases of a lane its title names.
const CASES: usize = 20;
/// How many bars a lane has.
const BARS: usize = 200;
/// How many rows the table has.
const ROWS: usize = 1500;
/// About how many moments are marked on the scale.
const MARKS: u64 = 6;

/// The kinds of bars, each with what it is called.
const KINDS: [(&str, &str); 7] = [
    ("image", "image"),
    ("start", "makes and starts"),
    ("wait", "waits for others"),
    ("ready", "waits until ready"),
    ("observe", "observes"),
    ("step", "steps"),
    ("end", "evidence and removal"),
];

/// The section; nothing where nothing was begun.
pub fn of(outcome: &Outcome) -> String {
    let told = outcome.courses.iter().filter(|course| course.end() > 0);
    let told: Vec<&Course> = told.collect();
    if told.is_empty() {
        return String::new();
    }
    let anchors = by_name(outcome);
    let several = told.len() > 1;
    let mut all = String::new();
    for course in &told {
        if several {
            all.push_str(&format!("<h3>Run {}</h3>\n", text(&course.run)));
        }
        all.push_str(&lanes(course, &anchors));
    }
    let kinds: String = KINDS
        .iter()
        .map(|(kind, name)| {
            format!("<li><svg class=\"key\" aria-hidden=\"true\"><rect class=\"{kind}\" width=\"12\" height=\"12\"/></svg> {name}</li>")
        })
        .collect();
    format!(
        "<section id=\"timeline\" aria-labelledby=\"timeline-title\">\n<h2 id=\"timeline-title\">Timeline</h2>\n\
         <ul class=\"kinds\">{kinds}</ul>\n\
         <p class=\"zoom\" hidden><button type=\"button\" id=\"nearer\">Nearer</button> <button type=\"button\" id=\"farther\">Farther</button> <button type=\"button\" id=\"whole\">All of it</button> <output id=\"bar\" aria-live=\"polite\">Point at a bar, or go from one to the next by the arrow keys.</output></p>\n\
         {all}{}</section>",
        table(&told)
    )
}

/// The anchors of cases by what tells them apart.
fn by_name(outcome: &Outcome) -> HashMap<[&str; 3], String> {
    let names = outcome
        .cases
        .iter()
        .map(|case| [&*case.suite_file, &*case.suite, &*case.name]);
    names.zip(cases::anchors(outcome)).collect()
}

fn lanes(course: &Course, anchors: &HashMap<[&str; 3], String>) -> String {
    let whole = course.end();
    let mut all = scale(whole);
    all.push_str(&lane(("run", ""), "the run", &course.stretches, whole));
    for image in &course.images {
        let label = format!("image {}", text(&image.name));
        all.push_str(&lane(("image", &label), &label, &image.stretches, whole));
    }
    let mut groups: Vec<(&Group, (u64, u64))> = course
        .groups
        .iter()
        .filter_map(|group| Some((group, group.span()?)))
        .collect();
    groups.sort_by_key(|(_, (begin, end))| std::cmp::Reverse(end.saturating_sub(*begin)));
    let left = groups.len().saturating_sub(GROUPS);
    groups.truncate(GROUPS);
    groups.sort_by_key(|(_, (begin, end))| (*begin, *end));
    for (group, _) in groups {
        all.push_str("<div class=\"group\">\n");
        for part in &group.parts {
            let label = named(part, anchors);
            let names = part.cases.iter().take(CASES).map(|case| text(&case.name));
            let names = names.collect::<Vec<_>>().join("&#10;");
            all.push_str(&lane(("cases", &names), &label, &part.stretches, whole));
        }
        for container in &group.containers {
            let label = format!("container {}", text(&container.name));
            all.push_str(&lane(
                ("container", &label),
                &label,
                &container.stretches,
                whole,
            ));
        }
        all.push_str("</div>\n");
    }
    let mut more = String::new();
    if left > 0 {
        more.push_str(&format!(
            "<p class=\"more\">{left} more groups of cases took less time: report.json has all.</p>\n"
        ));
    }
    if course.left_out > 0 {
        more.push_str(&format!(
            "<p class=\"more\">The run had {} more things to tell than are kept.</p>\n",
            course.left_out
        ));
    }
    format!(
        "<div class=\"lanes\" tabindex=\"0\" role=\"region\" aria-label=\"Timeline of the run; a table of it stands below\">\n<div class=\"plot\">\n{all}</div>\n</div>\n{more}"
    )
}

/// The cases of a lane, each a link.
fn named(part: &Part, anchors: &HashMap<[&str; 3], String>) -> String {
    let Some(first) = part.cases.first() else {
        return "no case".to_owned();
    };
    let link = |case: &CaseName| {
        let name = text(&case.name);
        let key = [&*case.suite_file, &*case.suite, &*case.name];
        match anchors.get(&key) {
            Some(anchor) => format!("<a href=\"#{}\">{name}</a>", escaped(anchor)),
            None => name,
        }
    };
    match part.cases.len() - 1 {
        0 => link(first),
        more => format!("{} and {}", link(first), count(more, "other")),
    }
}

fn lane((class, title): (&str, &str), label: &str, stretches: &[Stretch], whole: u64) -> String {
    if stretches.is_empty() && class != "cases" {
        return String::new();
    }
    let mut longest: Vec<&Stretch> = stretches.iter().collect();
    longest.sort_by_key(|stretch| std::cmp::Reverse(stretch.took()));
    longest.truncate(BARS);
    longest.sort_by_key(|stretch| stretch.begin);
    let bars: String = longest.into_iter().map(|one| bar(one, whole)).collect();
    format!(
        "<div class=\"lane {class}\"><div class=\"label\" title=\"{title}\">{label}</div><svg aria-hidden=\"true\">{bars}</svg></div>\n"
    )
}

fn bar(stretch: &Stretch, whole: u64) -> String {
    let kind = kind(&stretch.what);
    let (begin, took) = (
        percent(stretch.begin, whole),
        percent(stretch.took(), whole),
    );
    format!(
        "<rect class=\"{kind}\" x=\"{begin}%\" width=\"{took}%\" height=\"100%\"><title>{}: {} (from {} to {})</title></rect>",
        text(&stretch.what),
        millis(stretch.took()),
        millis(stretch.begin),
        millis(stretch.end)
    )
}

/// Which kind of thing is done.
fn kind(what: &str) -> &'static str {
    let begins = |words: &[&str]| words.iter().any(|word| what.starts_with(word));
    match () {
        () if begins(&["step "]) => "step",
        () if begins(&["waits until"]) => "ready",
        () if begins(&["waits", "prepares", "goes on"]) => "wait",
        () if begins(&["builds", "pulls", "loads", "looks up", "resolves"]) => "image",
        () if begins(&["creates", "starts", "installs", "finds"]) => "start",
        () if begins(&["observes", "looks"]) => "observe",
        () if begins(&["removes", "gathers"]) => "end",
        // What is done to a container by a step is called as the step is.
        () => "step",
    }
}

/// Moments at equal distances, each marked by its time.
fn scale(whole: u64) -> String {
    let distances = [1, 2, 5].iter().cycle().zip(0_u32..24);
    let mut distances = distances.map(|(digit, at)| digit * 10_u64.pow(at / 3));
    let distance = distances
        .find(|one| whole / one <= MARKS)
        .unwrap_or(whole.max(1));
    let marks: String = (1..=whole / distance)
        .map(|number| {
            let at = number * distance;
            let x = percent(at, whole);
            format!("<line x1=\"{x}%\" x2=\"{x}%\" y1=\"0\" y2=\"100%\"/><text x=\"{x}%\" y=\"12\">{}</text>", millis(at))
        })
        .collect();
    format!(
        "<div class=\"lane scale\"><div class=\"label\">{}</div><svg aria-hidden=\"true\">{marks}</svg></div>\n",
        millis(whole)
    )
}

/// The same for those who do not see bars.
fn table(courses: &[&Course]) -> String {
    let mut all: Vec<(String, &Stretch)> = Vec::new();
    for (of, stretch) in courses.iter().flat_map(|course| course.all()) {
        let of = match of {
            Whose::Run => "the run".to_owned(),
            Whose::Image(name) => format!("image {name}"),
            Whose::Cases([]) => "no case".to_owned(),
            Whose::Cases([first]) => first.name.clone(),
            Whose::Cases([first, rest @ ..]) => {
                format!("{} and {}", first.name, count(rest.len(), "other"))
            }
            Whose::Container(group, name) => format!("container {name} of {}", whose(group)),
        };
        all.push((of, stretch));
    }
    all.sort_by_key(|(_, stretch)| std::cmp::Reverse(stretch.took()));
    let more = match all.len().saturating_sub(ROWS) {
        0 => String::new(),
        more => format!("<p class=\"more\">{more} shorter ones are in report.json.</p>\n"),
    };
    let row = |(of, stretch): &(String, &Stretch)| {
        format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            text(&stretch.what),
            text(of),
            millis(stretch.took()),
            millis(stretch.begin)
        )
    };
    let rows: String = all.iter().take(ROWS).map(row).collect();
    format!(
        "<details class=\"table\"><summary>As a table, the slowest first</summary>\n<div class=\"wide\"><table>\n\
         <thead><tr><th scope=\"col\">What</th><th scope=\"col\">Of</th><th scope=\"col\">It took</th><th scope=\"col\">It began at</th></tr></thead>\n\
         <tbody>\n{rows}</tbody></table></div>\n{more}</details>\n"
    )
}
