//! `exposed-ssh`: a way in that is not needed.

use super::look::Look;
use super::{Found, Level, Rule};
use crate::dockerfile::Kind;

/// See its page.
pub const RULE: Rule = Rule {
    id: "exposed-ssh",
    level: Level::Warning,
    also: &["DS-0004"],
    page: include_str!("exposed_ssh.md"),
    check,
};

fn check(look: &Look<'_>, found: &mut Found) {
    for (at, one) in look.every(Kind::Expose) {
        for (value, span) in look.words(at, one) {
            let ports = value.as_deref().unwrap_or("");
            if ports.split_whitespace().any(is_of_ssh) {
                let message = "port 22 is that of SSH";
                found.say(at, span, message, "use `docker exec` to look into a container");
            }
        }
    }
}

/// Whether port 22 is among them: `22`, `22/tcp`, `20-25`.
fn is_of_ssh(ports: &str) -> bool {
    let (ports, protocol) = ports.split_once('/').unwrap_or((ports, "tcp"));
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let among = match (first.parse::<u16>(), last.parse::<u16>()) {
        (Ok(first), Ok(last)) => (first..=last).contains(&22),
        _ => false,
    };
    among && protocol.eq_ignore_ascii_case("tcp")
}
