//! Keys of Stripe that are not for tests.

use super::{Place, Rule, is_word};

pub(in super::super) const RULE: Rule = Rule {
    what: "a key of Stripe",
    words: &["sk_live_", "rk_live_"],
    at,
    of_settings: false,
};

fn at(place: &Place<'_>) -> Option<String> {
    place.token(24, 250, is_word)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn tokens_are_known_and_examples_are_none() {
        let body = "q8Zr2LmW0vTn5KdJaB3cD4eF6gH7iJ9kL1mN";
        for text in [
            format!("sk_live_{}", &body[..24]),
            format!("KEY=rk_live_{body}"),
        ] {
            assert_eq!(found(&text).len(), 1, "{text}");
        }
        for text in [
            format!("sk_test_{body}"),
            "sk_live_...".to_owned(),
            format!("sk_live_{}", "x".repeat(24)),
        ] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }
}
