//! The cases: those that did not pass unfolded, the others folded by suite.

use super::detail;
use super::markup::{Anchors, escaped, text, words};
use crate::report::named::Named;
use crate::report::style::{count, time};
use crate::run::outcome::{CaseOutcome, Outcome, Verdict};

/// How many cases that did not pass are shown whole.
const WHOLE: usize = 200;
/// How many cases are named.
const NAMED: usize = 5000;
/// How many claims of cases that passed are shown in all.
const CLAIMS: usize = 20_000;

/// The cases with their anchors, in the order of the report.
fn anchored(outcome: &Outcome) -> Vec<(&CaseOutcome, String)> {
    let mut anchors = Anchors::default();
    let cases = outcome.cases.iter();
    cases
        .map(|case| (case, anchors.of(&case.suite, &case.name)))
        .collect()
}

/// The anchors of the cases, for those who lead to them.
pub fn anchors(outcome: &Outcome) -> Vec<String> {
    anchored(outcome)
        .into_iter()
        .map(|(_, anchor)| anchor)
        .collect()
}

/// What did not pass, what failed first.
pub fn open(outcome: &Outcome) -> String {
    let named = Named::of(outcome);
    let mut cases = anchored(outcome);
    cases.retain(|(case, _)| case.is_open());
    if cases.is_empty() {
        return String::new();
    }
    cases.sort_by_key(|(case, _)| match case.verdict {
        Verdict::Failed => 0,
        Verdict::Errored => 1,
        _ => 2,
    });
    let mut all = String::new();
    for (at, (case, anchor)) in cases.iter().take(NAMED).enumerate() {
        let body = match at < WHOLE {
            true if case.is_flaky() => format!(
                "<p>It passed when it was run again{}. This is what came of it before:</p>\n{}",
                case.times().map_or(String::new(), |times| format!(" ({times})")),
                detail::of(&case.as_found())
            ),
            true => {
                let times = case.times().map(|times| format!("<p>It {times}.</p>\n"));
                times.unwrap_or_default() + &detail::of(case)
            }
            false => "<p class=\"more\">What is wrong is in report.json and report.txt: this page shows the first \
                      cases whole.</p>"
                .to_owned(),
        };
        all.push_str(&one((case, &named.suite(case)), anchor, &body, at < WHOLE));
    }
    let more = more(cases.len());
    let title = match outcome.flaky() {
        0 => "Did not pass",
        _ => "Did not pass, or not at once",
    };
    format!(
        "<section id=\"open\" aria-labelledby=\"open-title\">\n<h2 id=\"open-title\">{title}</h2>\n{all}{more}</section>"
    )
}

/// All others, by suite.
pub fn rest(outcome: &Outcome) -> String {
    let named = Named::of(outcome);
    let mut suites: Vec<(String, Vec<(&CaseOutcome, String)>)> = Vec::new();
    let mut left = 0;
    let rest = anchored(outcome)
        .into_iter()
        .filter(|(case, _)| !case.is_open());
    for (at, (case, anchor)) in rest.enumerate() {
        if at >= NAMED {
            left += 1;
            continue;
        }
        let suite = named.suite(case);
        match suites.iter_mut().find(|(name, _)| *name == suite) {
            Some((_, cases)) => cases.push((case, anchor)),
            None => suites.push((suite, vec![(case, anchor)])),
        }
    }
    let mut claims = CLAIMS;
    let mut all = String::new();
    for (name, cases) in suites {
        let of = |verdict: Verdict| {
            let number = cases.iter().filter(|(c, _)| c.verdict == verdict).count();
            (number > 0).then(|| format!("{number} {}", verdict.word()))
        };
        let counts = [Verdict::Passed, Verdict::Skipped].map(of);
        let counts = counts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let mut inner = String::new();
        for (case, anchor) in &cases {
            let shown = case.claims.len() <= claims;
            claims -= if shown { case.claims.len() } else { 0 };
            let body = detail::of_good(case, shown);
            inner.push_str(&one((case, &name), anchor, &body, false));
        }
        all.push_str(&format!(
            "<details class=\"suite\"><summary><h3>{}</h3> <span class=\"counts\">{counts}</span></summary>\n{inner}</details>\n",
            text(&name)
        ));
    }
    let has_open = outcome.cases.iter().any(CaseOutcome::is_open);
    let title = if has_open { "The other cases" } else { "Cases" };
    let none = match (all.is_empty(), has_open) {
        (false, _) => "",
        (true, true) => "<p>There are none.</p>",
        (true, false) => "<p>No case was judged.</p>",
    };
    format!(
        "<section id=\"cases\" aria-labelledby=\"cases-title\">\n<h2 id=\"cases-title\">{title}</h2>\n{none}{all}{}</section>",
        more(left + if left > 0 { NAMED } else { 0 })
    )
}

fn more(all: usize) -> String {
    match all.saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(
            "<p class=\"more\">{} more: report.json has all of them.</p>\n",
            count(more, "case")
        ),
    }
}

/// A case, with the name by which its suite is told from others.
fn one((case, suite): (&CaseOutcome, &str), anchor: &str, body: &str, is_unfolded: bool) -> String {
    let verdict = case.word();
    let symbol = match case.verdict {
        _ if case.is_flaky() => "~",
        Verdict::Passed => "✓",
        Verdict::Failed => "✗",
        Verdict::Errored => "!",
        Verdict::Skipped => "–",
    };
    let took = match case.verdict {
        Verdict::Skipped => String::new(),
        _ => format!("<span class=\"took\">{}</span>", time(case.took)),
    };
    let open = if is_unfolded { " open" } else { "" };
    let of = match case.is_open() {
        true => format!("<span class=\"of\">{}</span> ", text(suite)),
        false => String::new(),
    };
    let requirements = words(case.verifies.iter().map(String::as_str));
    let tags = words(case.tags.iter().map(String::as_str));
    format!(
        "<details class=\"case {verdict}\" id=\"{}\" data-verdict=\"{verdict}\" data-requirements=\"{requirements}\" data-tags=\"{tags}\" data-suite=\"{}\"{open}>\n\
         <summary><span class=\"verdict\"><span aria-hidden=\"true\">{symbol}</span> {verdict}</span> {of}<span class=\"name\">{}</span> {took}</summary>\n\
         <div class=\"body\">\n{}{body}</div>\n</details>\n",
        escaped(anchor),
        text(suite),
        text(&case.name),
        detail::about(case, anchor),
    )
}

/// A choice among the tags of the cases, where they have any.
pub fn tags(outcome: &Outcome) -> String {
    let mut tags: Vec<&str> = Vec::new();
    for tag in outcome.cases.iter().flat_map(|case| &case.tags) {
        if !tags.contains(&tag.as_str()) {
            tags.push(tag);
        }
    }
    tags.sort_unstable();
    choice("tag", "Tag", tags.into_iter().map(|tag| (tag, "")))
}

/// A choice among values, each with what is said behind it; nothing where there are none.
pub fn choice<'a>(
    id: &str,
    label: &str,
    values: impl Iterator<Item = (&'a str, &'a str)>,
) -> String {
    let options: Vec<String> = values
        .map(|(value, said)| {
            let whole = text(said);
            let said = match said.chars().take(60).collect::<String>().as_str() {
                "" => String::new(),
                said => format!(": {}", text(said)),
            };
            let value = text(value);
            format!("<option value=\"{value}\" data-says=\"{whole}\">{value}{said}</option>")
        })
        .collect();
    if options.is_empty() {
        return String::new();
    }
    format!(
        "<label>{label} <select id=\"{id}\"><option value=\"\">any</option>{}</select></label>\n",
        options.concat()
    )
}
