//! All words of the language in one line each.

use super::index::{Group, Key, is_word};
use super::page::{heading, lines, sentence};
use crate::text::schema::tidy;
use crate::{action, claim};

/// Claims, steps and settings, in groups.
pub fn overview(groups: &[Group<'_>]) -> String {
    let mut text = format!("{}\n", heading("Claims, under `expect`"));
    text.push_str(&pages(claim::NAMES, claim::page));
    text.push_str(&format!("\n{}\n", heading("Steps, under `steps`")));
    text.push_str(&pages(action::NAMES, action::page));
    let mut told: Vec<(&str, &str)> = Vec::new();
    for group in groups.iter().filter(|group| is_main(group)) {
        // A case's `run` has the keys of the suite's: they are told once.
        let keys = || group.keys.iter().map(|k| (k.name, k.about()));
        if keys().all(|key| told.contains(&key)) {
            continue;
        }
        told.extend(keys());
        let place = group.places.first().map_or(&[][..], Vec::as_slice);
        let title = format!("Settings {}", group.shown(place));
        text.push_str(&format!("\n{}\n{}", heading(&title), briefs(group)));
    }
    text + "\n`seaworthy explain WORD` says more, such as `seaworthy explain run.tmpfs`;\n\
            `seaworthy explain matchers` how expected values are written;\n\
            `seaworthy explain lint` shows the rules for Dockerfiles.\n"
}

fn pages(names: &[&str], page: fn(&str) -> Option<&'static str>) -> String {
    let row = |name: &&str| {
        let paragraph = page(name).and_then(|page| {
            let mut parts = page.split("\n\n");
            parts.find(|part| !part.trim_start().starts_with('#'))
        });
        let about = tidy(paragraph.unwrap_or(""));
        ((*name).to_owned(), sentence(&about).to_owned())
    };
    lines(&names.iter().map(row).collect::<Vec<_>>())
}

/// The keys of a group in one line each.
pub fn briefs(group: &Group<'_>) -> String {
    let row = |key: &Key<'_>| (key.name.to_owned(), sentence(key.about()).to_owned());
    lines(&group.keys.iter().map(row).collect::<Vec<_>>())
}

/// Groups of a suite itself, not of a claim's fields.
fn is_main(group: &Group<'_>) -> bool {
    let place = group.places.first().map_or(&[][..], Vec::as_slice);
    let first = place.first().map_or("", String::as_str);
    let in_claim = is_word(first) && !matches!(group.name, Some("ImageFields" | "Build"));
    !group.keys.is_empty() && !in_claim && place.len() < 3
}
