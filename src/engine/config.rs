//! The Docker CLI's `config.json`, as far as it matters here: context, credentials, proxies.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// What `config.json` says.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DockerConfig {
    /// The context chosen by `docker context use`.
    pub current_context: Option<String>,
    /// The program that keeps credentials: `docker-credential-…`.
    pub creds_store: Option<String>,
    /// Such a program for single registries.
    pub cred_helpers: BTreeMap<String, String>,
    /// Credentials kept in the file itself. Looked at only when they are needed.
    pub(crate) auths: BTreeMap<String, Value>,
    /// Proxy settings by engine address, or `default`.
    pub proxies: BTreeMap<String, Proxies>,
}

/// Proxy settings that are handed on to builds and containers.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Proxies {
    #[serde(rename = "httpProxy")]
    http: Option<String>,
    #[serde(rename = "httpsProxy")]
    https: Option<String>,
    #[serde(rename = "noProxy")]
    except: Option<String>,
    #[serde(rename = "ftpProxy")]
    ftp: Option<String>,
    #[serde(rename = "allProxy")]
    all: Option<String>,
}

impl fmt::Debug for DockerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never what it holds: passwords, and proxies with passwords in them.
        f.debug_struct("DockerConfig").finish_non_exhaustive()
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").finish_non_exhaustive()
    }
}

impl DockerConfig {
    /// Reads the file's text; what is wrong with it, if it cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// The proxy variables for builds and containers on the engine at `address`,
    /// each in capitals and in small letters, as the Docker CLI sets them.
    pub fn proxy_variables(&self, address: &str) -> Vec<(String, String)> {
        let Some(proxies) = self
            .proxies
            .get(address)
            .or_else(|| self.proxies.get("default"))
        else {
            return Vec::new();
        };
        let named = [
            ("HTTP_PROXY", &proxies.http),
            ("HTTPS_PROXY", &proxies.https),
            ("NO_PROXY", &proxies.except),
            ("FTP_PROXY", &proxies.ftp),
            ("ALL_PROXY", &proxies.all),
        ];
        named
            .into_iter()
            .filter_map(|(name, value)| {
                let value = value.as_ref().filter(|value| !value.is_empty())?;
                Some([
                    (name.to_owned(), value.clone()),
                    (name.to_lowercase(), value.clone()),
                ])
            })
            .flatten()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_of_the_engine_go_before_the_default() {
        let config = DockerConfig::parse(
            r#"{"proxies": {
                "default": {"httpProxy": "http://p:1", "noProxy": "a,b", "ftpProxy": ""},
                "tcp://far:2376": {"httpsProxy": "http://q:2"}
            }, "something": {"else": 1}}"#,
        )
        .unwrap();
        let names = |address: &str| {
            config
                .proxy_variables(address)
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names("unix:///var/run/docker.sock"),
            [
                "HTTP_PROXY=http://p:1",
                "http_proxy=http://p:1",
                "NO_PROXY=a,b",
                "no_proxy=a,b"
            ]
        );
        assert_eq!(
            names("tcp://far:2376"),
            ["HTTPS_PROXY=http://q:2", "https_proxy=http://q:2"]
        );
    }

    #[test]
    fn secrets_are_not_in_what_debug_shows() {
        let text = r#"{"auths": {"a": {"auth": "aHVzaA=="}}, "proxies": {"default": {"httpProxy": "http://u:hush@p"}}}"#;
        let shown = format!("{:?}", DockerConfig::parse(text).unwrap());
        assert!(
            !shown.contains("hush") && !shown.contains("aHVzaA"),
            "{shown}"
        );
    }

    #[test]
    fn an_empty_file_is_an_empty_configuration_and_a_broken_one_is_an_error() {
        assert!(DockerConfig::parse(" \n").unwrap().auths.is_empty());
        assert!(DockerConfig::parse("{").is_err());
    }
}
