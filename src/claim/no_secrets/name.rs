//! Names that are given to secrets.

/// Last words of names whose values are secrets.
const SECRET_WORDS: [&str; 12] = [
    "PASS",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "CREDENTIAL",
    "CREDENTIALS",
    "PSW",
    "SECRETKEY",
    "ACCESSKEY",
    "PRIVATEKEY",
    "REQUIREPASS",
    "MASTERAUTH",
];

/// Ends of last words of such names: `PGPASSWORD`, `dbpassword`.
const SECRET_ENDS: [&str; 10] = [
    "STOREPASS",
    "KEYPASS",
    "PASSWORD",
    "PASSWD",
    "PASSWORT",
    "PASSPHRASE",
    "APIKEY",
    "AUTHTOKEN",
    "DBPASS",
    "ROOTPASS",
];

/// Last words of such names where another stands before them: `MYSQL_PWD`, but not `PWD`.
const SECOND_WORDS: [&str; 2] = ["PWD", "PW"];

/// What is a folder, not a password.
const FOLDERS: [&str; 5] = ["OLD", "CURRENT", "INIT", "INITIAL", "LAST"];

/// Words behind the one that says what it is.
const QUALIFIERS: [&str; 20] = [
    "PROD",
    "PRODUCTION",
    "DEV",
    "DEVELOPMENT",
    "STAGING",
    "STAGE",
    "LIVE",
    "QA",
    "LOCAL",
    "VALUE",
    "OLD",
    "NEW",
    "PREVIOUS",
    "CURRENT",
    "BACKUP",
    "PLAIN",
    "PLAINTEXT",
    "BASE",
    "RAW",
    "STRING",
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
    let mut parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    while let [_, .., last] = parts.as_slice()
        && QUALIFIERS.contains(last)
    {
        parts.pop();
    }
    let (last, before) = match parts.as_slice() {
        [] => return false,
        [last] => (*last, ""),
        [.., before, last] => (*last, *before),
    };
    if is_secret_word(last, before) || parts.iter().any(|part| part.ends_with("PASSPHRASE")) {
        // Numbers are counts and times, unless it is a password; `secrets: x` names one.
        let number = value.chars().all(|c| c.is_ascii_digit());
        return match last {
            // What a job may do with its own token is `read` or `write`.
            "TOKEN" | "SECRET" => {
                !number && !is_version(value) && !matches!(value, "read" | "write")
            }
            "SECRETS" => !number && !before.is_empty(),
            _ => true,
        };
    }
    if last != "KEY"
        || matches!(
            before,
            "PUBLIC" | "PUB" | "GPG" | "PGP" | "SORT" | "CACHE" | "PRIMARY" | "FOREIGN"
        )
        || is_fingerprint(value)
        || value.contains("://")
    {
        return false;
    }
    let drawn = value.len() >= 20 && super::content::is_random(value);
    KEYS.contains(&before) || drawn && !value.contains([' ', '\\'])
}

/// Whether a name that ends with this word is given to secrets.
fn is_secret_word(last: &str, before: &str) -> bool {
    SECRET_WORDS.contains(&last)
        || SECRET_ENDS.iter().any(|end| last.ends_with(end))
        || last.starts_with("PGPASS") && last != "PGPASSFILE"
        || SECOND_WORDS.contains(&last) && !before.is_empty() && !FOLDERS.contains(&before)
        || last == "COOKIE" && before == "ERLANG"
}

/// Whether it is the name of a data source.
pub(super) fn is_source(name: &str) -> bool {
    matches!(
        words(name).last().map(String::as_str),
        Some("DSN" | "URL" | "URI")
    )
}

/// Whether a value only repeats its name, as `DB_PASSWORD: db_password` and `token = request.token` do.
pub(super) fn names_itself(name: &str, value: &str) -> bool {
    let bare = |text: &str| -> String {
        let kept = text.chars().filter(char::is_ascii_alphanumeric);
        kept.map(|c| c.to_ascii_lowercase()).collect()
    };
    let last = value.rsplit(['.', '>']).next().unwrap_or(value);
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.>()".contains(c);
    value.chars().all(plain) && bare(last) == bare(name)
}

/// `1.2.3`, `^4.0`: what a package called `…-token` is wanted in.
fn is_version(value: &str) -> bool {
    let bare = value.trim_start_matches(['^', '~', '>', '<', '=', 'v']);
    bare.contains('.') && bare.chars().all(|c| c.is_ascii_digit() || c == '.')
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
    use super::super::value::is_empty;
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
            ("MYSQL_PWD", "hunter2"),
            ("ADMIN_PW", "hunter2"),
            ("PGPASSWORD", "hunter2"),
            ("PGPASS", "hunter2"),
            ("dbpassword", "hunter2"),
            ("DB_PASS", "hunter2"),
            ("requirepass", "hunter2"),
            ("SSH_PASSPHRASE", "two words"),
            ("GPG_PASSPHRASE_CI", "hunter2"),
            ("AWS_CREDENTIALS", "a:b"),
            ("MAILGUN_APIKEY", "k-12"),
            ("mailgunApiKey", "k-12"),
            ("DB_PASSWORD_PROD", "hunter2"),
            ("DB_PASSWORD_BASE64", "aHVudGVyMg=="),
            ("SECRET_VALUE", "hunter2"),
            ("RABBITMQ_ERLANG_COOKIE", "hunter2"),
        ] {
            assert!(!is_empty(value) && is_secret(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("PWD", "hunter2"),
            ("OLDPWD", "srv"),
            ("OLD_PWD", "srv"),
            ("PGPASSFILE", "pass"),
            ("GOOGLE_APPLICATION_CREDENTIALS", "/run/gcp.json"),
            ("BYPASS", "some"),
            ("COMPASS", "north"),
            ("secrets", "inherit"),
            ("csrf-token", "^1.0.2"),
            ("id-token", "write"),
            ("key", "SOFTWARE\\Microsoft\\VisualStudio\\14.0"),
            ("AUTHOR", "me"),
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
}
