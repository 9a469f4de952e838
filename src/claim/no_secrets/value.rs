//! Names that are given to secrets, and values that are none.

/// Words that stand where a value belongs.
const PLACEHOLDERS: [&str; 34] = [
    "changeme",
    "change-me",
    "change_me",
    "password",
    "passwd",
    "pass",
    "secret",
    "token",
    "key",
    "todo",
    "tbd",
    "dummy",
    "example",
    "placeholder",
    "replaceme",
    "replace-me",
    "replace_me",
    "redacted",
    "removed",
    "none",
    "null",
    "nil",
    "undefined",
    "unset",
    "empty",
    "test",
    "testing",
    "fake",
    "foo",
    "bar",
    "foobar",
    "insecure",
    "not-a-secret",
    "build-only",
];

/// What placeholders hold.
const HINTS: [&str; 14] = [
    "your",
    "changeme",
    "change-me",
    "change_me",
    "change-this",
    "change_this",
    "replace",
    "placeholder",
    "example",
    "insert",
    "dummy",
    "fill-in",
    "xxxx",
    "not-real",
];

/// Whether there is no value, or one that comes from elsewhere when it is needed.
pub(super) fn is_empty(value: &str) -> bool {
    let value = value.trim();
    let word = value.to_ascii_lowercase();
    value.is_empty()
        || value.starts_with(['$', '<', '{', '%', '/', '~', '@'])
        || value.starts_with("./")
        || value.contains("$(")
        || value.chars().all(|c| matches!(c, '*' | '.' | '-' | '_'))
        || matches!(
            word.as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "none" | "null" | "nil"
        )
        || value.starts_with("ssh-") && value.contains(' ')
        || value.starts_with("-----BEGIN PUBLIC")
        || value.starts_with("-----BEGIN CERT")
}

/// Whether a value only shows where one belongs.
pub(super) fn is_placeholder(value: &str) -> bool {
    let word = value.trim().to_ascii_lowercase();
    let first = word.chars().next();
    PLACEHOLDERS.contains(&word.as_str())
        || HINTS.iter().any(|hint| word.contains(hint))
        || first.is_some_and(|first| word.len() >= 3 && word.chars().all(|c| c == first))
}

/// Last words of names whose values are secrets.
const SECRET_WORDS: [&str; 13] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASS",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "CREDENTIAL",
    "CREDENTIALS",
    "APIKEY",
    "PASSWORT",
    "PSW",
    "AUTHTOKEN",
];

/// What `KEY` follows in names whose values are secrets, however short.
const KEYS: [&str; 12] = [
    "API",
    "SECRET",
    "PRIVATE",
    "ACCESS",
    "ENCRYPTION",
    "SIGNING",
    "AUTH",
    "MASTER",
    "ACCOUNT",
    "JWT",
    "HMAC",
    "LICENSE",
];

/// Whether a value under this name is a secret, going by both. The value was not taken for empty.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    let parts = words(name);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (last, before) = match parts.as_slice() {
        [] => return false,
        [last] => (*last, ""),
        [.., before, last] => (*last, *before),
    };
    if SECRET_WORDS.contains(&last) {
        // Numbers are counts and times, unless it is a password.
        let number = value.chars().all(|c| c.is_ascii_digit());
        return !(number && matches!(last, "TOKEN" | "SECRETS" | "TOKENS"));
    }
    if last != "KEY" && last != "BASE" {
        return false;
    }
    if matches!(
        before,
        "PUBLIC" | "PUB" | "GPG" | "PGP" | "SORT" | "CACHE" | "PRIMARY" | "FOREIGN"
    ) {
        return false;
    }
    if is_fingerprint(value) || value.contains("://") {
        return false;
    }
    match last {
        "BASE" => parts.ends_with(&["SECRET", "KEY", "BASE"]),
        _ => KEYS.contains(&before) || value.len() >= 20 && super::content::is_random(value),
    }
}

/// Whether it names a public key: the digits of an `OpenPGP` key as people write them.
fn is_fingerprint(value: &str) -> bool {
    let digits: String = value.trim_start_matches("0x").split_whitespace().collect();
    let hexadecimal = |c: char| c.is_ascii_digit() || ('A'..='F').contains(&c);
    matches!(digits.len(), 8 | 16 | 40) && digits.chars().all(hexadecimal)
        || value.split_whitespace().count() > 1 && value.split_whitespace().all(is_fingerprint)
}

/// The words of a name in capitals: `dbPassword`, `db.password` and `DB_PASSWORD1` are all
/// DB and PASSWORD.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut low = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            words.push(String::new());
        } else if c.is_ascii_uppercase() && low {
            words.push(c.to_string());
        } else if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_uppercase());
        }
        low = c.is_ascii_lowercase();
    }
    let trimmed = words.iter().map(|word| {
        word.trim_end_matches(|c: char| c.is_ascii_digit())
            .to_owned()
    });
    trimmed.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_of_secrets_are_told_from_others() {
        for (name, value) in [
            ("DB_PASSWORD", "hunter2"),
            ("POSTGRES_PASSWORD", "123456"),
            ("dbPassword", "hunter2"),
            ("spring.datasource.password", "hunter2"),
            ("METRICS_PASS", "s3cret!"),
            ("GITHUB_TOKEN", "abc123"),
            ("API_KEY", "k-12"),
            ("SECRET_KEY", "django-insecure-a7"),
            ("SECRET_KEY_BASE", "0a1b2c3d4e"),
            ("STORAGE_KEY", "q8Zr2LmW0vTn5KdJaB3cD4eF"),
            ("CLIENT_SECRET2", "abc"),
        ] {
            assert!(!is_empty(value) && is_secret(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("PWD", "hunter2"),
            ("DB_PASSWORD_FILE", "secret-file"),
            ("PASSWORD_MIN_LENGTH", "12"),
            ("TOKEN", "3600"),
            ("TOKEN_TTL", "5m"),
            ("GPG_KEY", "a035c8c19219ba821ecea86b64e628f8d684696d"),
            ("RELEASE_KEY", "A035C8C19219BA821ECEA86B64E628F8D684696D"),
            ("KEYS", "B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8"),
            ("key", "B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8"),
            ("PUBLIC_KEY", "q8Zr2LmW0vTn5KdJaB3cD4eF"),
            ("SSH_KEY", "short"),
            ("KEYCLOAK_URL", "http://x"),
            ("MONKEY", "q8Zr2LmW0vTn5KdJaB3cD4eF"),
            ("PATH", "/usr/bin"),
        ] {
            assert!(is_empty(value) || !is_secret(name, value), "{name}={value}");
        }
    }

    #[test]
    fn what_comes_from_elsewhere_is_no_value() {
        for value in [
            "",
            " ",
            "${X}",
            "$X",
            "$(cat x)",
            "/run/secrets/x",
            "<token>",
            "{{ x }}",
            "%(x)s",
            "****",
            "true",
            "none",
            "ssh-ed25519 AAAA me",
        ] {
            assert!(is_empty(value), "{value}");
        }
        assert!(!is_empty("changeme") && is_placeholder("changeme"));
        for value in [
            "your-password",
            "REPLACE_ME",
            "xxxxxxxx",
            "secret",
            "insert-here",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["hunter2", "aA1-bB2", "s3cr3t"] {
            assert!(!is_placeholder(value) && !is_empty(value), "{value}");
        }
    }
}
