//! Which registry an image comes from, and the credentials the Docker configuration holds for it.

mod helper;

use std::fmt;

use serde_json::{Value, json};

use super::config::DockerConfig;
use crate::text::base64;

/// The name under which Docker Hub's credentials are kept.
const HUB: &str = "https://index.docker.io/v1/";

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
        match helper::ask(helper, server).await {
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
