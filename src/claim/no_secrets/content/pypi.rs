//! Tokens of the Python Package Index.

use super::{Place, Rule, is_url_word};

pub(in super::super) const RULE: Rule = Rule {
    what: "a token of PyPI",
    words: &["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"],
    at,
    of_settings: false,
};

fn at(place: &Place<'_>) -> Option<String> {
    place.token(50, 300, is_url_word)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn tokens_are_known_and_examples_are_none() {
        let body = "q8Zr2LmW0vTn5KdJaB3cD4eF6gH7iJ9kL1mN";
        let text = format!("password = pypi-AgEIcHlwaS5vcmc{body}{body}");
        assert_eq!(found(&text).len(), 1);
        for text in [
            "pypi-AgEIcHlwaS5vcmc".to_owned(),
            "pypi-AgEIcHlwaS5vcmcxxxx".to_owned(),
        ] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }
}
