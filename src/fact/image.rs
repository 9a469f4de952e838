//! What an engine says of an image.

mod steps;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::moment::Moment;
use super::reading::Place;

/// An image as its engine describes it. What the image does not say is empty or `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageFacts {
    /// The image's id, `sha256:…`.
    pub id: String,
    /// Names with tags.
    pub tags: Vec<String>,
    /// Names with digests.
    pub digests: Vec<String>,
    /// When it was made.
    pub created: Option<Moment>,
    /// Bytes of all its layers.
    pub size: u64,
    /// The user its process starts as; none is root.
    pub user: Option<String>,
    /// The folder its process starts in.
    pub workdir: Option<String>,
    /// `ENTRYPOINT`.
    pub entrypoint: Vec<String>,
    /// `CMD`.
    pub cmd: Vec<String>,
    /// `NAME=value`, in the image's order.
    pub env: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// `8080/tcp`, sorted.
    pub exposed_ports: Vec<String>,
    /// Declared volumes, sorted.
    pub volumes: Vec<String>,
    /// The signal that stops it.
    pub stop_signal: Option<String>,
    /// The declared health check.
    pub healthcheck: Option<Healthcheck>,
    /// `ONBUILD` instructions.
    pub on_build: Vec<String>,
    /// The shell of its shell-form instructions, where it declares one.
    pub shell: Vec<String>,
    /// `amd64`, `arm64`, …
    pub architecture: Option<String>,
    /// `linux`.
    pub os: Option<String>,
    /// `v7`, … for some architectures.
    pub variant: Option<String>,
    /// The digests of its layers' contents, the lowest first.
    pub layers: Vec<String>,
    /// How it was made, the newest step first.
    pub history: Vec<HistoryStep>,
}

/// A health check as an image or container declares it. Times in nanoseconds, none is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Healthcheck {
    /// `CMD` or `CMD-SHELL` and the command, or `NONE`.
    pub test: Vec<String>,
    /// Between two checks.
    pub interval: Option<u64>,
    /// What a check may take.
    pub timeout: Option<u64>,
    /// While failures do not count.
    pub start_period: Option<u64>,
    /// Between two checks in the start period.
    pub start_interval: Option<u64>,
    /// Failures in a row that make it unhealthy.
    pub retries: Option<u64>,
}

/// A step of an image's history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryStep {
    /// The command, as the builder wrote it.
    pub created_by: String,
    /// Seconds since 1970.
    pub created: Option<i64>,
    /// Bytes it added.
    pub size: u64,
    /// A word of the builder.
    pub comment: String,
    /// The names that this step alone has.
    pub tags: Vec<String>,
}

impl ImageFacts {
    /// The digest by which a registry knows it under this name, as the engine was told when it was pulled or pushed.
    pub fn digest_as(&self, name: &str) -> Option<&str> {
        let name = short(name.split('@').next().unwrap_or(name));
        // A colon before the last slash is that of a port.
        let repository = match name.rsplit_once(':') {
            Some((front, tag)) if !tag.contains('/') => front,
            _ => name,
        };
        let mut digests = self.digests.iter().filter_map(|one| one.split_once('@'));
        let own = digests.find(|(known, _)| short(known) == repository);
        own.map(|(_, digest)| digest)
    }

    /// Reads what the engine answered to an inspection and, if it was asked, to its history.
    pub fn read(inspected: &Value, history: Option<&Value>) -> Self {
        let image = Place::root(inspected);
        let config = image.at("Config");
        Self {
            id: image.at("Id").text_or_empty(),
            tags: image.at("RepoTags").texts(),
            digests: image.at("RepoDigests").texts(),
            created: image.at("Created").moment(),
            size: image.at("Size").limit().unwrap_or(0),
            user: config.at("User").text(),
            workdir: config.at("WorkingDir").text(),
            entrypoint: config.at("Entrypoint").texts(),
            cmd: config.at("Cmd").texts(),
            env: config.at("Env").texts(),
            labels: config.at("Labels").map(),
            exposed_ports: config.at("ExposedPorts").names(),
            volumes: config.at("Volumes").names(),
            stop_signal: config.at("StopSignal").text(),
            healthcheck: Healthcheck::read(config.at("Healthcheck")),
            on_build: config.at("OnBuild").texts(),
            shell: config.at("Shell").texts(),
            architecture: image.at("Architecture").text(),
            os: image.at("Os").text(),
            variant: image.at("Variant").text(),
            layers: image.at("RootFS").at("Layers").texts(),
            history: history.map(read_history).unwrap_or_default(),
        }
    }
}

impl Healthcheck {
    /// Reads a declared check; one without a test inherits everything and declares nothing.
    pub(super) fn read(place: Place<'_>) -> Option<Self> {
        let test = place.at("Test").texts();
        (!test.is_empty()).then(|| Self {
            test,
            interval: place.at("Interval").limit(),
            timeout: place.at("Timeout").limit(),
            start_period: place.at("StartPeriod").limit(),
            start_interval: place.at("StartInterval").limit(),
            retries: place.at("Retries").limit(),
        })
    }
}

fn read_history(answer: &Value) -> Vec<HistoryStep> {
    Place::root(answer)
        .list()
        .map(|step| HistoryStep {
            created_by: step.at("CreatedBy").text_or_empty(),
            created: step.at("Created").number(),
            size: step.at("Size").limit().unwrap_or(0),
            comment: step.at("Comment").text_or_empty(),
            tags: step.at("Tags").texts(),
        })
        .collect()
}

/// A name without what engines leave out of it.
fn short(name: &str) -> &str {
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_name_is_that_of_its_repository() {
        let image = ImageFacts {
            digests: vec![
                "debian@sha256:d1".to_owned(),
                "registry:5000/app@sha256:a1".to_owned(),
            ],
            ..ImageFacts::default()
        };
        for (name, digest) in [
            ("debian:12", Some("sha256:d1")),
            ("debian", Some("sha256:d1")),
            ("docker.io/library/debian:12-slim", Some("sha256:d1")),
            ("registry:5000/app:1.2", Some("sha256:a1")),
            ("registry:5000/app", Some("sha256:a1")),
            ("registry:5000/app@sha256:a1", Some("sha256:a1")),
            ("registry:5000/other:1.2", None),
            ("app:1.2", None),
        ] {
            assert_eq!(image.digest_as(name), digest, "{name}");
        }
    }

    fn recorded() -> ImageFacts {
        let image = include_str!("../../fixtures/engine/image.json");
        let history = include_str!("../../fixtures/engine/image-history.json");
        ImageFacts::read(
            &serde_json::from_str(image).unwrap(),
            Some(&serde_json::from_str(history).unwrap()),
        )
    }

    #[test]
    fn a_recorded_image_is_read_whole() {
        let facts = recorded();
        assert!(facts.id.starts_with("sha256:"));
        assert_eq!(facts.tags, ["play:1"]);
        assert_eq!(facts.size, 1_242_792);
        assert_eq!(facts.user.as_deref(), Some("1000:1000"));
        assert_eq!(facts.workdir.as_deref(), Some("/work"));
        assert_eq!(facts.entrypoint, ["/helper"]);
        assert_eq!(facts.cmd, ["serve"]);
        assert_eq!(facts.env[1..], ["A=b", "EMPTY=", "SPACE=a b=c"]);
        assert_eq!(facts.labels["io.seaworthy.test"], "play");
        assert_eq!(facts.exposed_ports, ["53/udp", "8080/tcp"]);
        assert_eq!(facts.volumes, ["/data"]);
        assert_eq!(facts.stop_signal.as_deref(), Some("SIGINT"));
        assert_eq!(facts.on_build, ["RUN true"]);
        assert_eq!(
            (facts.os.as_deref(), facts.architecture.as_deref()),
            (Some("linux"), Some("amd64"))
        );
        assert_eq!(facts.layers.len(), 2);
        assert_eq!(facts.history.len(), 12);
        assert!(facts.history[0].created_by.ends_with("CMD [\"serve\"]"));
        assert_eq!(facts.history[0].tags, ["play:1"]);
        assert_eq!(facts.history[11].size, 1_242_792);
        let check = facts.healthcheck.unwrap();
        assert_eq!(check.test, ["CMD", "/helper", "exit", "1"]);
        assert_eq!(
            (
                check.interval,
                check.timeout,
                check.start_period,
                check.retries
            ),
            (
                Some(1_000_000_000),
                Some(2_000_000_000),
                Some(3_000_000_000),
                Some(4)
            )
        );
        assert_eq!(check.start_interval, None);
    }

    #[test]
    fn facts_survive_being_written_and_read() {
        let facts = recorded();
        let text = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<ImageFacts>(&text).unwrap(), facts);
    }

    #[test]
    fn what_is_missing_or_null_is_absent() {
        let nothing = ImageFacts::read(&serde_json::json!({}), None);
        assert_eq!(nothing, ImageFacts::default());
        let nulls = serde_json::json!({
            "Config": { "Entrypoint": null, "Labels": null, "Volumes": null, "Healthcheck": {} },
            "RepoTags": null,
            "Created": "0001-01-01T00:00:00Z",
            "Size": -1
        });
        assert_eq!(ImageFacts::read(&nulls, None), ImageFacts::default());
    }
}
