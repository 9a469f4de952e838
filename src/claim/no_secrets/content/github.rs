//! Tokens of GitHub.

use super::{Place, Rule, is_word};

pub(in super::super) const RULE: Rule = Rule {
    what: "a token of GitHub",
    words: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
    at,
    of_settings: false,
};

fn at(place: &Place<'_>) -> Option<String> {
    match place.word {
        "github_pat_" => place.token(82, 82, |c| is_word(c) || c == '_'),
        _ => place.token(36, 76, is_word),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn tokens_are_known_and_examples_are_none() {
        let body = "q8Zr2LmW0vTn5KdJaB3cD4eF6gH7iJ9kL1mN";
        assert_eq!(
            found(&format!("TOKEN=ghp_{body}\n")),
            [format!("a token of GitHub: ghp_{body}")]
        );
        let counted = "0123456789abcdefghij0123456789abcdefghij";
        assert_eq!(
            found(&format!("TOKEN=ghp_{counted}\n")),
            [format!("a token of GitHub: ghp_{counted}")]
        );
        let long = format!("github_pat_{}_{body}{}", &body[..22], &body[..23]);
        assert_eq!(found(&long).len(), 1);
        for text in [
            format!("ghp_{}", "x".repeat(36)),
            format!("ghp_{}", &body[..30]),
            format!("weighp_{body}"),
            "ghp_<token>".to_owned(),
        ] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }
}
