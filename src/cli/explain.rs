//! `seaworthy explain`: the page of a claim, a step or a rule, what a setting is, or all words at once.
//!
//! The words come from the lists of claims and actions and from the JSON Schema, so that there is
//! no second list of them.

pub mod index;
pub mod kind;
pub mod overview;
pub mod page;
pub mod rules;

use serde_json::Value as Json;

use self::index::{Group, Key, groups};
use self::kind::Definitions;
use self::page::{heading, lines, render, table, wrap};
use super::exit::Exit;
use super::out::Out;
use crate::suite::page::{PAGES, Page, VALUES};
use crate::text::near::nearest;
use crate::{action, claim, suite};

/// A map of more keys than this is shown in one line a key.
const DETAILED: usize = 14;

/// What to explain.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A claim, a step, a setting or a rule, such as `whoami`, `recreate`, `run.environment` or
    /// `lint/unpinned-base`; `lint` for all rules.
    pub word: Option<String>,
}

/// Explains a word, or all of them.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    let schema = suite::schema::schema();
    let language = Language {
        definitions: Definitions(&schema["definitions"]),
        groups: groups(&schema),
    };
    let Some(word) = args.word.as_deref() else {
        out.say(overview::overview(&language.groups).trim_end());
        return Exit::Held;
    };
    if let Some(text) = language.word(word) {
        out.say(text.trim_end());
        Exit::Held
    } else {
        let (message, help) = language.stranger(word);
        out.error(&message, &[help]);
        Exit::Wrong
    }
}

struct Language<'a> {
    definitions: Definitions<'a>,
    groups: Vec<Group<'a>>,
}

/// A setting and the places where it stands.
struct Setting<'a> {
    key: Key<'a>,
    kind: String,
    places: Vec<String>,
}

impl<'a> Language<'a> {
    /// Everything there is to say of a word.
    fn word(&self, word: &str) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        let claim = claim::page(word).map(|page| ("Item", page));
        let action = action::page(word).map(|page| ("Step", page));
        for (items, page) in claim.into_iter().chain(action) {
            parts.push(self.page(word, items, page));
        }
        let settings = self.settings(word);
        let pages = PAGES.iter().filter(|page| is_about(page, word, &settings));
        parts.extend(pages.map(|page| render(page.text)));
        parts.extend(settings.iter().map(|setting| self.setting(setting)));
        parts.extend(rules::page(word));
        (!parts.is_empty()).then(|| parts.join("\n"))
    }

    /// A claim's or an action's page, and the table of its keys.
    fn page(&self, word: &str, items: &str, page: &str) -> String {
        let mut text = render(page);
        let item = self.definitions.0.get(items);
        let schema = item.and_then(|item| self.definitions.keys(item)?["properties"].get(word));
        let Some(schema) = schema else { return text };
        let kind = self.definitions.kind(schema);
        text.push_str(&format!("\n{}\n", heading("Takes")));
        text.push_str(&wrap(&kind, 2));
        text.push_str(&self.keys(schema));
        text
    }

    /// The keys of the map that a key takes.
    fn keys(&self, schema: &'a Json) -> String {
        let first = self
            .definitions
            .keys(schema)
            .and_then(|map| map["properties"].as_object()?.values().next());
        let group = first.and_then(|first| {
            let of = |group: &&Group<'_>| group.holds(first) && !group.is_item();
            self.groups.iter().find(of)
        });
        match group {
            Some(group) if group.keys.len() > DETAILED => {
                format!("\n{}", overview::briefs(group))
            }
            Some(group) => format!("\n{}", table(&group.keys, self.definitions)),
            None => String::new(),
        }
    }

    /// The settings of that name, or at that path; equal ones together.
    fn settings(&self, word: &str) -> Vec<Setting<'a>> {
        let wanted: Vec<&str> = word.split('.').collect();
        let mut found: Vec<Setting<'a>> = Vec::new();
        let Some((name, front)) = wanted.split_last() else {
            return found;
        };
        for group in &self.groups {
            let places = group
                .places
                .iter()
                .filter(|place| ends_with(place, front))
                .map(|place| group.shown(place));
            let places: Vec<String> = places.collect();
            let keys = group.keys.iter().filter(|key| key.name == *name);
            for key in keys.filter(|_| !places.is_empty()) {
                let kind = self.definitions.kind(key.schema);
                let kind = kind.trim_start_matches("null, or ").to_owned();
                let same = |s: &&mut Setting<'_>| s.key.about() == key.about() && s.kind == kind;
                match found.iter_mut().find(same) {
                    Some(known) => known.places.extend(places.clone()),
                    None => found.push(Setting {
                        key: *key,
                        kind,
                        places: places.clone(),
                    }),
                }
            }
        }
        found
    }

    fn setting(&self, setting: &Setting<'a>) -> String {
        let key = setting.key;
        let mut text = format!("{}  {}\n", heading(key.name), setting.kind);
        text.push_str(&wrap(key.about(), 2));
        if key.required {
            text.push_str("  It must be there.\n");
        }
        let mut places = setting.places.clone();
        places.sort_by_key(String::len);
        places.dedup();
        places.truncate(6);
        text.push_str(&wrap(&format!("Stands {}.", places.join(", ")), 2));
        let values = self.values(key.schema);
        if !values.is_empty() {
            text.push_str(&format!("\n{values}"));
        }
        text + &self.keys(key.schema)
    }

    /// The words that a key takes, where they are explained.
    fn values(&self, schema: &'a Json) -> String {
        let schema = self.definitions.resolve(schema);
        let all = schema["anyOf"]
            .as_array()
            .map_or(std::slice::from_ref(schema), Vec::as_slice);
        let mut rows = Vec::new();
        for one in all {
            let words = one["enum"].as_array().into_iter().flatten();
            let about = one["enumDescriptions"].as_array().into_iter().flatten();
            let text = |json: &Json| json.as_str().unwrap_or("").to_owned();
            rows.extend(words.map(text).zip(about.map(text)));
        }
        lines(&rows)
    }

    /// What to say of a word that is not of the language.
    fn stranger(&self, word: &str) -> (String, String) {
        if let Some(help) = rules::stranger(word) {
            return (format!("`{word}` is not a rule"), help);
        }
        let last = word.rsplit('.').next().unwrap_or(word);
        let mut known: Vec<&str> = [claim::NAMES, action::NAMES].concat();
        known.extend(crate::lint::RULES.iter().map(|rule| rule.id));
        known.extend(PAGES.iter().map(|page| page.name));
        known.extend(self.groups.iter().flat_map(|g| &g.keys).map(|k| k.name));
        let message = format!("`{word}` is not a word of the language");
        let help = if last != word && known.contains(&last) {
            format!("`seaworthy explain {last}` says where `{last}` stands")
        } else if let Some(near) = nearest(last, known) {
            format!("did you mean `{near}`?")
        } else {
            "`seaworthy explain` shows all words".to_owned()
        };
        (message, help)
    }
}

/// Whether a page is about the setting of that name, or one of those at that path.
fn is_about(page: &Page, word: &str, settings: &[Setting<'_>]) -> bool {
    let home = page.of.map_or_else(
        || "at the top of a suite".to_owned(),
        |of| format!("in `{of}`"),
    );
    let stands = || settings.iter().any(|of| of.places.contains(&home));
    let named = word.rsplit('.').next() == Some(page.name);
    named && (page.of == Some(VALUES) || stands())
}

/// Whether the path ends with these names; a part that the author names is passed over.
fn ends_with(place: &[String], front: &[&str]) -> bool {
    let place = place.iter().map(String::as_str);
    place
        .filter(|part| *part != "NAME")
        .collect::<Vec<_>>()
        .ends_with(front)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language<T>(look: impl FnOnce(&Language<'_>) -> T) -> T {
        let schema = suite::schema::schema();
        look(&Language {
            definitions: Definitions(&schema["definitions"]),
            groups: groups(&schema),
        })
    }

    fn explained(word: &str) -> Option<String> {
        let text = language(|language| language.word(word))?;
        Some(anstream::adapter::strip_str(&text).to_string())
    }

    #[test]
    fn every_claim_and_step_has_its_page_with_its_keys() {
        for word in [claim::NAMES, action::NAMES].concat() {
            let text = explained(word).unwrap();
            assert!(text.starts_with(&format!("{word}\n")), "{text}");
            assert!(text.contains("\nTakes\n"), "{word}");
        }
        assert!(
            explained("whoami")
                .unwrap()
                .contains("processes  main | all")
        );
    }

    #[test]
    fn every_key_of_the_schema_is_explained() {
        language(|language| {
            for key in language.groups.iter().flat_map(|group| &group.keys) {
                let text = language.word(key.name).unwrap_or_default();
                assert!(text.contains("Stands "), "{}: {text}", key.name);
            }
        });
    }

    #[test]
    fn rules_of_lint_have_their_pages_and_are_listed() {
        let all = explained("lint").unwrap();
        for rule in crate::lint::RULES {
            let page = explained(&format!("lint/{}", rule.id)).unwrap();
            assert!(page.starts_with(&format!("{}\n", rule.id)), "{page}");
            assert!(
                page.contains("  found:\n") && page.contains("  fine:\n"),
                "{page}"
            );
            assert!(all.contains(&format!("\n  {} ", rule.id)), "{}", rule.id);
        }
        let page = explained("unpinned-base").unwrap();
        assert_eq!(Some(&page), explained("lint/unpinned-base").as_ref());
        assert_eq!(Some(page), explained("DL3006"));
        assert!(explained("lint/nothing").is_none());
        let help = |word: &str| language(|language| language.stranger(word).1);
        assert_eq!(help("lint/unpined-base"), "did you mean `unpinned-base`?");
        assert_eq!(help("unpined-base"), "did you mean `unpinned-base`?");
    }

    #[test]
    fn settings_of_which_there_is_much_to_say_have_a_page() {
        for page in &PAGES {
            let path = [page.of.unwrap_or_default(), page.name].join(".");
            for word in [page.name, path.trim_start_matches('.')] {
                let text = explained(word).unwrap();
                assert!(text.contains("  refused:\n"), "{word}: {text}");
            }
        }
        let text = explained("compose.services").unwrap();
        assert!(!text.contains("  refused:\n"), "{text}");
    }

    #[test]
    fn a_path_narrows_a_word_down() {
        let text = explained("run.environment").unwrap();
        assert!(
            text.contains("in `run`") && !text.contains("compose"),
            "{text}"
        );
        assert!(explained("environment").unwrap().contains("in `compose`"));
        assert!(explained("nowhere.environment").is_none());
    }
}
