//! Keys in connection strings of Azure.

use super::{Place, Rule, is_base64, is_mixed, run};

pub(in super::super) const RULE: Rule = Rule {
    what: "a key of Azure",
    words: &["AccountKey=", "SharedAccessKey="],
    at,
    of_settings: false,
};

/// The key of the storage emulator, which is the same everywhere.
const EMULATOR: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1";

fn at(place: &Place<'_>) -> Option<String> {
    let key = run(place.after, is_base64);
    let padded = place.after[key.len()..].starts_with('=');
    let fits = matches!(key.len(), 86 | 43) && padded;
    (fits && is_mixed(key) && !key.starts_with(EMULATOR)).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    #[test]
    fn keys_are_known_and_the_emulators_is_none() {
        let key = "q8Zr2LmW0vTn5KdJaB3cD4eF6gH7iJ9kL1mN0oP2qR4";
        let long = format!("{key}{key}");
        let text = format!("AccountName=a;AccountKey={long}==;");
        assert_eq!(found(&text), [format!("a key of Azure: {long}")]);
        let bus = format!("SharedAccessKey={key}=");
        assert_eq!(found(&bus).len(), 1);
        for text in [
            "AccountKey=<your-key>;".to_owned(),
            format!("AccountKey={}==", &key[..30]),
            format!(
                "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1{}==",
                &long[32..]
            ),
        ] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }
}
