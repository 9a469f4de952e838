//! Names and addresses of hosts, as they are written.

use std::net::IpAddr;

/// The longest name that the kernel keeps.
const LONGEST: usize = 64;
/// The longest name that DNS has.
const LONGEST_IN_DNS: usize = 253;
/// The longest part of it between two dots.
const LABEL: usize = 63;

/// Whether a host, a domain or a service can be called so.
pub fn is_name(word: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.chars().all(inside)
        && word.len() <= LONGEST
}

/// Whether others can look it up. That is told by DNS, which has longer names and a `_` before some.
pub fn is_looked_up(word: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && word.chars().all(inside)
        && word.len() <= LONGEST_IN_DNS
        && word.split('.').all(|label| label.len() <= LABEL)
}

/// How a name that others look up is written.
pub const LOOKED_UP: &str = "take letters, digits, `-`, `_` and `.`, at most 253 and 63 between two dots, and begin with a letter, a digit or `_`";

/// The address, where it is one; IPv6 with or without brackets.
pub fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    match bare {
        Some(bare) => bare.parse().ok().filter(IpAddr::is_ipv6),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_others_look_up_are_those_of_dns() {
        let long = format!("{0}.{0}.{0}.{1}", "x".repeat(63), "x".repeat(61));
        for name in ["db", "_srv", "_dmarc.example.org", "example.org.", &long] {
            assert!(is_looked_up(name), "{name}");
        }
        let longer = format!("{long}x");
        for wrong in ["", "-db", "a b", ".x", &"x".repeat(64), &longer] {
            assert!(!is_looked_up(wrong), "{wrong}");
        }
    }

    #[test]
    fn names_and_addresses_of_hosts_are_told_from_other_texts() {
        for name in ["db", "db_1.example", "4you", &"x".repeat(64)] {
            assert!(is_name(name), "{name}");
        }
        for wrong in ["", "-db", "a b", "a/b", "a:1", &"x".repeat(65)] {
            assert!(!is_name(wrong), "{wrong}");
        }
        for text in ["10.0.0.1", "::1", "[::1]"] {
            assert!(address(text).is_some(), "{text}");
        }
        for wrong in ["nope", "10.0.0", "10.0.0.256", "[10.0.0.1]", "[::1", ""] {
            assert!(address(wrong).is_none(), "{wrong}");
        }
    }
}
