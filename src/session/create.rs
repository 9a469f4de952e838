//! From a suite's `run` to what an engine is asked to make. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::suite::mount::{Mount, Origin};
use crate::suite::publish::Publish;
use crate::suite::rights::Device;
use crate::suite::run::Run;
use crate::suite::settings::{Healthcheck, nanos};
use crate::text::source::Spanned;
use crate::text::units::Port;

/// What a container is made from beside its `run`.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The image's id.
    pub image: String,
    /// Labels of the run.
    pub labels: BTreeMap<String, String>,
    /// The probe's volume.
    pub probe: String,
    /// Names of the suite's volumes to names on the engine.
    pub volumes: BTreeMap<String, String>,
    /// Sources of bind mounts to paths of this machine.
    pub binds: BTreeMap<String, String>,
    /// Variables from `env_file`.
    pub env_files: Vec<(String, String)>,
    /// Ports that requests of this machine go to.
    pub reached: Vec<u16>,
    /// The network that it is made on, where it is one of the suite's.
    pub network: Option<Join>,
    /// The suite's volume that holds its certificates, where it has any: what the image has at that
    /// place stays out of it.
    pub certificates: Option<&'static str>,
}

/// A container's place on a network of the suite.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Join {
    /// As the suite calls it.
    pub name: String,
    /// As the engine does.
    pub network: String,
    /// Whether nothing outside can be reached from it.
    pub internal: bool,
    /// The names that it answers to there.
    pub aliases: Vec<String>,
    /// The names that it alone knows other containers by there, as `CONTAINER:NAME`.
    pub links: Vec<String>,
    /// Its IPv4 address, where that is said.
    pub ipv4: Option<String>,
    /// Its IPv6 address, where that is said.
    pub ipv6: Option<String>,
}

impl Join {
    /// As the engine takes it.
    pub fn settings(&self) -> Json {
        let mut settings = json!({ "Aliases": self.aliases });
        if !self.links.is_empty() {
            settings["Links"] = json!(self.links);
        }
        let mut addresses = Map::new();
        let mut put = |key: &str, value: &Option<String>| {
            value
                .as_ref()
                .map(|v| addresses.insert(key.to_owned(), json!(v)))
        };
        put("IPv4Address", &self.ipv4);
        put("IPv6Address", &self.ipv6);
        if !addresses.is_empty() {
            settings["IPAMConfig"] = Json::Object(addresses);
        }
        settings
    }
}

/// The body of the engine's request to create a container.
pub fn body(run: &Run, frame: &Frame) -> Json {
    let mut body = Map::new();
    let mut put = |key: &str, value: Option<Json>| value.map(|v| body.insert(key.to_owned(), v));
    put("Image", Some(frame.image.clone().into()));
    put("Entrypoint", run.entrypoint.as_ref().map(|c| json!(c.0)));
    put("Cmd", run.command.as_ref().map(|c| json!(c.0)));
    put("Env", some(environment(run, frame)));
    put("User", run.user.as_ref().map(|u| json!(u.0)));
    put("WorkingDir", run.working_dir.as_ref().map(|w| json!(w)));
    put("Hostname", run.hostname.as_ref().map(|h| json!(h)));
    put("Domainname", run.domainname.as_ref().map(|d| json!(d)));
    put("StopSignal", run.stop_signal.as_ref().map(|s| json!(s)));
    put(
        "StopTimeout",
        run.stop_grace_period.map(|t| json!(whole_seconds(t.0))),
    );
    put("Platform", run.platform.as_ref().map(|p| json!(p)));
    put("Tty", run.tty.0.then_some(json!(true)));
    put("OpenStdin", run.stdin_open.0.then_some(json!(true)));
    put("Healthcheck", run.healthcheck.as_ref().map(health));
    let mut labels: Map<String, Json> = run
        .labels
        .given()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    labels.extend(
        frame
            .labels
            .iter()
            .map(|(name, value)| (name.clone(), json!(value))),
    );
    put("Labels", Some(Json::Object(labels)));
    let publish = published(run, frame);
    let open: Map<String, Json> = publish
        .iter()
        .map(|p| p.target)
        .chain(run.expose.iter().copied())
        .map(|port| (port.to_string(), json!({})))
        .collect();
    put(
        "ExposedPorts",
        (!open.is_empty()).then_some(Json::Object(open)),
    );
    put("HostConfig", Some(host_config(run, frame, &publish)));
    let on = |join: &Join| json!({ "EndpointsConfig": { join.network.clone(): join.settings() } });
    put("NetworkingConfig", frame.network.as_ref().map(on));
    Json::Object(body)
}

/// The engine counts grace in whole seconds; none is cut short.
fn whole_seconds(time: std::time::Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

fn some<T: Into<Json>>(list: Vec<T>) -> Option<Json> {
    (!list.is_empty()).then(|| Json::Array(list.into_iter().map(Into::into).collect()))
}

/// Without their places.
fn bare<T: Clone>(list: &[Spanned<T>]) -> Vec<T> {
    list.iter().map(|one| one.value.clone()).collect()
}

/// `NAME=value`, and the bare `NAME` that unsets what the image sets.
fn environment(run: &Run, frame: &Frame) -> Vec<String> {
    let own: Vec<&str> = run
        .environment
        .0
        .iter()
        .map(|(name, _)| name.value.as_str())
        .collect();
    let files = frame
        .env_files
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()));
    let mut all: Vec<String> = files
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    all.extend(run.environment.0.iter().map(|(name, value)| match value {
        Some(value) => format!("{}={value}", name.value),
        None => name.value.clone(),
    }));
    all
}

fn health(check: &Healthcheck) -> Json {
    if check.disable.0 {
        return json!({ "Test": ["NONE"] });
    }
    let mut made = Map::new();
    let mut put = |key: &str, value: Option<Json>| value.map(|v| made.insert(key.to_owned(), v));
    put("Test", check.test.as_ref().map(|t| json!(t.value.0)));
    put("Interval", check.interval.map(|t| json!(nanos(t.0))));
    put("Timeout", check.timeout.map(|t| json!(nanos(t.0))));
    put("StartPeriod", check.start_period.map(|t| json!(nanos(t.0))));
    put(
        "StartInterval",
        check.start_interval.map(|t| json!(nanos(t.0))),
    );
    put("Retries", check.retries.map(|r| json!(r.0)));
    Json::Object(made)
}

/// What the suite publishes, and the ports that requests go to, at free numbers of 127.0.0.1.
fn published(run: &Run, frame: &Frame) -> Vec<Publish> {
    let mut all: Vec<_> = run.ports.iter().map(|port| port.value.clone()).collect();
    for &number in &frame.reached {
        let target = Port {
            number,
            protocol: crate::text::units::Protocol::Tcp,
        };
        let reachable = |p: &Publish| p.target == target && p.address.is_none();
        if !all.iter().any(reachable) {
            all.push(Publish {
                address: None,
                published: None,
                target,
            });
        }
    }
    all
}

fn host_config(run: &Run, frame: &Frame, publish: &[Publish]) -> Json {
    let mut host = Map::new();
    let mut put = |key: &str, value: Option<Json>| value.map(|v| host.insert(key.to_owned(), v));
    put("Mounts", some(mounts(run, frame)));
    let tmpfs: Map<String, Json> = run
        .tmpfs
        .0
        .iter()
        .map(|t| (t.path.clone(), json!(t.options)))
        .collect();
    put("Tmpfs", (!tmpfs.is_empty()).then_some(Json::Object(tmpfs)));
    let mut bindings = Map::new();
    for port in publish {
        let number = port.published.map_or_else(String::new, |p| p.to_string());
        let address = port.address.as_deref().unwrap_or("127.0.0.1");
        let list = bindings
            .entry(port.target.to_string())
            .or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!({ "HostIp": address, "HostPort": number }));
        }
    }
    put(
        "PortBindings",
        (!bindings.is_empty()).then_some(Json::Object(bindings)),
    );
    put("ReadonlyRootfs", run.read_only.0.then_some(json!(true)));
    put("Init", run.init.0.then_some(json!(true)));
    for (key, value) in rights(run) {
        put(key, value);
    }
    put("Dns", some(run.dns.0.clone()));
    put("DnsSearch", some(run.dns_search.0.clone()));
    put("DnsOptions", some(run.dns_opt.clone()));
    let hosts: Vec<String> = run
        .extra_hosts
        .given()
        .map(|(name, address)| format!("{name}:{address}"))
        .collect();
    put("ExtraHosts", some(hosts));
    let mode = run.network_mode.as_ref().map(|m| m.value.0.clone());
    let mode = mode.or_else(|| frame.network.as_ref().map(|join| join.network.clone()));
    put("NetworkMode", mode.map(Json::String));
    put("Memory", run.mem_limit.as_ref().map(|m| json!(m.value.0)));
    put(
        "MemoryReservation",
        run.mem_reservation.as_ref().map(|m| json!(m.value.0)),
    );
    put(
        "MemorySwap",
        run.memswap_limit.as_ref().map(|m| m.value.number()),
    );
    put("MemorySwappiness", run.mem_swappiness.map(|m| json!(m.0)));
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no machine has so many processors"
    )]
    put(
        "NanoCpus",
        run.cpus.map(|c| json!((c.0 * 1e9).round() as i64)),
    );
    put("CpuShares", run.cpu_shares.map(|c| json!(c.0)));
    put("CpusetCpus", run.cpuset.as_ref().map(|c| json!(c)));
    put(
        "PidsLimit",
        run.pids_limit.as_ref().map(|p| json!(p.value.0)),
    );
    put("ShmSize", run.shm_size.map(|s| json!(s.0)));
    let sysctls: Map<String, Json> = run
        .sysctls
        .0
        .given()
        .map(|(n, v)| (n.to_owned(), json!(v)))
        .collect();
    put(
        "Sysctls",
        (!sysctls.is_empty()).then_some(Json::Object(sysctls)),
    );
    let ulimits = run.ulimits.0.iter().map(
        |(name, limit)| json!({ "Name": name.value, "Soft": limit.soft.value, "Hard": limit.hard.as_ref().unwrap_or(&limit.soft).value }),
    );
    put("Ulimits", some(ulimits.collect()));
    put(
        "RestartPolicy",
        run.restart
            .map(|r| json!({ "Name": r.policy.word(), "MaximumRetryCount": r.most })),
    );
    Json::Object(host)
}

/// What it may do, and whose namespaces it has.
fn rights(run: &Run) -> [(&'static str, Option<Json>); 10] {
    let privileged = run.privileged.as_ref().filter(|on| on.value);
    let devices = run.devices.iter().map(|one| device(&one.value));
    let score = run.oom_score_adj.as_ref();
    [
        ("Privileged", privileged.map(|_| json!(true))),
        ("CapAdd", some(bare(&run.cap_add))),
        ("CapDrop", some(bare(&run.cap_drop))),
        ("SecurityOpt", some(bare(&run.security_opt))),
        ("GroupAdd", some(run.group_add.clone())),
        ("Devices", some(devices.collect())),
        ("IpcMode", run.ipc.as_ref().map(|m| json!(m.value))),
        (
            "UsernsMode",
            run.userns_mode.as_ref().map(|m| json!(m.value)),
        ),
        ("Runtime", run.runtime.as_ref().map(|m| json!(m.value.0))),
        ("OomScoreAdj", score.map(|s| json!(s.value.0))),
    ]
}

fn mounts(run: &Run, frame: &Frame) -> Vec<Json> {
    let mut all: Vec<Json> = run.volumes.iter().map(|m| mount(m, frame)).collect();
    all.push(json!({
        "Type": "volume",
        "Source": frame.probe,
        "Target": crate::engine::probe::FOLDER,
        "ReadOnly": true,
        "VolumeOptions": { "NoCopy": true },
    }));
    all
}

fn mount(mount: &Mount, frame: &Frame) -> Json {
    let target = &mount.target;
    let read_only = mount.read_only;
    let filled = |name: &String| frame.certificates == Some(name.as_str());
    let no_copy = match &mount.origin {
        Origin::Volume(name) => mount.no_copy || filled(name),
        _ => mount.no_copy,
    };
    let volume = json!({ "NoCopy": no_copy, "Labels": frame.labels });
    match &mount.origin {
        Origin::Volume(name) => {
            let source = frame.volumes.get(name).unwrap_or(name);
            json!({ "Type": "volume", "Source": source, "Target": target, "ReadOnly": read_only, "VolumeOptions": volume })
        }
        Origin::Anonymous => {
            json!({ "Type": "volume", "Target": target, "ReadOnly": read_only, "VolumeOptions": volume })
        }
        Origin::Bind(source) => {
            let source = frame.binds.get(source).unwrap_or(source);
            json!({ "Type": "bind", "Source": source, "Target": target, "ReadOnly": read_only })
        }
        Origin::Tmpfs { size, mode } => {
            let mut options = Map::new();
            size.map(|s| options.insert("SizeBytes".into(), json!(s)));
            mode.map(|m| options.insert("Mode".into(), json!(m)));
            json!({ "Type": "tmpfs", "Target": target, "ReadOnly": read_only, "TmpfsOptions": options })
        }
    }
}

fn device(device: &Device) -> Json {
    json!({ "PathOnHost": device.host, "PathInContainer": device.inside, "CgroupPermissions": device.rights })
}

/// The body for a container that shows the image's files: the probe is its program, nothing of the
/// image's own runs, and it has no network.
pub fn idle(frame: &Frame, name_of_probe: &str) -> Json {
    json!({
        "Image": frame.image,
        "Entrypoint": [name_of_probe, "serve"],
        "Cmd": [],
        "User": "0:0",
        "WorkingDir": "/",
        "Labels": frame.labels,
        "OpenStdin": true,
        "StdinOnce": true,
        "AttachStdin": true,
        "AttachStdout": true,
        "AttachStderr": true,
        "Healthcheck": { "Test": ["NONE"] },
        "HostConfig": {
            "NetworkMode": "none",
            "Mounts": [{
                "Type": "volume",
                "Source": frame.probe,
                "Target": crate::engine::probe::FOLDER,
                "ReadOnly": true,
                "VolumeOptions": { "NoCopy": true },
            }],
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read::{Read, Reader};
    use crate::text::source::FileId;
    use crate::text::yaml;

    fn made(text: &str, frame: &Frame) -> Json {
        let node = yaml::parse(FileId(0), text).0.unwrap();
        let mut reader = Reader::default();
        let run = Run::read(&node, &mut reader).unwrap();
        assert!(reader.diagnostics.is_empty(), "{:?}", reader.diagnostics);
        body(&run, frame)
    }

    #[test]
    fn the_words_of_compose_become_the_engines() {
        let frame = Frame {
            image: "sha256:1".into(),
            volumes: [("data".to_owned(), "seaworthy-1-data".to_owned())].into(),
            env_files: vec![("A".into(), "file".into()), ("F".into(), "file".into())],
            reached: vec![8080],
            ..Frame::default()
        };
        let body = made(
            "{ environment: { A: 1, GONE: null }, volumes: ['data:/data:ro'], tmpfs: ['/tmp:size=1m'], read_only: true, \
             cap_drop: [ALL], security_opt: ['no-new-privileges:true'], mem_limit: 512MB, cpus: 0.5, pids_limit: 100, \
             restart: 'on-failure:3', command: 'a \"b c\"', user: '1000:1000', stop_grace_period: 1500ms, \
             ulimits: { nofile: 1024 }, ports: ['127.0.0.1:9000:90'] }",
            &frame,
        );
        let host = &body["HostConfig"];
        assert_eq!(body["Env"], json!(["F=file", "A=1", "GONE"]));
        assert_eq!(body["Cmd"], json!(["a", "b c"]));
        assert_eq!(body["StopTimeout"], json!(2));
        assert_eq!(host["Mounts"][0]["Source"], json!("seaworthy-1-data"));
        assert_eq!(host["Mounts"][0]["ReadOnly"], json!(true));
        assert_eq!(host["Mounts"][1]["Target"], json!("/.seaworthy"));
        assert_eq!(host["Tmpfs"], json!({ "/tmp": "size=1m" }));
        assert_eq!(host["Memory"], json!(536_870_912));
        assert_eq!(host["NanoCpus"], json!(500_000_000));
        assert_eq!(
            host["RestartPolicy"],
            json!({ "Name": "on-failure", "MaximumRetryCount": 3 })
        );
        assert_eq!(
            host["PortBindings"]["8080/tcp"],
            json!([{ "HostIp": "127.0.0.1", "HostPort": "" }])
        );
        assert_eq!(
            host["PortBindings"]["90/tcp"],
            json!([{ "HostIp": "127.0.0.1", "HostPort": "9000" }])
        );
        assert_eq!(
            host["Ulimits"],
            json!([{ "Name": "nofile", "Soft": 1024, "Hard": 1024 }])
        );
    }

    #[test]
    fn it_is_made_on_its_network() {
        let join = Join {
            name: "back".into(),
            network: "seaworthy-1-back".into(),
            aliases: vec!["db".into()],
            ipv4: Some("10.9.0.2".into()),
            ..Join::default()
        };
        let frame = Frame {
            network: Some(join),
            ..Frame::default()
        };
        let body = made("{}", &frame);
        assert_eq!(body["HostConfig"]["NetworkMode"], json!("seaworthy-1-back"));
        assert_eq!(
            body["NetworkingConfig"]["EndpointsConfig"]["seaworthy-1-back"],
            json!({ "Aliases": ["db"], "IPAMConfig": { "IPv4Address": "10.9.0.2" } })
        );
    }

    #[test]
    fn what_is_not_said_is_left_to_the_image_and_the_engine() {
        let body = made(
            "{}",
            &Frame {
                image: "sha256:1".into(),
                ..Frame::default()
            },
        );
        let mut keys: Vec<&str> = body
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        keys.sort_unstable();
        assert_eq!(keys, ["HostConfig", "Image", "Labels"]);
        assert_eq!(
            body["HostConfig"].as_object().unwrap().len(),
            1,
            "only the probe's mount"
        );
    }
}
