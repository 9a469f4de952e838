//! Where a Dockerfile holds secrets, so that whoever shows its lines leaves them out.

use super::{secret_in_text, secret_in_variable};
use crate::dockerfile::shell::assignments;
use crate::dockerfile::{Dockerfile, Kind};

/// A file's text without its secrets, and what they are.
#[derive(Debug)]
pub struct Masked {
    /// As many bytes as the file has, every secret's being stars, so that places stay right.
    pub text: String,
    /// The secrets, which messages may repeat.
    pub secrets: Vec<String>,
}

/// Of a file with more secrets nothing is shown.
const MOST: usize = 500;

/// Shorter ones stand in many texts by chance.
const SHORTEST: usize = 8;

/// Takes the secrets out of a file's text, whether or not a finding is made of them.
pub fn masked(file: &Dockerfile, text: &str) -> Masked {
    let mut spans = Vec::new();
    let mut secrets = Vec::new();
    for one in &file.instructions {
        let bodies = one.heredocs.iter().map(|doc| &doc.body);
        for joined in std::iter::once(&one.text).chain(bodies) {
            for range in secret_in_text::stretches(joined.as_str()) {
                secrets.extend(joined.as_str().get(range.clone()).map(str::to_owned));
                spans.push(joined.span(range).range());
            }
        }
        if secret_in_variable::COMMANDS.contains(&one.kind) {
            for given in assignments(one) {
                let is_computed = given.value.contains("$(") || given.value.contains('`');
                let is_hidden = secret_in_variable::is_secret(&given.name) && !is_computed;
                if is_hidden && !is_reference(&given.value) {
                    spans.push(given.given.range());
                    secrets.push(given.value);
                }
            }
        }
        if !matches!(one.kind, Kind::Arg | Kind::Env | Kind::Label) {
            continue;
        }
        for pair in one.pairs() {
            let Some(value) = pair.value.as_deref() else {
                continue;
            };
            if secret_in_variable::is_secret(&pair.name) && !is_reference(value) {
                let from = pair.value_at;
                spans.push(one.rest.span(from..from + value.len()).range());
                secrets.push(value.to_owned());
                secrets.push(value.trim_matches(['"', '\'']).to_owned());
            }
        }
    }
    // Comments too are shown, and whatever stands beside a finding.
    spans.extend(secret_in_text::stretches(text));
    // What is written once more somewhere else is no less a secret there.
    secrets.sort_unstable();
    secrets.dedup();
    let long = || secrets.iter().filter(|secret| secret.len() >= SHORTEST);
    match long().count() {
        0..=MOST => spans.extend(long().flat_map(|secret| {
            let again = text.match_indices(secret.as_str());
            again.map(|(at, _)| at..at + secret.len())
        })),
        _ => spans.push(0..text.len()),
    }
    let mut bytes = text.as_bytes().to_vec();
    for span in spans {
        for byte in bytes.get_mut(span).unwrap_or_default() {
            if !matches!(*byte, b'\n' | b'\r') {
                *byte = b'*';
            }
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Masked { text, secrets }
}

/// `$NAME` or `${NAME}` and nothing else, which holds no secret itself.
fn is_reference(value: &str) -> bool {
    let value = value.trim_matches('"');
    let Some(name) = value.strip_prefix('$') else {
        return value.is_empty();
    };
    let inner = name
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'));
    let plain = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
    inner.unwrap_or(name).chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::source::FileId;

    fn shown(text: &str) -> String {
        let masked = masked(&Dockerfile::read(FileId(0), text), text);
        assert_eq!(masked.text.len(), text.len(), "{text}");
        masked.text
    }

    #[test]
    fn secrets_are_stars_and_what_only_names_one_stays() {
        assert_eq!(
            shown("FROM a\nENV A=b DB_PASSWORD='hunter 2' C=$d\n"),
            "FROM a\nENV A=b DB_PASSWORD=********** C=$d\n"
        );
        assert_eq!(
            shown("FROM a\nLABEL a=b org.db-password=hunter2\nENV PGPASSWORD=hunter2\n"),
            "FROM a\nLABEL a=b org.db-password=*******\nENV PGPASSWORD=*******\n"
        );
        assert_eq!(
            shown("FROM a\nRUN curl -u me:hunter2 https://h/ && echo 'a:hunter2' | chpasswd\n"),
            "FROM a\nRUN curl -u me:******* https://h/ && echo 'a:*******' | chpasswd\n"
        );
        assert_eq!(
            shown("FROM a\nENV API_TOKEN se cr\n"),
            "FROM a\nENV API_TOKEN *****\n"
        );
        assert_eq!(
            shown("FROM a\nARG TOKEN=h\u{fc}\\\nt\n"),
            "FROM a\nARG TOKEN=****\n*\n"
        );
        assert_eq!(
            shown(
                "FROM a\nRUN B_TOKEN='hu nt' a &&\\\n export C_TOKEN=hun\\\nter2 D=e\nCMD X_TOKEN=y z\n"
            ),
            "FROM a\nRUN B_TOKEN=******* a &&\\\n export C_TOKEN=****\n**** D=e\nCMD X_TOKEN=* z\n"
        );
        for kept in [
            "RUN A_TOKEN=$TOKEN A_TOKEN=$(cat /run/secrets/a) b A_TOKEN=x",
            "ENV TOKEN=$TOKEN",
            "ENV TOKEN=\"${GIVEN}\"",
            "ARG TOKEN",
            "ENV TOKEN=",
        ] {
            let text = format!("FROM a\n{kept}\n");
            assert_eq!(shown(&text), text);
        }
        assert_eq!(
            shown("FROM a\nENV TOKEN=${A:-hunter2}\n"),
            "FROM a\nENV TOKEN=*************\n"
        );
    }

    #[test]
    fn of_a_file_of_secrets_nothing_is_shown() {
        let text = |count: usize| {
            let secrets = (0..count).map(|number| format!("ENV A_TOKEN=a-secret-{number}\n"));
            format!("FROM a\n{}", secrets.collect::<String>())
        };
        assert!(shown(&text(MOST)).starts_with("FROM a\nENV A_TOKEN=*"));
        let none = shown(&text(MOST + 1));
        assert!(none.chars().all(|ch| matches!(ch, '*' | '\n')), "{none}");
    }

    #[test]
    fn keys_are_hidden_whole_in_comments_and_documents_too() {
        let text = "# https://me:hunter2@example.org/x\nFROM a\nRUN <<E\n-----BEGIN PRIVATE KEY-----\n\
                    MIIhunter2\n-----END PRIVATE KEY-----\nE\nRUN echo -----BEGIN PRIVATE KEY-----\\nMIIhunter2\n";
        let shown = shown(text);
        assert!(
            !shown.contains("hunter2") && !shown.contains("MII"),
            "{shown}"
        );
        assert!(
            shown.contains("@example.org/x") && shown.contains("\nE\nRUN echo "),
            "{shown}"
        );
        let token = format!("FROM a\nRUN login ghp_{} now\n", "a1".repeat(30));
        assert!(!self::shown(&token).contains('1'));
    }
}
