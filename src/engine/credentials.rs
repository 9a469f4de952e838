//! Which registry an image comes from, and the credentials the Docker configuration holds for it.

use std::fmt;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::timeout;

use super::base64;
use super::config::DockerConfig;

/// The name under which Docker Hub's credentials are kept.
const HUB: &str = "https://index.docker.io/v1/";

/// How long a credential helper may take: some ask a keychain.
const HELPER: Duration = Duration::from_secs(30);

/// The most that is read from a credential helper.
const HELPER_LIMIT: u64 = 1024 * 1024;

/// Credentials for one registry.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The name they are kept under.
    pub server: String,
    /// The user, empty beside a token.
    pub username: String,
    /// The password, empty beside a token.
    pub password: String,
    /// A token that stands in for user and password.
    pub identity_token: Option<String>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the secret itself: this text may end in a log.
        write!(f, "Login({} at {})", self.username, self.server)
    }
}

/// The outcome of looking for credentials: it never stands in the way of a public image.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The credentials, if there are any.
    pub login: Option<Login>,
    /// Why they could not be had, for the help of a pull that is then refused.
    pub trouble: Option<String>,
}

/// The registry of an image reference: `docker.io` where it names none.
pub fn registry(reference: &str) -> &str {
    match reference.split_once('/') {
        Some((host, _))
            if host.contains(['.', ':'])
                || host == "localhost"
                || host.chars().any(char::is_uppercase) =>
        {
            host
        }
        _ => "docker.io",
    }
}

/// The name under which a registry's credentials are kept.
pub fn server(registry: &str) -> &str {
    match registry {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => HUB,
        other => other,
    }
}

impl Login {
    /// The value of `X-Registry-Auth`.
    pub fn header(&self) -> String {
        base64::encode_url(self.json().to_string().as_bytes())
    }

    /// The form that the engine's API takes.
    pub fn json(&self) -> Value {
        match &self.identity_token {
            Some(token) => json!({ "identitytoken": token, "serveraddress": self.server }),
            None => json!({
                "username": self.username,
                "password": self.password,
                "serveraddress": self.server,
            }),
        }
    }
}

/// The value of `X-Registry-Config`, by which the classic builder pulls.
pub fn registry_config(logins: &[Login]) -> String {
    let all: serde_json::Map<String, Value> = logins
        .iter()
        .map(|login| (login.server.clone(), login.json()))
        .collect();
    base64::encode_url(Value::Object(all).to_string().as_bytes())
}

impl DockerConfig {
    /// The credentials for the registry of this image reference.
    pub async fn credentials_for(&self, reference: &str) -> Found {
        self.credentials_at(registry(reference)).await
    }

    /// The credentials for this registry: from its helper, the store, or the file.
    pub async fn credentials_at(&self, registry: &str) -> Found {
        let server = server(registry);
        let helper = self
            .cred_helpers
            .get(server)
            .or_else(|| self.cred_helpers.get(registry))
            .or(self.creds_store.as_ref())
            .filter(|name| !name.is_empty());
        let Some(helper) = helper else {
            return Found {
                login: self.kept(server),
                trouble: None,
            };
        };
        match ask_helper(helper, server).await {
            Ok(login) => Found {
                login: login.or_else(|| self.kept(server)),
                trouble: None,
            },
            Err(trouble) => Found {
                login: self.kept(server),
                trouble: Some(trouble),
            },
        }
    }

    /// The credentials kept in the file itself.
    fn kept(&self, server: &str) -> Option<Login> {
        let entry = self.auths.get(server).or_else(|| {
            let wanted = host_of(server);
            let mut same = self
                .auths
                .iter()
                .filter(|(name, _)| host_of(name) == wanted);
            same.next().map(|(_, entry)| entry)
        })?;
        let text = |name: &str| {
            let text = entry.get(name)?.as_str()?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        let pair = text("auth")
            .and_then(|auth| base64::decode(&auth))
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|pair| {
                let (user, password) = pair.split_once(':')?;
                // Some writers of this file end the password with a zero byte.
                Some((user.to_owned(), password.trim_end_matches('\0').to_owned()))
            })
            .or_else(|| Some((text("username")?, text("password")?)));
        let identity_token = text("identitytoken");
        if pair.is_none() && identity_token.is_none() {
            return None;
        }
        let (username, password) = pair.unwrap_or_default();
        Some(Login {
            server: server.to_owned(),
            username,
            password,
            identity_token,
        })
    }
}

/// `https://r.example/v1/` and `r.example` are the same registry.
fn host_of(server: &str) -> &str {
    let rest = server
        .strip_prefix("https://")
        .or_else(|| server.strip_prefix("http://"))
        .unwrap_or(server);
    rest.split('/').next().unwrap_or(rest)
}

/// Asks `docker-credential-NAME`; `None` where it keeps nothing for the server.
async fn ask_helper(name: &str, server: &str) -> Result<Option<Login>, String> {
    let program = format!("docker-credential-{name}");
    if name.contains(['/', '\\']) {
        return Err(format!("`{program}` is not the name of a program"));
    }
    match timeout(HELPER, run_helper(&program, server)).await {
        Err(_) => Err(format!("`{program}` gave no answer within {HELPER:?}")),
        Ok(Err(error)) => Err(format!("`{program}` cannot be run: {error}")),
        Ok(Ok((succeeded, said))) => read_helper(&program, server, succeeded, &said),
    }
}

async fn run_helper(program: &str, server: &str) -> io::Result<(bool, Vec<u8>)> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read its question says so by its answer.
        let _ = stdin.write_all(server.as_bytes()).await;
    }
    let mut said = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(HELPER_LIMIT).read_to_end(&mut said).await?;
    }
    Ok((child.wait().await?.success(), said))
}

fn read_helper(
    program: &str,
    server: &str,
    succeeded: bool,
    said: &[u8],
) -> Result<Option<Login>, String> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "Username", default)]
        username: String,
        #[serde(rename = "Secret", default)]
        secret: String,
    }
    if !succeeded {
        let said = String::from_utf8_lossy(said);
        return if said.contains("credentials not found") {
            Ok(None)
        } else {
            Err(format!("`{program}` failed: {}", said.trim()))
        };
    }
    let answer: Answer = serde_json::from_slice(said)
        // The answer holds a secret: only the place of the error may be told.
        .map_err(|error| {
            format!(
                "`{program}` gave an answer that cannot be read (line {}, column {})",
                error.line(),
                error.column()
            )
        })?;
    let server = server.to_owned();
    Ok(match answer.username.as_str() {
        "" => None,
        "<token>" => Some(Login {
            server,
            username: String::new(),
            password: String::new(),
            identity_token: Some(answer.secret),
        }),
        _ => Some(Login {
            server,
            username: answer.username,
            password: answer.secret,
            identity_token: None,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_read_from_a_reference_as_docker_reads_it() {
        for (reference, expected) in [
            ("debian", "docker.io"),
            ("library/debian:12", "docker.io"),
            ("prom/prometheus", "docker.io"),
            ("localhost/x", "localhost"),
            ("localhost:5000/x", "localhost:5000"),
            ("ghcr.io/a/b@sha256:00", "ghcr.io"),
            ("docker.io/library/debian", "docker.io"),
        ] {
            assert_eq!(registry(reference), expected, "{reference}");
        }
        assert_eq!(server("docker.io"), HUB);
    }

    fn config() -> DockerConfig {
        DockerConfig::parse(&format!(
            r#"{{"auths": {{
                "https://index.docker.io/v1/": {{"auth": "{}"}},
                "https://old.example/v1/": {{"username": "u", "password": "p"}},
                "token.example": {{"identitytoken": "t"}},
                "empty.example": {{}},
                "odd.example": 7
            }}}}"#,
            base64::encode(b"me:se:cret")
        ))
        .unwrap()
    }

    #[test]
    fn credentials_in_the_file_are_found() {
        let config = config();
        let hub = config.kept(server("docker.io")).unwrap();
        assert_eq!(
            (hub.username.as_str(), hub.password.as_str()),
            ("me", "se:cret")
        );
        assert_eq!(config.kept("old.example").unwrap().username, "u");
        let token = config.kept("token.example").unwrap();
        assert_eq!(token.identity_token.as_deref(), Some("t"));
        assert_eq!(config.kept("empty.example"), None);
        assert_eq!(config.kept("odd.example"), None);
        assert_eq!(config.kept("other.example"), None);
    }

    #[test]
    fn the_header_is_the_json_in_url_safe_base64_and_debug_hides_the_secret() {
        let login = config().kept(HUB).unwrap();
        let decoded = base64::decode(&login.header()).unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&decoded).unwrap(),
            login.json()
        );
        assert!(!format!("{login:?}").contains("cret"));
    }

    #[test]
    fn a_helper_is_understood() {
        let read = |succeeded, said: &str| read_helper("h", "s", succeeded, said.as_bytes());
        let token = read(true, r#"{"Username":"<token>","Secret":"t"}"#)
            .unwrap()
            .unwrap();
        assert_eq!(token.identity_token.as_deref(), Some("t"));
        let login = read(true, r#"{"Username":"u","Secret":"p"}"#)
            .unwrap()
            .unwrap();
        assert_eq!(login.password, "p");
        assert_eq!(
            read(false, "credentials not found in native keychain\n"),
            Ok(None)
        );
        assert_eq!(read(false, "locked").unwrap_err(), "`h` failed: locked");
        let broken = read(true, r#"{"Secret":"hush" oops"#).unwrap_err();
        assert!(!broken.contains("hush"), "{broken}");
    }

    #[tokio::test]
    async fn a_helper_that_is_not_there_leaves_a_word_and_no_fault() {
        let config = DockerConfig::parse(r#"{"credsStore": "no-such-helper-at-all"}"#).unwrap();
        let found = config.credentials_for("debian").await;
        assert_eq!(found.login, None);
        assert!(
            found
                .trouble
                .unwrap()
                .contains("docker-credential-no-such-helper-at-all")
        );
    }
}
