//! `invalid-port`: a port that cannot be.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;
use crate::text::cut::named;

/// See its page.
pub const RULE: Rule = Rule {
    id: "invalid-port",
    level: Level::Error,
    also: &["DL3011", "ExposeInvalidFormat", "DS-0008"],
    page: include_str!("invalid_port.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.every(Kind::Expose) {
        for (value, span) in look.words(at, one) {
            let ports = value.unwrap_or_default();
            // A variable may hold several, or none.
            for port in ports.split_whitespace().filter(|port| !is_port(port)) {
                let shown = named(port);
                let mend = match port.contains(':') {
                    true => "name the container's port only; `docker run -p` says the host's",
                    false => "a number from 1 to 65535, with /tcp, /udp or /sctp behind it",
                };
                found.say(at, span, format!("`{shown}` is no port"), mend);
            }
        }
    }
}

fn is_port(text: &str) -> bool {
    let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let number = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    let ordered = matches!((number(first), number(last)), (Some(a), Some(b)) if a <= b);
    ordered && matches!(protocol.to_ascii_lowercase().as_str(), "tcp" | "udp" | "sctp")
}
