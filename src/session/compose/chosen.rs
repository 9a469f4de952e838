//! Which services of a Compose file are started, and what each of them needs first. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::refused::{Named, Refused};
use super::stack::{Part, Refusal, Wish};
use super::wrong::AROUND;
use crate::suite::run::Wait;
use crate::text::near::nearest;

/// The services that are started: those that are wanted, and what they need.
pub(super) fn wanted(all: &Map<String, Json>, wish: &Wish) -> Result<BTreeSet<String>, Refused> {
    let services = wish.services.iter().cloned().map(Named::Service);
    let scaled = wish.scale.keys().cloned().map(Named::Scale);
    let named = [Named::App].into_iter().chain(services).chain(scaled);
    for named in named {
        let name = match &named {
            Named::Service(name) | Named::Scale(name) => name,
            _ => &wish.app,
        };
        if !all.contains_key(name) {
            let said = unknown(name, all);
            return Err(named.refused(said));
        }
    }
    if all.contains_key("app") && wish.app != "app" {
        let help = format!(
            "say `app: app`, or give that service another name than the one that suites have for `{}`",
            wish.app
        );
        return Err(Named::App.refused(format!(
            "the Compose file has a service `app`, and `app` of the suite is `{}`\n  help: {help}",
            wish.app
        )));
    }
    let all_profiles: BTreeSet<&str> = all.values().flat_map(profiles).collect();
    if let Some(none) = wish
        .profiles
        .iter()
        .find(|name| !all_profiles.contains(name.as_str()))
    {
        let said = no_profile(none, &all_profiles);
        return Err(Named::Profile(none.clone()).refused(said));
    }
    let named = wish.services.iter().filter_map(|name| all.get(name));
    let mut on: Vec<&str> = wish.profiles.iter().map(String::as_str).collect();
    on.extend(named.flat_map(profiles));
    let active = |service: &Json| {
        let own = profiles(service);
        own.is_empty() || own.iter().any(|one| on.contains(one))
    };
    let mut open: Vec<String> = match wish.services.is_empty() {
        true => all
            .iter()
            .filter(|(_, s)| active(s))
            .map(|(name, _)| name.clone())
            .collect(),
        false => wish.services.clone(),
    };
    let mut wanted = BTreeSet::new();
    while let Some(name) = open.pop() {
        let service = all.get(&name).and_then(Json::as_object);
        let Some(service) = service.filter(|_| wanted.insert(name.clone())) else {
            continue;
        };
        for (other, _) in needs(&name, service)? {
            let optional = service
                .get("depends_on")
                .map(|all| &all[&other]["required"]);
            match all.get(&other) {
                Some(its) if active(its) => open.push(other),
                Some(its) if optional != Some(&Json::Bool(false)) => {
                    return Err(off(&name, &other, &profiles(its)).into());
                }
                _ => {}
            }
        }
    }
    if let Some(name) = wish.scale.keys().find(|name| !wanted.contains(*name)) {
        return Err(Named::Scale(name.clone()).refused(format!(
            "`scale` names the service `{name}`, which is not started\n  help: name it under `services`, or switch its profile on"
        )));
    }
    match wanted.contains(&wish.app) {
        true => Ok(wanted),
        false => Err(Named::App.refused(format!(
            "`app` is the service `{}`, which is not started\n  help: name it under `services`, or switch its profile on",
            wish.app
        ))),
    }
}

fn no_profile(name: &str, all: &BTreeSet<&str>) -> Refusal {
    let help = match nearest(name, all.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if all.is_empty() => {
            "no service of the Compose file has a profile: leave it out".to_owned()
        }
        None => format!(
            "there is {}",
            all.iter().copied().collect::<Vec<_>>().join(", ")
        ),
    };
    format!("no service has the profile `{name}`\n  help: {help}")
}

fn profiles(service: &Json) -> Vec<&str> {
    let profiles = service["profiles"].as_array().into_iter().flatten();
    profiles.filter_map(Json::as_str).collect()
}

/// What is needed is not started, which no Compose tool brings up either.
fn off(name: &str, other: &str, profiles: &[&str]) -> Refusal {
    let all = profiles.join(", ");
    format!(
        "the service `{name}` needs `{other}`, which is started with the profile {all} alone\n  help: switch it on in the suite's `compose`: `profiles: [{all}]`"
    )
}

fn unknown(name: &str, all: &Map<String, Json>) -> Refusal {
    let known: Vec<&str> = all.keys().map(String::as_str).collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => {
            "it describes no service at all: write it under `services` there".to_owned()
        }
        None => format!("it has {}", known.join(", ")),
    };
    format!("the Compose file has no service `{name}`\n  help: {help}")
}

/// What must be there before a service is started, by `depends_on` and by what it shares with others.
pub(super) fn needs(
    name: &str,
    service: &Map<String, Json>,
) -> Result<Vec<(String, Wait)>, Refusal> {
    let mut needs: Vec<(String, Wait)> = Vec::new();
    match service.get("depends_on") {
        Some(Json::Array(list)) => {
            needs.extend(texts(list).into_iter().map(|name| (name, Wait::Started)));
        }
        Some(Json::Object(map)) => {
            let condition = |how: &Json| match how["condition"].as_str() {
                Some("service_healthy") => Wait::Healthy,
                Some("service_completed_successfully") => Wait::Completed,
                _ => Wait::Started,
            };
            needs.extend(map.iter().map(|(name, how)| (name.clone(), condition(how))));
        }
        _ => {}
    }
    let list = |key: &str| service.get(key).and_then(Json::as_array).map(|l| texts(l));
    let shared = ["network_mode", "ipc", "pid"]
        .into_iter()
        .filter_map(|key| {
            let whose = service.get(key)?.as_str()?;
            Some((
                key,
                whose.strip_prefix("service:").unwrap_or(whose).to_owned(),
                whose.contains(':'),
            ))
        });
    let shared = shared
        .filter(|(_, _, other)| *other)
        .map(|(key, whose, _)| (key, whose));
    let volumes = list("volumes_from").unwrap_or_default().into_iter();
    for (key, whose) in shared.chain(volumes.map(|whose| ("volumes_from", whose))) {
        if whose.starts_with("container:") {
            let why = "is that of a container which is not the suite's own";
            return Err(format!(
                "`{key}` of the service `{name}` {why}\n  help: name a service of the file in its place"
            ));
        }
        // The first tool writes `service:web:rw` for `web` in `volumes_from`.
        let of_service = whose.strip_prefix("service:");
        let named = of_service.filter(|rest| rest.contains(':'));
        needs.push((bare(named.unwrap_or(&whose)), Wait::Started));
    }
    let links = list("links").unwrap_or_default();
    needs.extend(links.iter().map(|link| (bare(link), Wait::Started)));
    needs.retain(|(other, _)| other != name);
    Ok(needs)
}

/// Services of which each waits for another could none be started first.
pub(super) fn circle(parts: &[Part]) -> Result<(), Refusal> {
    let mut started: BTreeSet<&str> = BTreeSet::new();
    loop {
        let open = || {
            parts
                .iter()
                .filter(|part| !started.contains(part.name.as_str()))
        };
        let free = |part: &&Part| {
            part.before
                .iter()
                .all(|(other, _)| started.contains(other.as_str()))
        };
        let next: Vec<&str> = open().filter(free).map(|part| part.name.as_str()).collect();
        if next.is_empty() {
            let left: Vec<String> = open().map(|part| format!("`{}`", part.name)).collect();
            return match left.is_empty() {
                true => Ok(()),
                false => Err(format!("the services {} {AROUND}", left.join(", "))),
            };
        }
        started.extend(next);
    }
}

/// The service in `service:more`.
pub(super) fn bare(text: &str) -> String {
    text.split(':').next().unwrap_or(text).to_owned()
}

/// The texts of a list.
pub(super) fn texts(list: &[Json]) -> Vec<String> {
    let texts = list.iter().filter_map(Json::as_str);
    texts.map(str::to_owned).collect()
}
