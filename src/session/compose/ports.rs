//! Published ports as a Compose file writes them. Pure.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::fact::container::PublishedPort;

/// A service's ports by what they lead to, such as `80/tcp`.
pub type Published = BTreeMap<String, Vec<PublishedPort>>;

/// What a service declares; an entry that is not understood is given back as it is written.
pub fn declared(ports: &Json) -> Result<Published, String> {
    let mut published = Published::new();
    for port in ports.as_array().into_iter().flatten() {
        let read = match port {
            Json::String(text) => short(text),
            Json::Object(_) => long(port),
            other => short(&other.to_string()),
        };
        let (target, host) = read.ok_or_else(|| as_written(port))?;
        published.entry(target).or_default().push(host);
    }
    Ok(published)
}

/// The same ports at free numbers of this machine, as a Compose file writes them: each once, however often it is
/// published.
pub fn lifted(published: &Published) -> Vec<Json> {
    let targets = published.keys();
    let each = targets.map(|target| Json::String(format!("127.0.0.1::{target}")));
    each.collect()
}

/// `[[address:]host:]target[/protocol]`.
fn short(text: &str) -> Option<(String, PublishedPort)> {
    let (text, protocol) = text.rsplit_once('/').unwrap_or((text, "tcp"));
    let (rest, target) = match text.rsplit_once(':') {
        Some((rest, target)) => (Some(rest), target),
        None => (None, text),
    };
    let (address, host) = match rest.map(|rest| rest.rsplit_once(':').unwrap_or(("", rest))) {
        Some((address, host)) => (address.trim_matches(['[', ']']), host),
        None => ("", ""),
    };
    Some((
        target_of(target, protocol)?,
        PublishedPort {
            host_ip: (!address.is_empty()).then(|| address.to_owned()),
            host_port: number(host),
        },
    ))
}

fn long(port: &Json) -> Option<(String, PublishedPort)> {
    let text = |key: &str| match &port[key] {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let protocol = Some(text("protocol")).filter(|p| !p.is_empty());
    Some((
        target_of(&text("target"), protocol.as_deref().unwrap_or("tcp"))?,
        PublishedPort {
            host_ip: Some(text("host_ip")).filter(|ip| !ip.is_empty()),
            host_port: number(&text("published")),
        },
    ))
}

fn target_of(target: &str, protocol: &str) -> Option<String> {
    let number: u16 = target.parse().ok()?;
    Some(format!("{number}/{}", protocol.to_lowercase()))
}

/// A port as a file has it, in its short form.
fn as_written(port: &Json) -> String {
    let part = |key: &str| match &port[key] {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    match port {
        Json::String(text) => text.clone(),
        Json::Object(_) => {
            let parts = ["host_ip", "published", "target"]
                .into_iter()
                .filter_map(part);
            parts.collect::<Vec<_>>().join(":")
        }
        other => other.to_string(),
    }
}

/// One number; a range is any of its numbers, so none is declared.
fn number(text: &str) -> Option<u16> {
    text.parse().ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_form_is_understood_and_loses_its_fixed_number() {
        let ports = json!([
            "8080:80",
            "127.0.0.1:9000:90/udp",
            70,
            "[::1]:81:80",
            { "target": 443, "published": "8443", "protocol": "tcp", "host_ip": "10.0.0.1", "mode": "ingress" },
            { "target": 71, "published": 7171 },
            { "target": 72, "published": "7000-7010" },
            { "target": 73, "published": 0, "host_ip": "", "protocol": "UDP" },
        ]);
        let declared = declared(&ports).unwrap();
        let shown: Vec<String> = declared
            .iter()
            .flat_map(|(target, hosts)| {
                hosts
                    .iter()
                    .map(move |h| format!("{target} {:?} {:?}", h.host_ip, h.host_port))
            })
            .collect();
        assert_eq!(
            shown,
            [
                "443/tcp Some(\"10.0.0.1\") Some(8443)",
                "70/tcp None None",
                "71/tcp None Some(7171)",
                "72/tcp None None",
                "73/udp None None",
                "80/tcp None Some(8080)",
                "80/tcp Some(\"::1\") Some(81)",
                "90/udp Some(\"127.0.0.1\") Some(9000)",
            ]
        );
        let lifted = lifted(&declared);
        assert_eq!(lifted[0], "127.0.0.1::443/tcp");
        assert_eq!(lifted.last().unwrap(), "127.0.0.1::90/udp");
        assert_eq!(lifted.len(), 7);
    }

    #[test]
    fn what_is_no_port_is_given_back() {
        let given = |port| declared(&json!([port])).unwrap_err();
        assert_eq!(given(json!("80-90:x")), "80-90:x");
        let port = json!({ "published": 8080, "target": 99999, "mode": "ingress" });
        assert_eq!(given(port), "8080:99999");
    }
}
