//! Access keys of Amazon Web Services.

use super::{Place, Rule, is_base64, is_mixed, run};

pub(in super::super) const ID: Rule = Rule {
    what: "an access key of AWS",
    words: &["AKIA", "ASIA"],
    at: id,
    of_settings: false,
};

pub(in super::super) const SECRET: Rule = Rule {
    what: "a secret key of AWS",
    words: &[
        "aws_secret_access_key",
        "AWS_SECRET_ACCESS_KEY",
        "aws_secret_key",
        "AWS_SECRET_KEY",
    ],
    at: secret,
    of_settings: false,
};

fn id(place: &Place<'_>) -> Option<String> {
    let rest = run(place.after, |c| c.is_ascii_alphanumeric());
    let digits = |c: char| c.is_ascii_uppercase() || ('2'..='7').contains(&c);
    let fits = rest.len() == 16 && rest.chars().all(digits) && !place.is_inside();
    (fits && is_mixed(rest)).then(|| format!("{}{rest}", place.word))
}

fn secret(place: &Place<'_>) -> Option<String> {
    let value = place.after.trim_start_matches(['"', '\'', ' ', '\t']);
    let value = value.strip_prefix(['=', ':'])?;
    let value = value.trim_start_matches(['"', '\'', ' ', '\t']);
    let key = run(value, is_base64);
    (key.len() == 40 && is_mixed(key)).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn keys_are_known() {
        let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzqTRWPQ0MN";
        let id = format!("AKIA{}", "Z7QWERTY2SDF3XCV");
        assert_eq!(
            found(&format!("key: {id}\n")),
            [format!("an access key of AWS: {id}")]
        );
        for text in [
            format!("aws_secret_access_key = {key}\n"),
            format!("\"AWS_SECRET_ACCESS_KEY\": \"{key}\","),
        ] {
            assert_eq!(found(&text), [format!("a secret key of AWS: {key}")]);
        }
    }

    #[test]
    fn examples_and_other_words_are_none() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAZ7QWERTY2SDF3XCVB",
            "xAKIAZ7QWERTY2SDF3XCV",
            "AKIAz7qwerty2sdf3xcv",
            "aws_secret_access_key = ${SECRET}",
            "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "os.environ['AWS_SECRET_ACCESS_KEY']",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
