//! Tokens and incoming web hooks of Slack.

use super::{Place, Rule, is_mixed, is_url_word, is_word, run};

pub(in super::super) const RULE: Rule = Rule {
    what: "a token of Slack",
    words: &[
        "xoxb-",
        "xoxp-",
        "xoxa-",
        "xoxr-",
        "xoxs-",
        "hooks.slack.com/services/",
    ],
    at,
    of_settings: false,
};

fn at(place: &Place<'_>) -> Option<String> {
    if place.word.starts_with("xox") {
        let number = run(place.after, |c| c.is_ascii_digit());
        let counted = number.len() >= 10 && place.after[number.len()..].starts_with('-');
        return place.token(24, 300, is_url_word).filter(|_| counted);
    }
    let path = run(place.after, |c| is_word(c) || c == '/');
    let parts: Vec<&str> = path.split('/').collect();
    let [team @ (_, 8..), hook @ (_, 8..), key @ (_, 24)] = [0, 1, 2].map(|at| {
        let part = parts.get(at).copied().unwrap_or("");
        (part, part.len())
    }) else {
        return None;
    };
    let real = team.0.starts_with('T') && hook.0.starts_with('B') && is_mixed(key.0);
    real.then(|| format!("{}{path}", place.word))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn tokens_are_known_and_examples_are_none() {
        let body = "q8Zr2LmW0vTn5KdJaB3cD4eF6gH7iJ9kL1mN";
        for text in [
            format!("xoxb-749201836455-{}", &body[..24]),
            format!(
                "https://hooks.slack.com/services/T0ABCDEFG/B0ABCDEFG/{}",
                &body[..24]
            ),
        ] {
            assert_eq!(found(&text).len(), 1, "{text}");
        }
        for text in [
            "xoxb-your-token-goes-here-and-on".to_owned(),
            "hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX".to_owned(),
            "hooks.slack.com/services/...".to_owned(),
        ] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }
}
