//! `ports`: where the container's programs listen, and what its configuration publishes.

mod published;

use std::net::IpAddr;

use serde_json::Value as Json;

use super::{Findings, Judge, Scope};
use crate::fact::answer::{Blocked, Seen};
use crate::fact::question::Question;
use crate::fact::socket::Listener;
use crate::record;
use crate::text::matcher::{Miss, listed};
use crate::text::read::{Flag, Read, Reader};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;
use crate::text::units::{Port, Protocol};
use published::Publication;

record! {
    /// Where the container's programs listen, and what its configuration publishes.
    pub struct PortsFields (bare bare) {
        /// Ports on which something listens that others can reach.
        listening: Option<Spanned<Vec<Port>>>,
        /// Ports on which something listens for the container itself alone.
        loopback: Option<Spanned<Vec<Port>>>,
        /// Whether the lists that are given are all there is. Alone: nothing listens for others.
        only: Flag,
        /// Ports of the container that its configuration publishes on the host: `8080`, or as
        /// Compose writes them, `80:8080` or `127.0.0.1:80:8080/tcp`.
        published: Option<Spanned<Vec<Publication>>>,
    }
}

/// What to write in place of ports alone.
fn bare(node: &Node) -> Option<String> {
    let all = node.items().unwrap_or(std::slice::from_ref(node));
    let texts: Option<Vec<&str>> = all.iter().map(Node::text).collect();
    let texts = texts.filter(|texts| texts.iter().all(|text| Port::parse(text).is_some()))?;
    Some(format!(
        "write `{{ listening: [{}] }}`; `only: true` beside it says that nothing else listens",
        texts.join(", ")
    ))
}

/// Where the container's programs listen, and what its configuration publishes.
#[derive(Debug, Clone)]
pub struct Ports {
    fields: PortsFields,
    span: Span,
}

impl Read for Ports {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let fields = PortsFields::read(node, reader)?;
        let lists = [
            fields.listening.as_ref().map(|l| (l.span, l.value.len())),
            fields.loopback.as_ref().map(|l| (l.span, l.value.len())),
            fields.published.as_ref().map(|l| (l.span, l.value.len())),
        ];
        if fields.only.0 {
            let span = node.span;
            return Some(Self { fields, span });
        }
        let help = "`only: true` says that there are no others";
        if lists.iter().all(Option::is_none) {
            reader.say(node.span, "this names no port").help(help);
            return None;
        }
        let empty: Vec<Span> = lists
            .into_iter()
            .flatten()
            .filter(|(_, count)| *count == 0)
            .map(|(span, _)| span)
            .collect();
        for span in &empty {
            reader.say(*span, "expected at least one port").help(help);
        }
        let span = node.span;
        empty.is_empty().then_some(Self { fields, span })
    }
    fn schema(schemas: &mut Schemas) -> Json {
        PortsFields::schema(schemas)
    }
}

impl Judge for Ports {
    const SCOPE: Scope = Scope::Running;

    fn questions(&self) -> Vec<Question> {
        let listeners = self.asks_listeners().then_some(Question::Listeners);
        let container = self.fields.published.as_ref().map(|_| Question::Container);
        listeners.into_iter().chain(container).collect()
    }

    fn judge(&self, seen: Seen<'_>, findings: &mut Findings) -> Result<(), Blocked> {
        let only = self.fields.only.0;
        let mut judged = Findings::default();
        if self.asks_listeners() {
            self.compare_listeners(seen.listeners()?, &mut judged);
        }
        if let Some(published) = &self.fields.published {
            published::compare(published, only, seen.container()?, &mut judged);
        }
        findings.misses.extend(judged.misses);
        findings.seen.extend(judged.seen);
        Ok(())
    }
}

impl Ports {
    /// Alone, `published` says nothing of what listens.
    fn asks_listeners(&self) -> bool {
        let fields = &self.fields;
        fields.listening.is_some() || fields.loopback.is_some() || fields.published.is_none()
    }

    fn compare_listeners(&self, all: &[Listener], findings: &mut Findings) {
        let fields = &self.fields;
        let programs = all.iter().filter(|l| !l.is_name_server());
        let (inside, outside): (Vec<Listener>, Vec<Listener>) =
            programs.copied().partition(Listener::is_loopback);
        let everything: Vec<Listener> = outside.iter().chain(&inside).copied().collect();
        let actual = shown(&everything);
        findings.saw(format!("listens on {actual}"));

        let none = Spanned {
            span: self.span,
            value: Vec::new(),
        };
        let nothing_listed = fields.listening.is_none() && fields.loopback.is_none();
        if let Some(listening) = fields
            .listening
            .as_ref()
            .or(nothing_listed.then_some(&none))
        {
            for port in &listening.value {
                let reached = outside.iter().any(|l| l.port == *port);
                let miss = (!reached).then(|| Miss::new(format!("listening on {port}"), &actual));
                let what = format!("port {port}");
                match inside.iter().any(|l| l.port == *port) {
                    true => findings.check_with(listening.span, what, miss, UNREACHED),
                    false => findings.check(listening.span, what, miss),
                }
            }
            self.check_others(listening, &outside, "that others reach", findings);
        }
        if let Some(loopback) = &fields.loopback {
            for port in &loopback.value {
                let wanted = format!("{port} on loopback alone");
                let miss = if let Some(reached) = outside.iter().find(|l| l.port == *port) {
                    let reached = format!("{}, which others reach", one(reached));
                    Some(Miss::new(wanted, reached))
                } else {
                    let there = inside.iter().any(|l| l.port == *port);
                    (!there).then(|| Miss::new(wanted, &actual))
                };
                findings.check(loopback.span, format!("port {port}"), miss);
            }
            self.check_others(loopback, &inside, "on loopback", findings);
        }
        if !findings.misses.is_empty() {
            findings.seen.clear();
        }
    }

    /// With `only`, what listens beside the ports of a list.
    fn check_others(
        &self,
        list: &Spanned<Vec<Port>>,
        listeners: &[Listener],
        which: &str,
        findings: &mut Findings,
    ) {
        let others: Vec<Listener> = listeners
            .iter()
            .filter(|l| !list.value.contains(&l.port))
            .copied()
            .collect();
        if !self.fields.only.0 || others.is_empty() {
            return;
        }
        let listed_ports: Vec<String> = list.value.iter().map(ToString::to_string).collect();
        let expected = match listed_ports.as_slice() {
            [] => format!("no port {which}"),
            ports => format!("no port {which} but {}", listed(ports, "and")),
        };
        let miss = Some(Miss::new(expected, format!("also {}", shown(&others))));
        match others.iter().any(|l| l.port.protocol == Protocol::Udp) {
            true => findings.check_with(list.span, "ports", miss, UDP),
            false => findings.check(list.span, "ports", miss),
        }
    }
}

const UNREACHED: &str =
    "it listens on loopback, inside the container only: make it listen on 0.0.0.0 or ::";
const UDP: &str = "a UDP socket that waits for the answer to its own question looks the same as a server; `within` gives it time to be gone";

/// Listeners as people read them, those that others reach first.
fn shown(listeners: &[Listener]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut sorted = listeners.to_vec();
    sorted.sort_unstable_by_key(|l| (l.is_loopback(), *l));
    for listener in &sorted {
        let word = one(listener);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    listed(&words, "and")
}

fn one(listener: &Listener) -> String {
    let address = match listener.address {
        IpAddr::V6(v6) => format!("[{v6}]"),
        IpAddr::V4(v4) => v4.to_string(),
    };
    format!("{} at {address}", listener.port)
}

#[cfg(test)]
mod tests;
