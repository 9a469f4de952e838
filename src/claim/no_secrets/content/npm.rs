//! Tokens of npm.

use super::{Place, Rule, is_word};

pub(in super::super) const RULE: Rule = Rule {
    what: "a token of npm",
    words: &["npm_"],
    at,
    of_settings: false,
};

fn at(place: &Place<'_>) -> Option<String> {
    place.token(36, 36, is_word)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn tokens_are_known_and_examples_are_none() {
        let body = "q8Zr2LmW0vTn5KdJaB3cD4eF6gH7iJ9kL1mN";
        for text in [
            format!("npm_{body}"),
            format!("//r/:_authToken=npm_{body}\n"),
        ] {
            assert_eq!(found(&text).len(), 1, "{text}");
        }
        for text in [
            "npm_config_cache=/tmp".to_owned(),
            format!("npm_{}", "0".repeat(36)),
            format!("npm_{body}a"),
        ] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }
}
