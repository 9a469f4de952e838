//! What a build of a Compose file asks for.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};

use super::super::binds::plain;
use super::{Asks, is_on, list, texts, unknown};
use crate::suite::grant::{Bounds, Kind, Sight};

/// Keys of a build, likewise.
pub(in crate::session::compose) const OF_BUILDS: [&str; 26] = [
    "additional_contexts",
    "args",
    "cache_from",
    "cache_to",
    "context",
    "dockerfile",
    "dockerfile_inline",
    "entitlements",
    "extra_hosts",
    "isolation",
    "labels",
    "network",
    "no_cache",
    "no_cache_filter",
    "platforms",
    "privileged",
    "provenance",
    "pull",
    "sbom",
    "secrets",
    "shm_size",
    "ssh",
    "tags",
    "target",
    "ulimits",
    "x-bake",
];
/// The networks of a build's steps that are not others'.
const BUILD_NETWORKS: [&str; 4] = ["", "none", "default", "bridge"];
/// What a context of a build begins with that is no path of this machine.
const ELSEWHERE: [&str; 8] = [
    "docker-image://",
    "git://",
    "git@",
    "http://",
    "https://",
    "service:",
    "ssh://",
    "target:",
];

/// All that a build asks for.
pub(super) fn asked(
    build: &Json,
    rest: &Map<String, Json>,
    bounds: &Bounds,
    real: Sight<'_>,
    asks: &mut Asks,
) {
    asks.keys.push("build".to_owned());
    let none = Map::new();
    let body = build.as_object().unwrap_or(&none);
    let text = |key: &str| body.get(key).and_then(Json::as_str);
    let context = build
        .as_str()
        .or_else(|| text("context"))
        .unwrap_or_default();
    let read = |key: &str, path: PathBuf, asks: &mut Asks| {
        asks.ask(key, bounds.read(&path, real));
    };
    let is_inside = bounds.read(&plain(context), real).is_none();
    if context.starts_with('/') {
        read("context", plain(context), asks);
        // Tools differ in whether they say which it is where the file does not.
        let file = text("dockerfile").unwrap_or("Dockerfile");
        if text("dockerfile").is_some() || (is_inside && text("dockerfile_inline").is_none()) {
            read("dockerfile", plain(context).join(plain(file)), asks);
        }
    }
    let more = body.get("additional_contexts");
    let more: Vec<String> = match more {
        Some(Json::Object(map)) => map
            .values()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect(),
        more => texts(more)
            .iter()
            .filter_map(|one| one.split_once('=').map(|(_, path)| path.to_owned()))
            .collect(),
    };
    for path in &more {
        let is_elsewhere = ELSEWHERE.iter().any(|other| path.starts_with(other));
        if path.contains("://") && !is_elsewhere {
            asks.of("additional_contexts", Kind::Build, path);
        } else if !is_elsewhere {
            read(
                "additional_contexts",
                Path::new(context).join(plain(path)),
                asks,
            );
        }
    }
    for secret in list(body.get("secrets")) {
        let name = secret.as_str().or_else(|| secret["source"].as_str());
        let file = name.and_then(|name| rest.get("secrets")?[name]["file"].as_str());
        if let Some(file) = file {
            read("secrets", plain(file), asks);
        }
    }
    let network = text("network").unwrap_or_default();
    if !BUILD_NETWORKS.contains(&network) {
        asks.of("network", Kind::Build, &format!("network:{network}"));
    }
    if is_on(body.get("privileged")) {
        asks.of("privileged", Kind::Build, "privileged");
    }
    let is_said = |key: &str| match body.get(key) {
        None | Some(Json::Null | Json::Bool(false)) => false,
        Some(Json::Array(all)) => !all.is_empty(),
        Some(Json::Object(all)) => !all.is_empty(),
        Some(_) => true,
    };
    if is_said("ssh") {
        asks.of("ssh", Kind::Build, "ssh");
    }
    for name in texts(body.get("entitlements")) {
        asks.of("entitlements", Kind::Build, &name);
    }
    // A cache that is written goes to a folder, or to a registry in the name of whoever runs this.
    let reads_files = texts(body.get("cache_from"))
        .iter()
        .any(|one| one.contains('='));
    for (key, asks_for) in [
        ("cache_from", reads_files),
        ("cache_to", is_said("cache_to")),
    ] {
        if asks_for {
            asks.of(key, Kind::Build, key);
        }
    }
    unknown(body, "build.", &[&OF_BUILDS], asks);
    asks.keys.pop();
}
