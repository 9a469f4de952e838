//! Signed JSON web tokens.

use super::{Place, Rule, is_random, is_url_word, run};

pub(in super::super) const RULE: Rule = Rule {
    what: "a signed token",
    words: &[
        "eyJhbGciOi",
        "eyJ0eXAiOi",
        "eyJraWQiOi",
        "eyJ4NXQiOi",
        "eyJqa3UiOi",
        "eyJjdHkiOi",
    ],
    at,
    of_settings: true,
};

/// The shortest of its three parts.
const LEAST: usize = 16;

/// What stands behind a word in a file is told up to here: of a long token the end is not seen.
const SEEN: usize = 200;

fn at(place: &Place<'_>) -> Option<String> {
    let whole = run(place.after, |c| is_url_word(c) || c == '.');
    let (_, rest) = whole.split_once('.')?;
    let (claims, signature) = rest.split_once('.').unwrap_or((rest, ""));
    let cut = whole.len() == place.after.len() && whole.len() >= SEEN;
    let signed = signature.len() >= LEAST && is_random(signature);
    let is =
        claims.starts_with("eyJ") && claims.len() >= LEAST && (signed || cut) && !place.is_inside();
    is.then(|| format!("{}{whole}", place.word))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    const BODY: &str = "q8Zr2LmW0vTn5KdJaB3cD4eF";

    #[test]
    fn tokens_are_known_wherever_they_stand() {
        let token = format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{BODY}");
        for text in [
            token.clone(),
            format!("curl -H 'Authorization: Bearer {token}' http://h"),
        ] {
            assert_eq!(found(&text), [format!("a signed token: {token}")]);
        }
        let long = format!("eyJ0eXAiOiJKV1QifQ.eyJzdWIi{}", BODY.repeat(9));
        assert_eq!(found(&long).len(), 1);
    }

    #[test]
    fn what_is_not_signed_is_none() {
        for text in [
            "eyJhbGciOiJIUzI1NiJ9".to_owned(),
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0.".to_owned(),
            format!("eyJhbGciOiJIUzI1NiJ9.{BODY}.{BODY}"),
            format!(
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{}",
                "x".repeat(30)
            ),
        ] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }
}
