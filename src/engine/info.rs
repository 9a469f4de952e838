//! What an engine says of itself, for those who look after it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::api::Ping;
use super::ask::Ask;
use super::version::ApiVersion;
use super::{Engine, Result};
use crate::fact::reading::Place;

/// An engine, as it describes itself. What it does not say is empty or `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EngineFacts {
    /// `docker` or `podman`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The newest API version it speaks.
    pub api_newest: String,
    /// The oldest API version it speaks.
    pub api_oldest: Option<String>,
    /// The API version that is spoken with it.
    pub api_spoken: String,
    /// `linux` or `windows`.
    pub os: Option<String>,
    /// As the engine writes it: `amd64`, `x86_64`, …
    pub architecture: Option<String>,
    /// The distribution.
    pub distribution: Option<String>,
    /// The kernel's version.
    pub kernel: Option<String>,
    /// `overlay2`, `fuse-overlayfs`, …
    pub storage_driver: Option<String>,
    /// Where it keeps its data, on its machine.
    pub root_folder: Option<String>,
    /// `1` or `2`.
    pub cgroup_version: Option<String>,
    /// `systemd`, `cgroupfs`; `none` where limits cannot be set.
    pub cgroup_driver: Option<String>,
    /// `name=seccomp,profile=default`, …
    pub security_options: Vec<String>,
    /// Whether it runs as an ordinary user.
    pub rootless: bool,
    /// Whether it builds with `BuildKit`.
    pub buildkit: bool,
    /// The proxy by which it pulls over HTTP.
    pub http_proxy: Option<String>,
    /// The proxy by which it pulls over HTTPS.
    pub https_proxy: Option<String>,
    /// Where it uses no proxy.
    pub no_proxy: Option<String>,
    /// What it complains about.
    pub warnings: Vec<String>,
    /// CPUs.
    pub cpus: Option<u64>,
    /// Bytes of memory.
    pub memory: Option<u64>,
}

impl Engine {
    /// What the engine says of itself.
    pub async fn facts(&self) -> Result<EngineFacts> {
        let info: Value = self
            .api()
            .json(Ask::get("ask the engine about itself", "/info"))
            .await?;
        let version: Value = self
            .api()
            .json(Ask::get("ask the engine for its version", "/version"))
            .await?;
        let spoken = self.api().version();
        Ok(EngineFacts::read(
            &info,
            &version,
            self.api().ping(),
            spoken,
        ))
    }
}

impl EngineFacts {
    /// Reads an engine's answers to `/info`, `/version` and a ping.
    pub fn read(info: &Value, version: &Value, ping: &Ping, spoken: ApiVersion) -> Self {
        let (info, version) = (Place::root(info), Place::root(version));
        let podman = ping.libpod.is_some();
        let security_options = info.at("SecurityOptions").texts();
        let os = info.at("OSType").text().or_else(|| ping.os.clone());
        Self {
            name: if podman { "podman" } else { "docker" }.to_owned(),
            version: version.at("Version").text_or_empty(),
            api_newest: ping.api.to_string(),
            api_oldest: version.at("MinAPIVersion").text(),
            api_spoken: spoken.to_string(),
            buildkit: buildkit(ping, os.as_deref()),
            os,
            architecture: version
                .at("Arch")
                .text()
                .or_else(|| info.at("Architecture").text()),
            distribution: info.at("OperatingSystem").text(),
            kernel: info.at("KernelVersion").text(),
            storage_driver: info.at("Driver").text(),
            root_folder: info.at("DockerRootDir").text(),
            // Docker before 20.10 does not say, and knows only the first.
            cgroup_version: info.at("CgroupVersion").text(),
            cgroup_driver: info.at("CgroupDriver").text(),
            rootless: security_options
                .iter()
                .any(|option| option.contains("name=rootless")),
            security_options,
            http_proxy: info.at("HttpProxy").text(),
            https_proxy: info.at("HttpsProxy").text(),
            no_proxy: info.at("NoProxy").text(),
            warnings: info.at("Warnings").texts(),
            cpus: info.at("NCPU").limit(),
            memory: info.at("MemTotal").limit(),
        }
    }
}

/// Docker has had `BuildKit` behind its API since 1.39, for Linux; podman builds in its own way.
fn buildkit(ping: &Ping, os: Option<&str>) -> bool {
    let linux = os.is_none_or(|os| os == "linux");
    ping.libpod.is_none() && linux && ping.api >= ApiVersion::new(1, 39)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ping(libpod: Option<&str>) -> Ping {
        Ping {
            api: ApiVersion::new(1, 41),
            os: Some("linux".to_owned()),
            builder: None,
            libpod: libpod.map(str::to_owned),
        }
    }

    #[test]
    fn a_recorded_engine_is_read() {
        let info = serde_json::from_str(include_str!("../../fixtures/engine/info.json")).unwrap();
        let version =
            serde_json::from_str(include_str!("../../fixtures/engine/version.json")).unwrap();
        let facts = EngineFacts::read(&info, &version, &ping(None), ApiVersion::new(1, 41));
        assert_eq!(
            (facts.name.as_str(), facts.version.as_str()),
            ("docker", "20.10.24+dfsg1")
        );
        assert_eq!(facts.api_oldest.as_deref(), Some("1.12"));
        assert_eq!(facts.storage_driver.as_deref(), Some("fuse-overlayfs"));
        assert_eq!(facts.cgroup_version.as_deref(), Some("1"));
        assert_eq!(facts.architecture.as_deref(), Some("amd64"));
        assert!(facts.buildkit && !facts.rootless);
        assert_eq!(facts.http_proxy, None);
        assert_eq!(facts.cpus, Some(2));
        let text = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<EngineFacts>(&text).unwrap(), facts);
    }

    #[test]
    fn podman_and_windows_have_no_buildkit() {
        assert!(!buildkit(&ping(Some("4.3.1")), Some("linux")));
        assert!(!buildkit(&ping(None), Some("windows")));
    }
}
