//! Hosts that the claims and steps of a case address.

use crate::text::source::Spanned;
use crate::text::tree::Node;
use crate::text::url::{Url, host_and_port};

/// Every host of a request, a connection or a target, also where its claim could not be read. One that is
/// expected not to answer is none: its name may be made up. Nor is one that is asked for `from: host`, whose
/// resolver may know more names.
pub fn hosts(node: &Node, all: &mut Vec<Spanned<String>>) {
    let is_inside = |claim: &&Node| claim.get("from").and_then(Node::text) != Some("host");
    let http = node.get("http").filter(is_inside);
    if let Some(http) = http.filter(|http| http.get("fails").is_none()) {
        let url = http.get("url").unwrap_or(http);
        put(url, |text| Url::parse(text).ok().map(|url| url.host), all);
    }
    let of_target = |text: &str| host_and_port(text).ok().map(|(host, _)| host);
    if let Some(tcp) = node.get("tcp").filter(is_inside) {
        put(tcp.get("to").unwrap_or(tcp), of_target, all);
    }
    for claim in ["reaches", "isolated_from"] {
        if let Some(targets) = node.get(claim) {
            let several = targets.items().unwrap_or(std::slice::from_ref(targets));
            for target in several {
                put(target, of_target, all);
            }
        }
    }
    if let Some(load) = node.get("load") {
        hosts(load, all);
    }
    for key in ["expect", "steps", "during", "ready"] {
        match node.get(key) {
            Some(one) if one.entries().is_some() => hosts(one, all),
            Some(several) => {
                for item in several.items().unwrap_or(&[]) {
                    hosts(item, all);
                }
            }
            None => {}
        }
    }
}

fn put(node: &Node, host: impl Fn(&str) -> Option<String>, all: &mut Vec<Spanned<String>>) {
    if let Some(value) = node.text().and_then(host) {
        let span = node.span;
        all.push(Spanned { span, value });
    }
}
