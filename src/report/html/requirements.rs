//! The requirements with what came of each, and the cases that verify it.

use std::collections::HashMap;

use super::cases;
use super::markup::{escaped, text};
use crate::report::named::Named;
use crate::report::style::count;
use crate::run::outcome::{CaseOutcome, Outcome};
use crate::run::standing::{Row, Standing, rows};

/// How many cases of a requirement are named.
const CASES: usize = 40;
/// How many of them are not folded.
const FIRST: usize = 5;
/// How many requirements are shown.
const MOST: usize = 1000;

/// The section; nothing where nothing is required.
pub fn of(outcome: &Outcome) -> String {
    let (rows, named) = (rows(outcome), Named::of(outcome));
    if rows.is_empty() {
        return String::new();
    }
    let anchors: HashMap<*const CaseOutcome, String> = outcome
        .cases
        .iter()
        .map(std::ptr::from_ref)
        .zip(cases::anchors(outcome))
        .collect();
    let verified = rows.iter().filter(|row| row.standing == Standing::Verified);
    let mut all = format!("{} of {} verified", verified.count(), rows.len());
    for standing in Standing::OTHERS {
        let number = rows.iter().filter(|row| row.standing == standing).count();
        if number > 0 {
            all.push_str(&format!(", {number} {}", standing.word()));
        }
    }
    let shown: String = rows
        .iter()
        .take(MOST)
        .map(|one| row(one, &named, &anchors))
        .collect();
    let more = match rows.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(
            "<p class=\"more\">{} more: acceptance.md has all of them.</p>\n",
            count(more, "requirement")
        ),
    };
    format!(
        "<section id=\"requirements\" aria-labelledby=\"requirements-title\">\n<h2 id=\"requirements-title\">Requirements</h2>\n\
         <p>{all}</p>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Id</th><th scope=\"col\">It says</th><th scope=\"col\">Standing</th><th scope=\"col\">Cases</th></tr></thead>\n\
         <tbody>\n{shown}</tbody></table></div>\n{more}</section>"
    )
}

fn row(row: &Row, named: &Named<'_>, anchors: &HashMap<*const CaseOutcome, String>) -> String {
    let case = |case: &&CaseOutcome| {
        let anchor = anchors.get(&std::ptr::from_ref(*case));
        let anchor = anchor.map(String::as_str).unwrap_or_default();
        let verdict = case.word();
        format!(
            "<li class=\"{verdict}\"><a href=\"#{}\">{}</a> <span class=\"verdict\">{verdict}</span></li>",
            escaped(anchor),
            text(&case.name)
        )
    };
    let mut cases: Vec<String> = row.cases.iter().take(CASES).map(case).collect();
    let left = row.left_out.iter().take(CASES);
    cases.extend(left.map(|one| {
        format!(
            "<li>{} <span class=\"verdict\">not run</span></li>",
            text(&one.name)
        )
    }));
    let more = (row.cases.len() + row.left_out.len()).saturating_sub(cases.len());
    if more > 0 {
        cases.push(format!("<li>and {more} that acceptance.json has</li>"));
    }
    let rest = cases.split_off(cases.len().min(FIRST));
    if !rest.is_empty() {
        cases.push(format!(
            "<li><details><summary>{} more</summary><ul>{}</ul></details></li>",
            rest.len(),
            rest.concat()
        ));
    }
    let standing = row.standing.word();
    let class = match row.standing {
        Standing::Verified => "passed",
        Standing::Failed => "failed",
        Standing::Errored | Standing::Flaky => "errored",
        _ => "skipped",
    };
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"{class}\"><span class=\"verdict\">{standing}</span></td><td><ul>{}</ul></td></tr>\n",
        text(&named.requirement(row.requirement)),
        text(&row.requirement.says),
        cases.concat()
    )
}

/// A choice among the requirements, where there are any.
pub fn options(outcome: &Outcome) -> String {
    let mut ids: Vec<(&str, &str)> = Vec::new();
    for one in &outcome.requirements {
        if !ids.iter().any(|(id, _)| *id == one.id) {
            ids.push((&one.id, &one.says));
        }
    }
    cases::choice("requirement", "Requirement", ids.into_iter())
}
