//! Secrets of Google Cloud beside the private keys of service accounts.

use super::{Place, Rule, is_url_word};

pub(in super::super) const RULE: Rule = Rule {
    what: "a client secret of Google",
    words: &["GOCSPX-"],
    at,
    of_settings: false,
};

fn at(place: &Place<'_>) -> Option<String> {
    place.token(28, 28, is_url_word)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn tokens_are_known_and_examples_are_none() {
        let body = "q8Zr2LmW0vTn5KdJaB3cD4eF6gH7iJ9kL1mN";
        let text = format!("\"client_secret\": \"GOCSPX-{}\"", &body[..28]);
        assert_eq!(found(&text).len(), 1);
        for text in ["GOCSPX-...".to_owned(), format!("GOCSPX-{body}")] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }
}
