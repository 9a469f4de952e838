//! Secrets that are known by how they look, wherever they stand. One file a kind.

mod aws;
mod azure;
mod database;
mod github;
mod gitlab;
mod google;
mod npm;
mod private_key;
mod pypi;
mod slack;
mod stripe;
mod web_token;

/// What a kind of secret looks like.
#[derive(Debug)]
pub(super) struct Rule {
    /// What it is, as a message says it.
    pub what: &'static str,
    /// Words of which each such secret has one.
    pub words: &'static [&'static str],
    /// The secret at a word, if it is one there.
    pub at: fn(&Place<'_>) -> Option<String>,
    /// Whether it is one only in settings: elsewhere such texts are examples.
    pub of_settings: bool,
}

/// All kinds.
pub(super) const RULES: [&Rule; 14] = [
    &private_key::PEM,
    &private_key::PUTTY,
    &aws::ID,
    &aws::SECRET,
    &azure::RULE,
    &database::RULE,
    &github::RULE,
    &gitlab::RULE,
    &google::RULE,
    &npm::RULE,
    &pypi::RULE,
    &slack::RULE,
    &stripe::RULE,
    &web_token::RULE,
];

/// A word in a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// What stands before it.
    pub before: &'a str,
    /// The word.
    pub word: &'a str,
    /// What stands behind it.
    pub after: &'a str,
}

impl Place<'_> {
    /// Whether a name or number goes on right before the word.
    pub fn is_inside(&self) -> bool {
        self.before
            .chars()
            .next_back()
            .is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    }

    /// The word with so many characters of a kind behind it, and none more, that are mixed.
    pub fn token(&self, least: usize, most: usize, of: fn(char) -> bool) -> Option<String> {
        let run = run(self.after, of);
        let fits = (least..=most).contains(&run.len()) && !self.is_inside();
        (fits && is_mixed(run)).then(|| format!("{}{run}", self.word))
    }
}

/// The characters of a kind that a text begins with.
pub(super) fn run(text: &str, of: fn(char) -> bool) -> &str {
    let end = text.find(|c| !of(c)).unwrap_or(text.len());
    &text[..end]
}

/// Whether it looks drawn by chance: examples repeat themselves, count, or say what they are.
pub(super) fn is_random(text: &str) -> bool {
    is_mixed(text) && !counts(text)
}

/// Whether it neither repeats itself nor says that it is an example. Behind a word that only tokens begin with
/// that is enough: one that counts was made up, but nobody can tell that it is not in use.
pub(super) fn is_mixed(text: &str) -> bool {
    let mut kinds: Vec<char> = text.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    let lower = text.to_ascii_lowercase();
    let says = ["example", "xxxx"];
    kinds.len() >= 8.min(text.len() / 2 + 1) && !says.iter().any(|word| lower.contains(word))
}

/// Whether it counts, as tokens do that are shown in documents.
pub(super) fn counts(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["1234567890", "abcdefgh"]
        .iter()
        .any(|word| lower.contains(word))
}

pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

pub(super) fn is_url_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

pub(super) fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/')
}

/// Every secret in a text by these rules: its kind, and the secret itself.
pub(super) fn in_text(text: &str) -> Vec<(&'static Rule, usize, String)> {
    let mut found = Vec::new();
    for rule in RULES {
        for word in rule.words {
            for (at, _) in text.match_indices(word) {
                let place = Place {
                    before: &text[..at],
                    word,
                    after: &text[at + word.len()..],
                };
                found.extend((rule.at)(&place).map(|secret| (rule, at, secret)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a text, as `what: secret`.
    pub(super) fn found(text: &str) -> Vec<String> {
        let found = in_text(text).into_iter();
        found
            .map(|(rule, _, secret)| format!("{}: {secret}", rule.what))
            .collect()
    }

    #[test]
    fn every_word_is_long_enough_to_search_fast() {
        for word in RULES.iter().flat_map(|rule| rule.words) {
            assert!(word.len() >= 4, "{word}");
        }
    }

    #[test]
    fn what_repeats_itself_is_an_example() {
        for text in [
            "xxxxxxxxxxxxxxxxxxxx",
            "00000000000000000000",
            "EXAMPLEKEY234567",
        ] {
            assert!(!is_random(text), "{text}");
        }
        assert!(is_random("q8Zr2LmW0vTn5KdJ"));
    }
}
