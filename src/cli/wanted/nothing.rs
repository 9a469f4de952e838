//! What to say when no case is wanted.

use std::collections::BTreeSet;

use crate::cli::find::Lost;
use crate::plan::Selection;
use crate::suite::Suite;
use crate::text::near::nearest;

/// How many names are shown.
const SHOWN: usize = 5;

/// Why nothing is left to run, and what there is.
pub fn nothing(suites: &[Suite], selection: &Selection) -> Lost {
    let names: Vec<String> = suites
        .iter()
        .flat_map(|s| {
            s.cases
                .iter()
                .map(|c| format!("{}::{}", s.name, c.name.value))
        })
        .collect();
    let tags: BTreeSet<&str> = suites
        .iter()
        .flat_map(|s| &s.cases)
        .flat_map(|c| c.tags.iter().map(String::as_str))
        .collect();
    explain(&names, &tags, selection)
}

fn explain(names: &[String], tags: &BTreeSet<&str>, selection: &Selection) -> Lost {
    if names.is_empty() {
        let message = "the suites have no cases".to_owned();
        return Lost {
            message,
            help: Vec::new(),
        };
    }
    let quoted = |words: &[String]| -> String {
        let words: Vec<String> = words.iter().map(|w| format!("`{w}`")).collect();
        words.join(" or ")
    };
    let mut wanted = Vec::new();
    let mut help = Vec::new();
    if !selection.filter.is_empty() {
        wanted.push(format!("{} in its name", quoted(&selection.filter)));
        let near = near(names, &selection.filter);
        if !near.is_empty() {
            let near: Vec<String> = near.into_iter().map(|name| format!("`{name}`")).collect();
            help.push(format!("cases of a name like that: {}", near.join(", ")));
        }
    }
    if !selection.tags.is_empty() {
        wanted.push(format!("the tag {}", quoted(&selection.tags)));
        let tags: Vec<&str> = tags.iter().copied().take(20).collect();
        help.push(match tags.as_slice() {
            [] => "no case has a tag".to_owned(),
            tags => format!("tags that cases have: {}", tags.join(", ")),
        });
    }
    help.push("`seaworthy list` shows all cases and their tags".to_owned());
    Lost {
        message: format!("none of {} cases has {}", names.len(), wanted.join(" and ")),
        help,
    }
}

/// The names that share the most with the wanted texts, if any share something.
fn near<'a>(names: &'a [String], wanted: &[String]) -> Vec<&'a str> {
    let words = |text: &str| -> Vec<String> {
        let lower = text.to_lowercase();
        let parts = lower.split(|c: char| !c.is_alphanumeric());
        parts.filter(|p| !p.is_empty()).map(str::to_owned).collect()
    };
    let wanted: Vec<String> = wanted.iter().flat_map(|text| words(text)).collect();
    let score = |name: &str| -> usize {
        let lower = name.to_lowercase();
        let known = words(name);
        let like = |word: &String| -> usize {
            match () {
                () if lower.contains(word.as_str()) => 2,
                () => usize::from(nearest(word, known.iter().map(String::as_str)).is_some()),
            }
        };
        wanted.iter().map(like).sum()
    };
    let mut scored: Vec<(usize, &str)> = names.iter().map(|n| (score(n), n.as_str())).collect();
    // Stable: names that share as much stay in the order of the suites.
    scored.sort_by_key(|(score, _)| usize::MAX - score);
    let best = scored.first().map_or(0, |(score, _)| *score);
    let near = scored
        .into_iter()
        .filter(|(score, _)| *score > 0 && score * 2 > best);
    near.take(SHOWN).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_tags_that_exist_are_told() {
        let names = [
            "aisopod::runs as its own user".to_owned(),
            "aisopod::answers on its port".to_owned(),
            "shop::serves files".to_owned(),
        ];
        let tags = BTreeSet::from(["fast", "slow"]);
        let asked = |filter: &[&str], wanted: &[&str]| {
            let owned = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
            let selection = Selection {
                filter: owned(filter),
                tags: owned(wanted),
                image: None,
                cases: None,
            };
            let lost = explain(&names, &tags, &selection);
            format!("{}; {}", lost.message, lost.help.join("; "))
        };
        assert_eq!(
            asked(&["Own usr"], &[]),
            "none of 3 cases has `Own usr` in its name; cases of a name like that: \
             `aisopod::runs as its own user`; `seaworthy list` shows all cases and their tags"
        );
        assert_eq!(
            asked(&["zzzzz"], &["slo", "x"]),
            "none of 3 cases has `zzzzz` in its name and the tag `slo` or `x`; \
             tags that cases have: fast, slow; `seaworthy list` shows all cases and their tags"
        );
    }
}
