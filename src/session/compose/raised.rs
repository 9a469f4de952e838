//! What of a Compose file only shows when it is brought up: a port of this machine or the name of a container that is
//! asked for twice and nobody can have twice, and a network that is not declared. Pure.

use serde_json::{Map, Value as Json};

use super::stack::{Part, Refusal, replicas};
use crate::suite::publish::Publish;
use crate::text::near::nearest;
use crate::text::units::{Port, Protocol};

/// Refuses what no engine could bring up as it is written. Both are lifted for a run, so that only here it is seen.
pub(super) fn check(parts: &[Part], all: &Map<String, Json>) -> Result<(), Refusal> {
    let mut names: Vec<(&str, &str)> = Vec::new();
    let mut ports: Vec<(&str, Publish)> = Vec::new();
    for part in parts {
        let service = all.get(&part.name).and_then(Json::as_object);
        let of = service.and_then(replicas).unwrap_or(1);
        let name = service.and_then(|service| service.get("container_name")?.as_str());
        if let Some(name) = name {
            let what = format!("be called `{name}`");
            let help = "leave `container_name` out, or give each a name of its own";
            several(part, of, &what, help)?;
            if let Some((other, _)) = names.iter().find(|(_, taken)| *taken == name) {
                return Err(both(other, part, &what, help));
            }
            names.push((&part.name, name));
        }
        for own in fixed(part) {
            let number = own.published.unwrap_or_default();
            let what = format!("have port {number} of this machine");
            let help = "publish the container's port alone, or give each a number of its own";
            several(part, of, &what, help)?;
            if let Some((other, _)) = ports.iter().find(|(_, taken)| taken.meets(&own)) {
                return Err(both(other, part, &what, help));
            }
            ports.push((&part.name, own));
        }
    }
    Ok(())
}

/// A network that a tool would refuse when it brings the services up, though not when it reads them.
pub(super) fn undeclared(name: &str, parts: &[Part], declared: &Map<String, Json>) -> Refusal {
    let on = |part: &&Part| part.networks.iter().any(|own| own == name);
    let service = parts.iter().find(on).map_or("", |part| part.name.as_str());
    let near = nearest(name, declared.keys().map(String::as_str));
    let help = near.map_or_else(
        || format!("write `{name}:` under `networks` of the Compose file"),
        |near| format!("did you mean `{near}`?"),
    );
    format!(
        "the service `{service}` is on the network `{name}`, which the Compose file does not declare\n  help: {help}"
    )
}

/// The ports of this machine that a service has by their numbers. One without an address is taken at every address.
fn fixed(part: &Part) -> impl Iterator<Item = Publish> {
    let each = part
        .published
        .iter()
        .flat_map(|(target, hosts)| hosts.iter().map(move |host| (target.as_str(), host)));
    each.filter_map(|(target, host)| {
        let (number, protocol) = target.split_once('/')?;
        let protocol = match protocol {
            "udp" => Protocol::Udp,
            "tcp" => Protocol::Tcp,
            _ => return None,
        };
        Some(Publish {
            address: Some(host.host_ip.clone().unwrap_or_default()),
            published: Some(host.host_port?),
            target: Port {
                number: number.parse().ok()?,
                protocol,
            },
        })
    })
}

fn several(part: &Part, of: u32, what: &str, help: &str) -> Result<(), Refusal> {
    match of > 1 {
        false => Ok(()),
        true => Err(format!(
            "the {of} replicas of the service `{}` are all to {what}, so that only one comes up\n  help: {help}",
            part.name
        )),
    }
}

fn both(other: &str, part: &Part, what: &str, help: &str) -> Refusal {
    let here = match other == part.name {
        true => format!("the service `{other}` is twice to {what}"),
        false => format!(
            "the services `{other}` and `{}` are both to {what}",
            part.name
        ),
    };
    format!("{here}, so that only one comes up\n  help: {help} in the Compose file")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::session::compose::stack::{Stack, Wish};

    /// Why two services cannot be brought up side by side.
    fn said(one: &serde_json::Value, other: &serde_json::Value) -> String {
        let service = |own: &serde_json::Value| {
            let mut service = json!({ "image": "x" });
            let own = own.as_object().unwrap().clone();
            service.as_object_mut().unwrap().extend(own);
            service
        };
        let config = json!({ "services": { "a": service(one), "b": service(other) } });
        let wish = Wish {
            app: "a".to_owned(),
            ..Wish::default()
        };
        Stack::read(&config, &wish)
            .err()
            .map_or(String::new(), |refused| refused.said)
    }

    #[test]
    fn what_only_one_can_have_is_refused() {
        let port = json!({ "ports": ["8080:80"] });
        for (one, other, why) in [
            (
                port.clone(),
                port.clone(),
                "the services `a` and `b` are both to have port 8080",
            ),
            (
                port.clone(),
                json!({ "ports": ["127.0.0.1:8080:90"] }),
                "`a` and `b` are both",
            ),
            (
                json!({ "ports": ["8080:80"], "deploy": { "replicas": 2 } }),
                json!({}),
                "the 2 replicas of the service `a`",
            ),
            (
                json!({ "ports": ["8080:80", "8080:81"] }),
                json!({}),
                "`a` is twice to have port 8080",
            ),
            (
                json!({ "container_name": "x" }),
                json!({ "container_name": "x" }),
                "both to be called `x`",
            ),
            (
                json!({ "container_name": "x", "scale": 3 }),
                json!({}),
                "the 3 replicas of the service `a` are all to be called",
            ),
        ] {
            let said = said(&one, &other);
            assert!(said.contains(why), "{one} {other}: {said}");
        }
        for (one, other) in [
            (port.clone(), json!({ "ports": ["8080:80/udp"] })),
            (port.clone(), json!({ "ports": ["8081:80"] })),
            (port, json!({ "ports": ["80", "8000-8010:80"] })),
            (
                json!({ "ports": ["127.0.0.1:8080:80"] }),
                json!({ "ports": ["10.0.0.1:8080:80"] }),
            ),
            (
                json!({ "ports": ["80"], "scale": 2 }),
                json!({ "container_name": "x" }),
            ),
            (json!({ "ports": ["8080:80", "8081:80"] }), json!({})),
        ] {
            assert_eq!(said(&one, &other), "", "{one} {other}");
        }
    }
}
