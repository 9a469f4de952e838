//! Secrets in files that are there to hold them: each kind by its name and how it is written.

use serde_json::Value as Json;

use super::assigned::{self, Style};
use super::{url, value};

/// A kind of file.
#[derive(Debug)]
pub(super) struct File {
    /// Ends of paths, or with a final `*` starts of names.
    pub names: &'static [&'static str],
    /// What a secret in it is, as a message says it.
    pub what: &'static str,
    /// The secrets in it, each with its line.
    find: fn(&str) -> Vec<(u64, String)>,
}

/// All kinds.
pub(super) const FILES: [File; 14] = [
    File {
        names: &[".env*", ".env"],
        what: "a value in an environment file",
        find: settings,
    },
    File {
        names: &["/.npmrc"],
        what: "credentials of npm",
        find: |text| keyed(text, "=", &["_authToken", "_password", "_auth"]),
    },
    File {
        names: &["/.aws/credentials", "/.aws/config"],
        what: "credentials of AWS",
        find: |text| keyed(text, "=", &["aws_secret_access_key", "aws_session_token"]),
    },
    File {
        names: &["/.yarnrc.yml"],
        what: "credentials of Yarn",
        find: |text| keyed(text, ":", &["npmAuthToken", "npmAuthIdent"]),
    },
    File {
        names: &["/.pypirc", "/.my.cnf"],
        what: "a password",
        find: |text| {
            let mut found = keyed(text, "=", &["password"]);
            found.extend(keyed(text, ":", &["password"]));
            found
        },
    },
    File {
        names: &["/.netrc", "/_netrc", "/apt/auth.conf"],
        what: "a password",
        find: netrc,
    },
    File {
        names: &[
            "/pip.conf",
            "/pip.ini",
            "/.git-credentials",
            "/.git/config",
            "/.gitconfig",
            "/.condarc",
        ],
        what: "a password in an address",
        find: addresses,
    },
    File {
        names: &["/.git/HEAD"],
        what: "a folder of git: all that was ever in the repository",
        find: |_| vec![(1, String::new())],
    },
    File {
        names: &["/.docker/config.json", "/.dockercfg", "/.dockerconfigjson"],
        what: "credentials of a registry",
        find: registries,
    },
    File {
        names: &["/.m2/settings.xml", "/.m2/settings-security.xml"],
        what: "a password of Maven",
        find: maven,
    },
    File {
        names: &["/.cargo/credentials", "/.cargo/credentials.toml"],
        what: "a token of Cargo",
        find: |text| keyed(text, "=", &["token"]),
    },
    File {
        names: &["/.gem/credentials"],
        what: "a key of RubyGems",
        find: |text| keyed(text, ": ", &[":rubygems_api_key"]),
    },
    File {
        names: &["/.kube/config"],
        what: "credentials of Kubernetes",
        find: |text| keyed(text, ":", &["token", "password", "client-key-data"]),
    },
    File {
        names: &["/.pgpass"],
        what: "a password of PostgreSQL",
        find: pgpass,
    },
];

/// Names of files that hold settings of any kind, in which addresses with a password are no examples.
pub(super) const SETTINGS: [&str; 18] = [
    "Dockerfile*",
    "Containerfile*",
    "docker-compose*",
    "compose*",
    ".env*",
    ".yml",
    ".yaml",
    ".env",
    ".toml",
    ".ini",
    ".conf",
    ".cfg",
    ".properties",
    ".dockerfile",
    ".json",
    ".tfvars",
    ".xml",
    "settings.py",
];

/// Names of files in which applications keep their own settings, passwords among them.
pub(super) const OWN_SETTINGS: [&str; 14] = [
    "appsettings*",
    "/application.properties",
    "/application.yml",
    "/application.yaml",
    "/bootstrap.yml",
    "/database.yml",
    "/secrets.yml",
    "/secrets.yaml",
    "/secrets.json",
    "/secrets.toml",
    "/credentials.json",
    "/wp-config.php",
    ".tfvars",
    "/redis.conf",
];

/// Names that only show how a file of theirs is written.
const SAMPLES: [&str; 6] = ["example", "sample", "template", "dist", "tmpl", "defaults"];

/// Whether the file at this path has one of these names.
pub(super) fn is_named(path: &str, names: &[&str]) -> bool {
    let last = path.rsplit('/').next().unwrap_or("");
    let whole = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    names.iter().any(|name| match name.strip_suffix('*') {
        Some(start) => last.starts_with(start),
        None => whole.ends_with(name),
    })
}

/// The secrets of a file, going by its name.
pub(super) fn find(path: &str, text: &str) -> Vec<(&'static str, u64, String)> {
    let name = path.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    let stem = name.strip_suffix(".env");
    let is_sample = |sample: &str| {
        name.starts_with(".env") && name.ends_with(sample)
            || stem.is_some_and(|stem| stem.ends_with(sample))
    };
    if SAMPLES.iter().any(|sample| is_sample(sample)) {
        return Vec::new();
    }
    let kinds = FILES.iter().filter(|file| is_named(path, file.names));
    kinds
        .flat_map(|file| {
            (file.find)(text)
                .into_iter()
                .map(|(line, found)| (file.what, line, found))
        })
        .collect()
}

fn lines(text: &str) -> impl Iterator<Item = (u64, &str)> {
    (1..).zip(text.lines().map(str::trim))
}

pub(super) fn is_comment(line: &str) -> bool {
    line.starts_with(['#', ';']) || line.starts_with("//") && !line.contains(":_")
}

/// The values of lines whose key ends with one of these words.
fn keyed(text: &str, mark: &str, keys: &[&str]) -> Vec<(u64, String)> {
    let found = lines(text).filter(|(_, line)| !is_comment(line));
    found
        .filter_map(|(number, line)| {
            let (key, value) = line.split_once(mark)?;
            let key = key
                .trim()
                .trim_start_matches("- ")
                .trim_matches(['"', '\'']);
            let meant = keys
                .iter()
                .any(|k| key == *k || key.ends_with(&format!(":{k}")));
            meant
                .then(|| value::real(value))?
                .map(|value| (number, value))
        })
        .collect()
}

/// The values of lines that give a secret's name one.
fn settings(text: &str) -> Vec<(u64, String)> {
    let found = lines(text).filter(|(_, line)| !is_comment(line));
    found
        .flat_map(|(number, line)| {
            let given = assigned::secrets(line, Style::Settings).into_iter();
            given.map(move |given| (number, given.value))
        })
        .collect()
}

fn netrc(text: &str) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    for (number, line) in lines(text).filter(|(_, line)| !is_comment(line)) {
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.windows(2).filter(|pair| pair[0] == "password") {
            found.extend(value::real(pair[1]).map(|value| (number, value)));
        }
    }
    found
}

fn addresses(text: &str) -> Vec<(u64, String)> {
    let numbered = lines(text).filter(|(_, line)| !is_comment(line));
    numbered
        .flat_map(|(number, line)| {
            let found = url::in_text(line).into_iter();
            found.map(move |(_, password)| (number, password.to_owned()))
        })
        .collect()
}

fn registries(text: &str) -> Vec<(u64, String)> {
    let Ok(json) = serde_json::from_str::<Json>(text) else {
        return Vec::new();
    };
    let servers = json.get("auths").unwrap_or(&json).as_object();
    let servers = servers.into_iter().flatten().map(|(_, server)| server);
    let secrets = servers.flat_map(|server| {
        ["auth", "password", "identitytoken", "registrytoken"].map(|key| server[key].as_str())
    });
    let given = secrets.flatten().filter(|secret| !secret.is_empty());
    given
        .map(|secret| {
            let at = text.find(secret).unwrap_or(0);
            (line_of(text, at), secret.to_owned())
        })
        .collect()
}

fn maven(text: &str) -> Vec<(u64, String)> {
    let tags = [
        ("<password>", "</password>"),
        ("<passphrase>", "</passphrase>"),
        ("<master>", "</master>"),
    ];
    let mut found = Vec::new();
    for (open, close) in tags {
        for (at, _) in text.match_indices(open) {
            let rest = &text[at + open.len()..];
            let value = rest.split(close).next().unwrap_or("");
            found.extend(value::real(value).map(|value| (line_of(text, at), value)));
        }
    }
    found
}

fn pgpass(text: &str) -> Vec<(u64, String)> {
    let found = lines(text).filter(|(_, line)| !is_comment(line));
    found
        .filter_map(|(number, line)| {
            let password = line.splitn(5, ':').nth(4)?;
            value::real(password).map(|value| (number, value))
        })
        .collect()
}

/// The line of a place in a text, from 1.
pub(super) fn line_of(text: &str, at: usize) -> u64 {
    text[..at].matches('\n').count() as u64 + 1
}

#[cfg(test)]
mod tests;
