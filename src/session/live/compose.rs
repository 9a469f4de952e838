//! A container that the Compose tool has made.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use super::credentials::Known;
use super::{GRACE, Live};
use crate::engine::Result;
use crate::engine::certificates::Certificates;
use crate::fact::image::ImageFacts;
use crate::session::Session;
use crate::session::compose::Placed;
use crate::session::compose::ports::Published;
use crate::session::create::Join;
use crate::suite::grant::Reach;
use crate::text::cpus::Cpus;

/// What a Compose file says of a container.
#[derive(Debug, Clone, Default)]
pub struct OfFile {
    /// The ports that it declares, in place of those that the container was made with.
    pub published: Published,
    /// The processors that it wants to be kept for it.
    pub reserved_cpus: Option<Cpus>,
    /// How its service is described.
    pub said: Map<String, Json>,
    /// Files that are written into it, as an archive of its root.
    pub given: Option<Bytes>,
}

/// Where a container of a project stands.
#[derive(Debug, Clone, Default)]
pub struct Placing {
    /// The networks that it is on, the one that it was made on first.
    pub joins: Vec<Join>,
    /// Every network of the project, with the place that it has or would have there.
    pub known: Vec<Join>,
    /// Volumes as the engine calls them, and as the Compose file does.
    pub volumes: Vec<(String, String)>,
    /// What of this machine it mounts.
    pub binds: Vec<PathBuf>,
    /// What it may reach of this machine.
    pub reach: Reach,
    /// The folder that the suite's paths are relative to.
    pub folder: PathBuf,
    /// What the suite has had made for this run.
    pub certificates: Option<Arc<Certificates>>,
    /// The volume on the engine that it reads them in.
    pub holds: Option<String>,
    /// The names of all containers of the project, by their ids.
    pub names: BTreeMap<String, String>,
}

impl Live {
    /// The container, which is there and not started.
    pub fn of_compose(session: &Session, placed: &Placed, placing: Placing) -> Self {
        let mut body = body(&placed.inspected, placing.joins.first());
        by_name(&mut body, &placing.names);
        let seconds = body["StopTimeout"].as_u64();
        let policy = body["HostConfig"]["RestartPolicy"]["Name"].as_str();
        let restarts = !matches!(policy, None | Some("" | "no"));
        let mut live = Self::new(session, &placed.image, body, true);
        live.name.clone_from(&placed.name);
        live.service.clone_from(&placed.service);
        live.joins = placing.joins;
        live.known = placing.known;
        live.volume_names = placing.volumes;
        live.binds = placing.binds;
        live.reach = placing.reach;
        live.of_file = Some(OfFile {
            published: placed.published.clone(),
            reserved_cpus: placed.reserved_cpus,
            said: placed.said.clone(),
            given: placed.given.clone(),
        });
        live.added.clone_from(&placed.added);
        live.grace = seconds.map_or(GRACE, Duration::from_secs);
        live.restarts = restarts;
        live.credentials = Known {
            folder: placing.folder,
            certificates: placing.certificates,
            volume: placing.holds,
        };
        live
    }

    /// How long the engine would wait until it calls the container unhealthy. What it was not made with is
    /// the image's word.
    pub fn patience(&self) -> Duration {
        let check = &self.body["Healthcheck"];
        let declared = self.image.facts.healthcheck.clone().unwrap_or_default();
        let said = |key: &str, of_image: Option<u64>| {
            let own = check[key].as_u64().filter(|n| *n > 0);
            own.or(of_image.filter(|n| *n > 0))
        };
        let nanos = |key: &str, of_image, otherwise| match said(key, of_image) {
            Some(nanos) => Duration::from_nanos(nanos),
            None => Duration::from_secs(otherwise),
        };
        let each =
            nanos("Interval", declared.interval, 30) + nanos("Timeout", declared.timeout, 30);
        let retries = said("Retries", declared.retries).unwrap_or(3);
        let retries = u32::try_from(retries).unwrap_or(u32::MAX);
        let start = nanos("StartPeriod", declared.start_period, 0);
        start.saturating_add(each.saturating_mul(retries))
    }

    /// Takes out of what it is made from what came of its image, before it gets another.
    pub(super) fn without_image(&mut self) {
        if let Some(file) = &self.of_file {
            without(&mut self.body, &self.image.facts, &file.said);
        }
    }

    /// Writes the files into it that its service has and that are in no volume.
    pub(in crate::session) async fn give(&mut self) -> Result<()> {
        let given = self.of_file.as_ref().and_then(|file| file.given.clone());
        match given {
            Some(tar) => {
                let containers = self.session.engine.containers();
                containers.unpack(&self.name, "/", tar).await
            }
            None => Ok(()),
        }
    }
}

/// What the engine is asked to make the same container again.
fn body(inspected: &Json, first: Option<&Join>) -> Json {
    let mut body = inspected["Config"].clone();
    body["HostConfig"] = inspected["HostConfig"].clone();
    let id = inspected["Id"].as_str().unwrap_or_default();
    let given = body["Hostname"]
        .as_str()
        .is_some_and(|name| !name.is_empty() && id.starts_with(name));
    if let Some(body) = body.as_object_mut().filter(|_| given) {
        body.shift_remove("Hostname");
    }
    let mode = body["HostConfig"]["NetworkMode"].as_str();
    if mode.is_some_and(|mode| mode.starts_with("container:"))
        && let Some(body) = body.as_object_mut()
    {
        // The image's, which the engine adds by itself and takes from nobody here.
        body.shift_remove("ExposedPorts");
    }
    // podman tells a limit of processors in both ways, and takes one of them.
    if let Some(host) = body["HostConfig"].as_object_mut()
        && host
            .get("NanoCpus")
            .and_then(Json::as_u64)
            .is_some_and(|cpus| cpus > 0)
    {
        host.shift_remove("CpuPeriod");
        host.shift_remove("CpuQuota");
    }
    if let Some(join) = first {
        let settings = join.settings();
        body["NetworkingConfig"] = json!({ "EndpointsConfig": { join.network.clone(): settings } });
    }
    body
}

/// Calls containers by name that it shares something with: one that is made again has another id.
fn by_name(body: &mut Json, names: &BTreeMap<String, String>) {
    for key in ["NetworkMode", "IpcMode", "PidMode"] {
        let Some(mode) = body["HostConfig"].get_mut(key) else {
            continue;
        };
        let id = mode
            .as_str()
            .and_then(|mode| mode.strip_prefix("container:"));
        if let Some(name) = id.and_then(|id| names.get(id)) {
            *mode = json!(format!("container:{name}"));
        }
    }
}

/// Takes out what an image says of a container and the Compose file does not: the engine has told both as one.
fn without(body: &mut Json, image: &ImageFacts, said: &Map<String, Json>) {
    let says = |key: &str| said.get(key).is_some_and(|value| !value.is_null());
    let name = |text: &str| text.split('=').next().unwrap_or(text).to_owned();
    let listed = |key: &str, wanted: &str| match said.get(key) {
        Some(Json::Object(map)) => map.contains_key(wanted),
        Some(Json::Array(list)) => {
            let mut texts = list.iter().filter_map(Json::as_str);
            texts.any(|text| name(text) == wanted)
        }
        _ => false,
    };
    if let Some(env) = body["Env"].as_array_mut() {
        env.retain(|one| {
            let text = one.as_str().unwrap_or_default();
            listed("environment", &name(text)) || !image.env.iter().any(|own| own == text)
        });
    }
    if let Some(labels) = body["Labels"].as_object_mut() {
        labels.retain(|label, value| {
            let of_image = image.labels.get(label).is_some_and(|own| *value == *own);
            listed("labels", label) || !of_image
        });
    }
    let published: Vec<String> = match body["HostConfig"]["PortBindings"].as_object() {
        Some(ports) => ports.keys().cloned().collect(),
        None => Vec::new(),
    };
    if let Some(ports) = body["ExposedPorts"].as_object_mut() {
        ports.retain(|port, _| published.contains(port) || !image.exposed_ports.contains(port));
    }
    if let Some(volumes) = body["Volumes"].as_object_mut() {
        volumes.retain(|at, _| !image.volumes.contains(at));
    }
    let Some(body) = body.as_object_mut() else {
        return;
    };
    // A command of the image's goes with its entrypoint.
    if !says("entrypoint") {
        body.shift_remove("Entrypoint");
        if !says("command") {
            body.shift_remove("Cmd");
        }
    }
    for (key, ours) in [
        ("user", "User"),
        ("working_dir", "WorkingDir"),
        ("stop_signal", "StopSignal"),
    ] {
        if !says(key) {
            body.shift_remove(ours);
        }
    }
    let check = said.get("healthcheck").unwrap_or(&Json::Null);
    if check.is_null() {
        body.shift_remove("Healthcheck");
    } else if check["disable"] != Json::Bool(true)
        && let Some(all) = body.get_mut("Healthcheck").and_then(Json::as_object_mut)
    {
        for (key, ours) in [
            ("test", "Test"),
            ("interval", "Interval"),
            ("timeout", "Timeout"),
            ("start_period", "StartPeriod"),
            ("start_interval", "StartInterval"),
            ("retries", "Retries"),
        ] {
            if check[key].is_null() {
                all.shift_remove(ours);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::image::Healthcheck;

    #[test]
    fn of_two_ways_to_say_how_many_processors_it_has_podman_is_told_one() {
        let recorded = include_str!("../../../fixtures/engine/container-podman-stopped.json");
        let told: Json = serde_json::from_str(recorded).unwrap();
        assert_eq!(told["HostConfig"]["CpuQuota"], 50_000);
        let asked = body(&told, None);
        assert_eq!(asked["HostConfig"]["NanoCpus"], 500_000_000);
        for key in ["CpuPeriod", "CpuQuota"] {
            assert_eq!(asked["HostConfig"].get(key), None, "{key}");
        }
    }

    #[test]
    fn of_another_image_only_what_the_file_says_stays() {
        let image = ImageFacts {
            env: ["PATH=/bin", "MODE=slow", "SAME=1"]
                .map(str::to_owned)
                .into(),
            labels: [("of", "image"), ("both", "1")]
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
                .into(),
            exposed_ports: ["80/tcp", "81/tcp"].map(str::to_owned).into(),
            volumes: vec!["/data".to_owned()],
            healthcheck: Some(Healthcheck::default()),
            ..ImageFacts::default()
        };
        let made = json!({
            "Env": ["MODE=fast", "SAME=1", "OWN=2", "PATH=/bin"],
            "Labels": { "of": "image", "both": "1", "own": "2" },
            "ExposedPorts": { "80/tcp": {}, "81/tcp": {}, "82/tcp": {} },
            "Volumes": { "/data": {}, "/own": {} },
            "Entrypoint": ["/run"], "Cmd": ["serve"], "User": "7", "WorkingDir": "/app", "StopSignal": "INT",
            "Healthcheck": { "Test": ["CMD", "x"], "Interval": 5, "Retries": 9 },
            "HostConfig": { "PortBindings": { "81/tcp": [] }, "Memory": 5 },
        });
        let after = |said: Json| {
            let mut body = made.clone();
            without(&mut body, &image, said.as_object().unwrap());
            body
        };
        let body = after(json!({
            "environment": { "MODE": "fast", "SAME": "1", "OWN": "2" },
            "labels": ["both=1", "own=2"],
            "healthcheck": { "interval": "5s" },
        }));
        let expected = json!({
            "Env": ["MODE=fast", "SAME=1", "OWN=2"],
            "Labels": { "both": "1", "own": "2" },
            "ExposedPorts": { "81/tcp": {}, "82/tcp": {} },
            "Volumes": { "/own": {} },
            "Healthcheck": { "Interval": 5 },
            "HostConfig": { "PortBindings": { "81/tcp": [] }, "Memory": 5 },
        });
        assert_eq!(body, expected);
        let body =
            after(json!({ "command": ["serve"], "user": "7", "healthcheck": { "disable": true } }));
        for (key, there) in [
            ("Entrypoint", false),
            ("Cmd", true),
            ("User", true),
            ("WorkingDir", false),
        ] {
            assert_eq!(!body[key].is_null(), there, "{key}");
        }
        assert_eq!(body["Healthcheck"], made["Healthcheck"]);
        let body =
            after(json!({ "entrypoint": ["/run"], "working_dir": "/app", "stop_signal": "INT" }));
        for key in ["Entrypoint", "Cmd", "WorkingDir", "StopSignal"] {
            assert_eq!(body[key], made[key], "{key}");
        }
        assert_eq!(
            (&body["User"], &body["Healthcheck"]),
            (&Json::Null, &Json::Null)
        );
    }

    #[test]
    fn what_it_shares_with_another_is_found_by_that_ones_name() {
        let mut body = json!({ "HostConfig": {
            "NetworkMode": "container:1f", "IpcMode": "container:2f", "PidMode": "host",
        } });
        by_name(&mut body, &[("1f".to_owned(), "p_web_1".to_owned())].into());
        let shared = json!({
            "NetworkMode": "container:p_web_1", "IpcMode": "container:2f", "PidMode": "host",
        });
        assert_eq!(body["HostConfig"], shared);
    }

    #[test]
    fn what_is_made_again_is_the_same_but_for_the_name_that_came_of_its_id() {
        let inspected = |hostname: &str| {
            json!({
                "Id": "12f4690703fdbfc0",
                "Config": { "Hostname": hostname, "Image": "a", "Labels": { "x": "y" } },
                "HostConfig": { "Memory": 5 },
            })
        };
        let join = Join {
            network: "p_default".into(),
            aliases: vec!["web".into()],
            ..Join::default()
        };
        let made = body(&inspected("12f4690703fd"), Some(&join));
        assert_eq!(made["Hostname"], Json::Null);
        assert_eq!(made["HostConfig"]["Memory"], 5);
        assert_eq!(made["Labels"]["x"], "y");
        let there = &made["NetworkingConfig"]["EndpointsConfig"]["p_default"];
        assert_eq!(there["Aliases"], json!(["web"]));
        assert_eq!(body(&inspected("web"), None)["Hostname"], "web");
        let mut shared = inspected("12f4690703fd");
        shared["Config"]["ExposedPorts"] = json!({ "80/tcp": {} });
        assert_eq!(body(&shared, None)["ExposedPorts"]["80/tcp"], json!({}));
        shared["HostConfig"]["NetworkMode"] = json!("container:1f");
        assert_eq!(body(&shared, None).get("ExposedPorts"), None);
        assert_eq!(body(&inspected(""), None)["Hostname"], "");
    }
}
