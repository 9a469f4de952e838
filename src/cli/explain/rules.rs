//! The rules of `seaworthy lint`.

use super::page::{heading, lines, render, sentence};
use crate::lint::{RULES, called, rule};
use crate::text::schema::tidy;

/// What stands in front of a rule's name where it may be mistaken for another word.
const FRONT: &str = "lint/";

/// All rules in one line each.
pub fn overview() -> String {
    let row = |rule: &crate::lint::Rule| {
        let about = tidy(rule.about());
        let level = rule.level.word();
        (
            rule.id.to_owned(),
            format!("{level:7}  {}", sentence(&about)),
        )
    };
    let title = heading("Rules for Dockerfiles, which `seaworthy lint` asks");
    let rows: Vec<_> = RULES.iter().map(row).collect();
    format!(
        "{title}\n{}\n`seaworthy explain RULE` says more.\n",
        lines(&rows)
    )
}

/// The page of a rule, or those of the rules that others call so.
pub fn page(word: &str) -> Option<String> {
    if word == "lint" || word == FRONT {
        return Some(overview());
    }
    let name = word.strip_prefix(FRONT).unwrap_or(word);
    let found = rule(name).map_or_else(|| called(name), |rule| vec![rule]);
    let pages: Vec<String> = found.iter().map(|rule| render(rule.page)).collect();
    (!pages.is_empty()).then(|| pages.join("\n"))
}

/// What to do about a word that stands behind `lint/` and is no rule.
pub fn stranger(word: &str) -> Option<String> {
    word.strip_prefix(FRONT).map(crate::lint::instead_of)
}
