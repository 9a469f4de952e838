//! Secrets in commands: what names are given there, options, headers, and whom programs log in as.

use std::sync::LazyLock;

use regex::Regex;

use super::assigned::{self, Style};
use super::{content, url, value};

/// A secret in a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spoken {
    /// What it is.
    pub what: &'static str,
    /// The name that it is given under.
    pub name: Option<String>,
    /// The secret.
    pub text: String,
}

/// `--password VALUE`, `"--password", "VALUE"`
static OPTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:^|[\s"'\[,(])--?([A-Za-z][A-Za-z0-9_.-]+)(?:["']\s*,\s*["']|["']?\s+["']?)([^\s"',;|&<>)-][^\s"',;|&<>)]*)"#,
    )
    .ok()
});

/// Words before the last of an option that takes no value, or not the secret itself.
const NO_VALUE: [&str; 14] = [
    "no", "disabled", "disable", "without", "ask", "prompt", "require", "force", "skip", "use",
    "generate", "random", "change", "reset",
];

/// Programs whose `--password` asks for one.
const ASKS: [&str; 6] = [
    "psql",
    "pg_dump",
    "pg_restore",
    "createdb",
    "pg_basebackup",
    "pg_dumpall",
];

/// Other ways in which programs are told a password.
static WAYS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let ways = [
        (
            "a bearer token",
            r#"(?i)authorization["']?\s*[:=]\s*["']?(?:bearer|token)\s+([^\s"']+)"#,
        ),
        (
            "a password in a header",
            r#"(?i)authorization["']?\s*[:=]\s*["']?basic\s+([A-Za-z0-9+/=]+)"#,
        ),
        (
            "a password",
            r#"\b(?:curl|wget|https?)\b[^;|&\n]*?\s(?:-u|--user|--proxy-user)[\s=]*["']?[^\s:"']*:([^\s"']+)"#,
        ),
        ("a password", r#"\bsshpass\s+-p\s*["']?([^\s"']+)"#),
        (
            "a password",
            r#"\bmysql(?:admin|dump|check|sh)?\s(?:[^;|&\n]*?\s)?-p([^\s"';|&]+)"#,
        ),
        (
            "a password",
            r#"\bmariadb(?:-(?:admin|dump|check))?\s(?:[^;|&\n]*?\s)?-p([^\s"';|&]+)"#,
        ),
        (
            "a password",
            r#"\bredis-cli\b[^;|&\n]*?\s-a\s+["']?([^\s"';|&]+)"#,
        ),
        (
            "a password",
            r#"\b(?:docker|podman|nerdctl|buildah|skopeo|crane|helm|oc|az)\s(?:[^;|&\n]*?\s)?login\s(?:[^;|&\n]*?\s)?-p\s*["']?([^\s"';|&]+)"#,
        ),
        (
            "a password",
            r#"["'\s][\w.-]+:([^\s"'|:]+)["']?\s*\|\s*(?:sudo\s+)?chpasswd\b"#,
        ),
        (
            "a password",
            r"(?i)\b(?:identified\s+by|password)\s+'([^']+)'",
        ),
        ("a password", r#"\s["']?pass:([^\s"';|&]+)"#),
    ];
    let compiled = ways
        .iter()
        .filter_map(|(what, way)| Some((*what, Regex::new(way).ok()?)));
    compiled.collect()
});

/// A word that says who may, and a token behind it that looks drawn by chance.
static BEARER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bbearer\s+([A-Za-z0-9._~+/-]{16,}=*)").ok());

/// Words of which a text that gives a name a secret has one; most lines have none.
static HINT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        "(?i-u)pass|pw|psw|secret|token|key|cred|auth|cookie|bearer|identified|://|curl|wget|http|mysql|mariadb|redis-cli|login",
    )
    .ok()
});

/// Whether a text may hold more than the tokens that are known by how they look.
pub(super) fn is_worth_reading(text: &str) -> bool {
    HINT.as_ref().is_none_or(|hint| hint.is_match(text))
}

/// The secrets in a command. Code and prose give names values, and no options.
pub(super) fn secrets(command: &str, style: Style) -> Vec<Spoken> {
    let mut found: Vec<Spoken> = Vec::new();
    let mut take = |what, name: Option<&str>, text: &str| {
        let known = found
            .iter()
            .any(|one| one.text == text || one.text.contains(text) && name.is_none());
        if !known {
            let name = name.map(str::to_owned);
            found.push(Spoken {
                what,
                name,
                text: text.to_owned(),
            });
        }
    };
    for given in assigned::secrets(command, style) {
        // What the value holds says more of what it is.
        let token = content::in_text(&given.value).into_iter().next();
        match token {
            Some((rule, _, text)) => take(rule.what, Some(&given.name), &text),
            None => take("a value under such a name", Some(&given.name), &given.value),
        }
    }
    for (rule, _, text) in content::in_text(command) {
        take(rule.what, None, &text);
    }
    for (_, text) in url::in_text(command) {
        take("a password in an address", None, text);
    }
    if style == Style::Code || style == Style::Prose {
        return found;
    }
    for (name, text) in options(command, style) {
        take("a value of such an option", Some(name), text);
    }
    for (what, way) in WAYS.iter() {
        for captured in way.captures_iter(command) {
            let (_, [text]) = captured.extract();
            if value::real(text).is_some() {
                take(what, None, text);
            }
        }
    }
    for captured in BEARER.iter().flat_map(|regex| regex.captures_iter(command)) {
        let (_, [text]) = captured.extract();
        let drawn = content::is_random(text) && text.contains(|c: char| c.is_ascii_digit());
        if drawn && value::real(text).is_some() {
            take("a bearer token", None, text);
        }
    }
    found
}

/// Options with their values, where they are secrets.
fn options(command: &str, style: Style) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(captured) = OPTION
        .as_ref()
        .and_then(|option| option.captures_at(command, from))
    {
        let (Some(name), Some(text)) = (captured.get(1), captured.get(2)) else {
            break;
        };
        from = name.end();
        let (name, text, before) = (name.as_str(), text.as_str(), &command[..name.start()]);
        let lower = name.to_ascii_lowercase();
        let takes_none = lower.split(['-', '_']).any(|word| NO_VALUE.contains(&word));
        let program = before.rsplit([';', '|', '&', '\n']).next().unwrap_or("");
        let asks = ASKS.iter().any(|asks| program.contains(asks));
        // `--secret id=npm` names one, and what it is said twice of is told by its own mark.
        let named = text.contains('=') && name == "secret" || text.starts_with(['=', ':', '\\']);
        if takes_none || asks || named {
            continue;
        }
        if let Some(secret) = assigned::secret(name, text, style, false)
            && secret == text
        {
            found.push((name, text));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(command: &str) -> Vec<String> {
        let command = assigned::plain(command, Style::Command);
        secrets(&command, Style::Command)
            .into_iter()
            .map(|one| one.text)
            .collect()
    }

    #[test]
    fn secrets_are_found_however_a_command_is_given_them() {
        for command in [
            "/bin/sh -c echo \"DB_PASSWORD=hunter2\" > /app/.env",
            "RUN /bin/sh -c echo 'DB_PASSWORD=hunter2' >> /app/.env # buildkit",
            "/bin/sh -c export DB_PASSWORD='hunter2' && make",
            "/bin/sh -c printf 'A=1\\nDB_PASSWORD=hunter2\\n' > x",
            "/bin/sh -c echo \"{\\\"password\\\": \\\"hunter2\\\"}\" > x.json",
            "/bin/sh -c echo \"password: hunter2\" > x.yml",
            "redis-server --requirepass hunter2",
            "app --password=hunter2 --verbose",
            "app --password 'hunter2'",
            "[\"app\", \"--db-password\", \"hunter2\"]",
            "java -Dspring.datasource.password=hunter2 -jar app.jar",
            "java -storepass hunter2",
            "curl -f -H 'Authorization: Bearer hunter2' http://localhost/",
            "curl -H \"X-Api-Key: hunter2\" http://localhost/",
            "curl -u admin:hunter2 http://localhost/",
            "mysqladmin ping -uroot -phunter2",
            "mysql -h db -phunter2 -e 'select 1'",
            "sshpass -p hunter2 scp a b:",
            "echo 'root:hunter2' | chpasswd",
            "docker login -u me -p hunter2 registry",
            "openssl rsa -passin pass:hunter2 -in k",
            "git clone https://me:hunter2@example.com/x",
            "redis-cli -h db -a hunter2 ping",
            "psql -c \"CREATE USER app PASSWORD 'hunter2'\"",
        ] {
            assert_eq!(found(command), ["hunter2"], "{command}");
        }
        let drawn = "q8Zr2LmW0vTn5KdJaB3cD4eF";
        assert_eq!(
            found(&format!("wget --header='X: bearer {drawn}' h")),
            [drawn]
        );
    }

    #[test]
    fn what_commands_say_as_a_rule_is_none() {
        for command in [
            "adduser --disabled-password --gecos '' app",
            "adduser --system --disabled-password app",
            "pg_dump --no-password db",
            "psql --password mydb",
            "docker login --password-stdin registry",
            "docker build --secret id=npm,src=.npmrc .",
            "RUN --mount=type=secret,id=token,target=/run/token make",
            "curl -u $USER:$PASSWORD http://h",
            "curl -u user:password http://h",
            "curl -H \"Authorization: Bearer $TOKEN\" http://h",
            "curl -H 'Authorization: Bearer ${TOKEN}' http://h",
            "mysqladmin ping -h localhost -p$MYSQL_ROOT_PASSWORD",
            "mysql --port 3306 -P 3306",
            "apt-get install -y mysql-client && cp -pr /a /b",
            "mkdir -p /run/app && chmod 0700 /run/app",
            "SECRET_KEY=dummy python manage.py collectstatic",
            "app --token-ttl 5m --password-file /run/secrets/x",
            "app --token \"$TOKEN\" --secret ${SECRET}",
            "set -eux; key='B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8'; gpg --recv-keys \"$key\"",
            "echo bearer authentication is required here",
            "npm install jsonwebtoken passport-token",
            "sed -i 's/^password.*/password requisite pam_deny.so/' /etc/pam.d/x",
            "echo \"$PASSWORD\" | passwd --stdin app",
        ] {
            assert_eq!(found(command), [""; 0], "{command}");
        }
    }
}
