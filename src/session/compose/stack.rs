//! A Compose file as its tool has resolved it: what is started of it, and what of it is lifted for a run.
//! Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::certificates::{self, Folder};
use super::chosen::{circle, needs, texts, wanted};
use super::given::{self, Given};
use super::ports::{Published, declared};
use super::raised;
use super::refused::Refused;
use super::wrong::NO_PORT;
use crate::suite::image::Pull;
use crate::suite::run::Wait;
use crate::text::cpus::Cpus;

/// What a suite wants of a Compose file.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The service that `app` means.
    pub app: String,
    /// What is started; everything without any.
    pub services: Vec<String>,
    /// Profiles that are switched on.
    pub profiles: Vec<String>,
    /// How many of each.
    pub scale: BTreeMap<String, u32>,
    /// Takes the place of the image of `app`.
    pub image: Option<String>,
    /// The folders of services that hold the suite's certificates.
    pub certificates: BTreeMap<String, String>,
}

/// What is started of a Compose file.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// Its services, in the order of their names.
    pub parts: Vec<Part>,
    /// Its networks; whether nothing outside can be reached from one.
    pub networks: Vec<(String, bool)>,
    /// Its named volumes.
    pub volumes: Vec<String>,
    /// The networks of a file in which a service has a fixed address, with their ranges.
    pub(super) fixed: Vec<(String, Vec<String>)>,
    /// The networks that have IPv6 addresses of a range that the file says.
    pub(super) ipv6: Vec<String>,
    /// The rest of the file.
    pub(super) rest: Map<String, Json>,
}

/// One of its services.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// How many containers of it.
    pub of: u32,
    /// What it waits for.
    pub before: Vec<(String, Wait)>,
    /// The ports that it declares.
    pub published: Published,
    /// The processors that it declares to be kept for it.
    pub reserved_cpus: Option<Cpus>,
    /// Where its image comes from.
    pub source: Source,
    /// What its image is built from, also where another one takes its place.
    pub build: Option<Json>,
    /// Its networks; none where it has another's, or the machine's.
    pub networks: Vec<String>,
    /// Files that are written into its containers, and that no file of this machine is.
    pub given: Vec<Given>,
    /// Where it finds the suite's certificates.
    pub certificates: Option<Folder>,
    /// How it is described, without what is told above.
    pub(super) body: Map<String, Json>,
}

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// It is built, as this says.
    Build(Json),
    /// It has a name.
    Ref(String, Pull),
}

/// Keys of a service that are fixed names and places, or what is told apart.
pub(super) const LIFTED: [&str; 8] = [
    "build",
    "container_name",
    "depends_on",
    "image",
    "ports",
    "profiles",
    "pull_policy",
    "scale",
];

/// What the names of the volumes begin with that a run adds to a file.
pub(super) const OURS: &str = "seaworthy_";

/// What the tool does when it starts or stops a container.
const HOOKS: [&str; 3] = ["pre_start", "post_start", "pre_stop"];

/// Why it cannot be tested as it is; what to do about it stands behind `help:`.
pub type Refusal = String;

impl Stack {
    /// Reads what the tool has resolved.
    pub fn read(config: &Json, wish: &Wish) -> Result<Self, Refused> {
        let none = Map::new();
        let of = |key: &str| config[key].as_object().unwrap_or(&none);
        let all = of("services");
        let wanted = wanted(all, wish)?;
        let mut parts = Vec::new();
        for name in &wanted {
            let service = all.get(name).and_then(Json::as_object).unwrap_or(&none);
            let mut part = part(name, service, &wanted, wish)?;
            part.given = given::take(&mut part.body, config);
            parts.push(part);
        }
        circle(&parts)?;
        raised::check(&parts, all)?;
        certificates::place(&mut parts, &wish.certificates)?;
        parts.iter().try_for_each(given::check)?;
        if let Some(image) = &wish.image {
            judged(&mut parts, &wish.app, image);
        }
        let (mut networks, mut rest) = (Vec::new(), Map::new());
        let (mut kept_networks, mut kept_volumes) = (Map::new(), Map::new());
        let used = parts.iter().flat_map(|part| &part.networks);
        for name in used.collect::<BTreeSet<_>>() {
            let written = of("networks").get(name);
            if written.is_none() && name != "default" {
                return Err(raised::undeclared(name, &parts, of("networks")).into());
            }
            let network = own("network", name, written)?;
            let internal = network.get("internal") == Some(&Json::Bool(true));
            networks.push((name.clone(), internal));
            kept_networks.insert(name.clone(), Json::Object(network));
        }
        let mut volumes = Vec::new();
        for name in parts.iter().flat_map(mounted).collect::<BTreeSet<_>>() {
            if name.starts_with(OURS) {
                return Err(format!(
                    "the volume `{name}` has a name that a run gives to volumes of its own\n  help: call it something else that \
                     does not begin with `{OURS}`"
                )
                .into());
            }
            let volume = own("volume", &name, of("volumes").get(&name))?;
            kept_volumes.insert(name.clone(), Json::Object(volume));
            volumes.push(name);
        }
        let ipv6 = with_ipv6(&kept_networks);
        let fixed = free_addresses(&mut kept_networks, &parts);
        rest.insert("networks".to_owned(), Json::Object(kept_networks));
        rest.insert("volumes".to_owned(), Json::Object(kept_volumes));
        for key in ["secrets", "configs"] {
            if let Some(kept) = config.get(key).filter(|kept| !kept.is_null()) {
                rest.insert(key.to_owned(), unnamed(kept.clone()));
            }
        }
        Ok(Self {
            parts,
            networks,
            volumes,
            fixed,
            ipv6,
            rest,
        })
    }
}

fn part(
    name: &str,
    service: &Map<String, Json>,
    wanted: &BTreeSet<String>,
    wish: &Wish,
) -> Result<Part, Refusal> {
    if let Some(list) = service.get("external_links").and_then(Json::as_array)
        && !list.is_empty()
    {
        let why = "has `external_links`, which lead to containers that are not the suite's own";
        return Err(format!(
            "the service `{name}` {why}\n  help: give the other a service of its own"
        ));
    }
    if service.contains_key("provider") {
        return Err(format!(
            "the service `{name}` is of a `provider`, which makes something that is no container: nothing can be told of \
             it\n  help: leave it out by `services` in the suite's `compose`, and have the others not depend on it"
        ));
    }
    for key in HOOKS {
        if service
            .get(key)
            .and_then(Json::as_array)
            .is_some_and(|all| !all.is_empty())
        {
            return Err(format!(
                "`{key}` of the service `{name}` is not done by a run, which starts and stops containers itself\n  help: \
                 do it in a step (`exec`), and let the suite name a Compose file without it"
            ));
        }
    }
    let mut before = needs(name, service)?;
    before.retain(|(other, _)| wanted.contains(other));
    let null = Json::Null;
    let published = declared(service.get("ports").unwrap_or(&null)).map_err(|port| {
        format!("a port of the service `{name}` {NO_PORT}{port}\n  help: write it as `HOST:CONTAINER`, each a number from 1 to 65535")
    })?;
    let scaled = wish.scale.get(name).copied();
    let of = scaled.or_else(|| replicas(service)).unwrap_or(1);
    let has_own = service.get("network_mode").is_none_or(Json::is_null);
    let networks = match service.get("networks") {
        _ if !has_own => Vec::new(),
        Some(Json::Object(map)) if !map.is_empty() => map.keys().cloned().collect(),
        Some(Json::Array(list)) if !list.is_empty() => texts(list),
        _ => vec!["default".to_owned()],
    };
    let mut body = service.clone();
    body.retain(|key, value| !LIFTED.contains(&key.as_str()) && !value.is_null());
    if let Some(own) = service.get("container_name").and_then(Json::as_str) {
        known_as(own, &networks, &mut body);
    }
    if let Some(Json::Object(deploy)) = body.get_mut("deploy") {
        deploy.shift_remove("replicas");
    }
    Ok(Part {
        name: name.to_owned(),
        of,
        before,
        published,
        reserved_cpus: reserved_cpus(name, service)?,
        source: source(name, service)?,
        build: service
            .get("build")
            .filter(|build| !build.is_null())
            .cloned(),
        networks,
        given: Vec::new(),
        certificates: None,
        body,
    })
}

/// How many of a service its file asks for.
pub(super) fn replicas(service: &Map<String, Json>) -> Option<u32> {
    let written = service
        .get("scale")
        .or_else(|| service.get("deploy")?.get("replicas"));
    written
        .and_then(Json::as_u64)
        .and_then(|number| u32::try_from(number).ok())
}

/// Has the others of its networks find a service by the name of its container, which they may use and which no
/// container of a run has.
fn known_as(own: &str, networks: &[String], body: &mut Map<String, Json>) {
    if networks.is_empty() {
        return;
    }
    let written = body.get("networks").cloned().unwrap_or_default();
    let settings = networks.iter().map(|network| {
        let mut there = match written.get(network) {
            Some(Json::Object(there)) => there.clone(),
            _ => Map::new(),
        };
        let aliases = there.entry("aliases").or_insert_with(|| json!([]));
        if !aliases.is_array() {
            *aliases = json!([]);
        }
        if let Some(aliases) = aliases
            .as_array_mut()
            .filter(|all| !all.contains(&json!(own)))
        {
            aliases.push(json!(own));
        }
        (network.clone(), Json::Object(there))
    });
    let settings = settings.collect();
    body.insert("networks".to_owned(), Json::Object(settings));
}

/// The processors that a service wants to be kept for it.
fn reserved_cpus(name: &str, service: &Map<String, Json>) -> Result<Option<Cpus>, Refusal> {
    let deploy = service.get("deploy").unwrap_or(&Json::Null);
    let cpus = match &deploy["resources"]["reservations"]["cpus"] {
        Json::Null => return Ok(None),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    Cpus::parse(&cpus).map(Some).ok_or_else(|| {
        format!(
            "the processors that are kept for the service `{name}` are not understood: {cpus}\n  help: write a number \
             such as '0.5' under `deploy.resources.reservations.cpus`"
        )
    })
}

/// Puts an image in the place of that of `app`, also where other services are started from the same.
fn judged(parts: &mut [Part], app: &str, image: &str) {
    let own = parts.iter().find(|part| part.name == app);
    let Some(own) = own.map(|part| part.source.clone()) else {
        return;
    };
    for part in parts.iter_mut().filter(|part| part.source == own) {
        part.source = Source::Ref(image.to_owned(), Pull::Missing);
    }
}

fn source(name: &str, service: &Map<String, Json>) -> Result<Source, Refusal> {
    if let Some(build) = service.get("build").filter(|build| !build.is_null()) {
        return Ok(Source::Build(build.clone()));
    }
    let pull = match service.get("pull_policy").and_then(Json::as_str) {
        Some("always") => Pull::Always,
        Some("never") => Pull::Never,
        _ => Pull::Missing,
    };
    match service.get("image").and_then(Json::as_str) {
        Some(image) => Ok(Source::Ref(image.to_owned(), pull)),
        None => Err(format!(
            "the service `{name}` has neither `image` nor `build`"
        )),
    }
}

/// A network or volume of the project's own, without a name that others could share.
fn own(what: &str, name: &str, written: Option<&Json>) -> Result<Map<String, Json>, Refusal> {
    let mut settings = written
        .and_then(Json::as_object)
        .cloned()
        .unwrap_or_default();
    let external = settings.shift_remove("external");
    if external.is_some_and(|external| external != Json::Bool(false)) {
        return Err(format!(
            "the {what} `{name}` of the Compose file is external: it belongs to others, whom a run must not meet\n  help: \
             let the suite name a Compose file that describes `{name}` itself"
        ));
    }
    settings.shift_remove("name");
    Ok(settings)
}

/// Secrets and configurations without the name of the project that they were read for.
fn unnamed(mut all: Json) -> Json {
    for one in all.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Some(one) = one
            .as_object_mut()
            .filter(|one| !one.contains_key("external"))
        {
            one.shift_remove("name");
        }
    }
    all
}

/// The named volumes that are mounted.
fn mounted(part: &Part) -> Vec<String> {
    let mounts = part.body.get("volumes").and_then(Json::as_array);
    let name = |mount: &Json| match mount {
        Json::String(text) => {
            let (source, _) = text.split_once(':')?;
            let is_name = !source.starts_with(['/', '.', '~']);
            is_name.then(|| source.to_owned())
        }
        mount if mount["type"] == "volume" => mount["source"].as_str().map(str::to_owned),
        _ => None,
    };
    mounts.into_iter().flatten().filter_map(name).collect()
}

/// The networks whose IPv6 addresses are of a range that is written: engines give none by themselves.
fn with_ipv6(networks: &Map<String, Json>) -> Vec<String> {
    let has = |network: &Json| {
        let mut pools = network["ipam"]["config"].as_array().into_iter().flatten();
        network["enable_ipv6"] == true
            && pools.any(|pool| {
                pool["subnet"]
                    .as_str()
                    .is_some_and(|range| range.contains(':'))
            })
    };
    let with = networks.iter().filter(|(_, network)| has(network));
    with.map(|(name, _)| name.clone()).collect()
}

/// Ranges of addresses go where nobody has a fixed address: two runs could not both have them. Those that
/// stay, and then all of a file do: what the engine gave to one of its networks could be another's.
fn free_addresses(networks: &mut Map<String, Json>, parts: &[Part]) -> Vec<(String, Vec<String>)> {
    let is_fixed = |name: &str| {
        parts.iter().any(|part| {
            let place = part.body.get("networks").and_then(|all| all.get(name));
            let has = |key: &str| place.and_then(|p| p.get(key)).is_some_and(|a| !a.is_null());
            has("ipv4_address") || has("ipv6_address")
        })
    };
    if networks.keys().any(|name| is_fixed(name)) {
        let ranges = |network: &Json| {
            let pools = network["ipam"]["config"].as_array().into_iter().flatten();
            let ranges = pools.filter_map(|pool| Some(pool["subnet"].as_str()?.to_owned()));
            ranges.collect()
        };
        let kept = networks.iter();
        return kept.map(|(name, n)| (name.clone(), ranges(n))).collect();
    }
    for network in networks.values_mut().filter_map(Json::as_object_mut) {
        network.shift_remove("ipam");
    }
    Vec::new()
}
