//! The powers over this machine that a Compose file asks for, once its tool has resolved it: variables, merges and
//! what is extended are known by then. Pure.

mod build;
mod shared;

use std::path::PathBuf;

use serde_json::{Map, Value as Json};

use super::binds::binds;
use super::stack::{LIFTED, Part, Source, Stack};
use crate::suite::grant::{Bounds, Kind, Power, Sight, loosens, nested};
pub(super) use build::OF_BUILDS;

/// A power, and where the file asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Which.
    pub(super) power: Power,
    /// The keys under which the file says so.
    pub(super) keys: Vec<String>,
}

/// Keys of a service that give nothing, or nothing by being there: those that do are looked at one by one. Every
/// other key is refused by its name.
const KNOWN: [&str; 77] = [
    "attach",
    "blkio_config",
    "cap_add",
    "cap_drop",
    "cgroup",
    "cgroup_parent",
    "command",
    "configs",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpus",
    "cpuset",
    "deploy",
    "develop",
    "device_cgroup_rules",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "extends",
    "external_links",
    "extra_hosts",
    "gpus",
    "group_add",
    "healthcheck",
    "hostname",
    "init",
    "ipc",
    "isolation",
    "label_file",
    "labels",
    "links",
    "logging",
    "mac_address",
    "mem_limit",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "network_mode",
    "networks",
    "oom_score_adj",
    "pid",
    "pids_limit",
    "platform",
    "post_start",
    "pre_start",
    "pre_stop",
    "privileged",
    "provider",
    "read_only",
    "restart",
    "runtime",
    "secrets",
    "security_opt",
    "shm_size",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "storage_opt",
    "sysctls",
    "tmpfs",
    "tty",
    "ulimits",
    "user",
    "userns_mode",
    "uts",
    "working_dir",
];
/// Those that are about volumes, told apart below.
const OF_VOLUMES: [&str; 2] = ["volumes", "volumes_from"];
/// Every key of a service that is known by its name.
pub(super) fn known() -> impl Iterator<Item = &'static str> + Clone {
    KNOWN.into_iter().chain(LIFTED).chain(OF_VOLUMES)
}

/// What annotations begin with that describe an image; others tell runtimes what to do.
const DESCRIBING: &str = "org.opencontainers.image.";
/// Options of these that say how much is kept and what stands in a line. Engines take others for where it is written to.
const LOG_OPTIONS: [&str; 10] = [
    "compress",
    "env",
    "env-regex",
    "labels",
    "labels-regex",
    "max-buffer-size",
    "max-file",
    "max-size",
    "mode",
    "tag",
];
/// Drivers of logs that keep to the engine.
const LOGS: [&str; 5] = ["", "json-file", "local", "journald", "none"];

/// All that the services which are started ask for.
pub(super) fn asked(stack: &Stack, bounds: &Bounds, real: Sight<'_>) -> Vec<Wanted> {
    let mut all = Vec::new();
    let binds = binds(stack);
    let mounts = binds
        .iter()
        .map(|bind| (bind.source.clone(), bind.writes, bind.keys.clone()));
    let mounts: Vec<_> = mounts.chain(shared::folders(stack)).collect();
    let places: Vec<(PathBuf, bool)> = mounts
        .iter()
        .map(|(path, writes, _)| (path.clone(), *writes))
        .collect();
    for (number, power) in nested(&places, real) {
        let keys = mounts.get(number).map(|(.., keys)| keys.clone());
        all.extend(keys.map(|keys| Wanted { power, keys }));
    }
    for bind in &binds {
        let powers = bounds.bind(&bind.source, real).into_iter();
        all.extend(powers.map(|power| Wanted {
            power,
            keys: bind.keys.clone(),
        }));
    }
    for part in &stack.parts {
        let mut asks = Asks {
            keys: vec!["services".to_owned(), part.name.clone()],
            all: Vec::new(),
        };
        of_service(part, &mut asks);
        if let Source::Build(build) = &part.source {
            build::asked(build, &stack.rest, bounds, real, &mut asks);
        }
        all.extend(asks.all);
    }
    for (kind, own) in [
        ("volumes", shared::of_volume as Look),
        ("networks", shared::of_network as Look),
    ] {
        let named = stack.rest.get(kind).and_then(Json::as_object);
        for (name, settings) in named.into_iter().flatten() {
            let mut asks = Asks {
                keys: vec![kind.to_owned(), name.clone()],
                all: Vec::new(),
            };
            own(settings, bounds, real, &mut asks);
            all.extend(asks.all);
        }
    }
    all
}

type Look = fn(&Json, &Bounds, Sight<'_>, &mut Asks);

/// What is asked for below some keys.
struct Asks {
    keys: Vec<String>,
    all: Vec<Wanted>,
}

impl Asks {
    fn ask(&mut self, key: &str, power: Option<Power>) {
        let mut keys = self.keys.clone();
        keys.push(key.to_owned());
        self.all.extend(power.map(|power| Wanted { power, keys }));
    }

    fn of(&mut self, key: &str, kind: Kind, value: &str) {
        self.ask(key, Some(Power::new(kind, value)));
    }
}

fn of_service(part: &Part, asks: &mut Asks) {
    let body = &part.body;
    let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default();
    if is_on(body.get("privileged")) {
        asks.of("privileged", Kind::Privileged, "");
    }
    if is_on(body.get("use_api_socket")) {
        asks.of("use_api_socket", Kind::EngineSocket, "");
    }
    for name in texts(body.get("cap_add")) {
        asks.ask("cap_add", Power::capability(&name));
    }
    for option in texts(body.get("security_opt")) {
        asks.ask("security_opt", loosens(&option));
    }
    for device in list(body.get("devices")) {
        let source = device.as_str().or_else(|| device["source"].as_str());
        let source = source.unwrap_or("?").split(':').next().unwrap_or_default();
        asks.of("devices", Kind::Device, source);
    }
    for rule in texts(body.get("device_cgroup_rules")) {
        asks.of("device_cgroup_rules", Kind::Device, &rule);
    }
    let deploy = body.get("deploy").unwrap_or(&Json::Null);
    let reserved = &deploy["resources"]["reservations"]["devices"];
    if !list(Some(reserved)).is_empty() {
        asks.of("deploy", Kind::Device, "reserved");
    }
    if body.get("gpus").is_some_and(|gpus| !gpus.is_null()) {
        asks.of("gpus", Kind::Device, "gpus");
    }
    let own = ["", "none", "bridge", "default"];
    let network = text("network_mode");
    if !own.contains(&network) && !is_of_service(network) {
        asks.of("network_mode", Kind::Network, network);
    }
    let shared: [(&str, Kind, &[&str]); 5] = [
        ("pid", Kind::Pid, &["private"]),
        ("ipc", Kind::Ipc, &["none", "private", "shareable"]),
        ("uts", Kind::Uts, &["private"]),
        ("cgroup", Kind::Cgroup, &["private"]),
        ("userns_mode", Kind::Users, &["private"]),
    ];
    for (key, kind, own) in shared {
        let mode = text(key);
        if !mode.is_empty() && !own.contains(&mode) && !is_of_service(mode) {
            asks.of(key, kind, mode);
        }
    }
    for name in names(body.get("annotations")) {
        if !name.starts_with(DESCRIBING) {
            asks.of("annotations", Kind::Key, &format!("annotations.{name}"));
        }
    }
    for (key, kind) in [("cgroup_parent", Kind::Cgroup), ("runtime", Kind::Runtime)] {
        if !text(key).is_empty() {
            asks.of(key, kind, text(key));
        }
    }
    let score = body.get("oom_score_adj").map(|score| match score {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    });
    if let Some(score) = score.filter(|score| score.starts_with('-')) {
        asks.of("oom_score_adj", Kind::Memory, &score);
    }
    let number = |value: &Json| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let limits = &deploy["resources"]["limits"];
    for (key, most) in [
        ("pids_limit", body.get("pids_limit")),
        ("deploy", limits.get("pids")),
    ] {
        asks.ask(key, most.and_then(number).and_then(Power::processes));
    }
    let logging = body.get("logging").unwrap_or(&Json::Null);
    let driver = logging["driver"].as_str().unwrap_or_default();
    if !LOGS.contains(&driver) {
        asks.of("logging", Kind::Driver, driver);
    }
    for name in names(logging.get("options")) {
        if !LOG_OPTIONS.contains(&name.as_str()) {
            asks.of("logging", Kind::Driver, &format!("log-opt:{name}"));
        }
    }
    for mount in list(body.get("volumes")) {
        let kind = mount["type"].as_str().unwrap_or("volume");
        if mount.is_object() && !["bind", "volume", "tmpfs", "image"].contains(&kind) {
            asks.of("volumes", Kind::Key, &format!("volumes.type={kind}"));
        }
    }
    unknown(
        body,
        "",
        &[
            &KNOWN[..],
            &OF_VOLUMES[..],
            &["annotations", "use_api_socket"],
        ],
        asks,
    );
}

/// Keys that this version does not know: what they give is not known either.
fn unknown(map: &Map<String, Json>, of: &str, known: &[&[&str]], asks: &mut Asks) {
    for (key, value) in map {
        let is_known = known.iter().any(|some| some.contains(&key.as_str()));
        let says = !matches!(value, Json::Null | Json::Bool(false));
        if says && !is_known && !key.starts_with("x-") {
            asks.of(key, Kind::Key, &format!("{of}{key}"));
        }
    }
}

/// The names of a map, or of a list of `NAME=VALUE`.
fn names(value: Option<&Json>) -> Vec<String> {
    match value {
        Some(Json::Object(map)) => map.keys().cloned().collect(),
        value => {
            let all = texts(value).into_iter();
            all.map(|one| one.split('=').next().unwrap_or_default().to_owned())
                .collect()
        }
    }
}

/// Whether it is another service's, which is of the run too.
fn is_of_service(mode: &str) -> bool {
    mode.starts_with("service:") || mode.starts_with("container:")
}

fn is_on(value: Option<&Json>) -> bool {
    match value {
        Some(Json::Bool(on)) => *on,
        Some(Json::String(text)) => text == "true",
        _ => false,
    }
}

fn list(value: Option<&Json>) -> &[Json] {
    value.and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn texts(value: Option<&Json>) -> Vec<String> {
    let all = list(value).iter();
    all.filter_map(|one| one.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests;
