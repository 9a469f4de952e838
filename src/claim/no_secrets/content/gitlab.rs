//! Tokens of GitLab.

use super::{Place, Rule, is_url_word};

pub(in super::super) const RULE: Rule = Rule {
    what: "a token of GitLab",
    words: &["glpat-"],
    at,
    of_settings: false,
};

fn at(place: &Place<'_>) -> Option<String> {
    place.token(20, 300, is_url_word)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn tokens_are_known_and_examples_are_none() {
        let body = "q8Zr2LmW0vTn5KdJaB3cD4eF6gH7iJ9kL1mN";
        for text in [
            format!("glpat-{}", &body[..20]),
            format!("a: \"glpat-{body}\""),
        ] {
            assert_eq!(found(&text).len(), 1, "{text}");
        }
        for text in [
            format!("glpat-{}", "x".repeat(20)),
            "glpat-secret".to_owned(),
        ] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }
}
