//! The files that say how names are looked up.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// How names are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) servers: Vec<SocketAddr>,
    pub(crate) search: Vec<String>,
    pub(crate) ndots: usize,
    pub(crate) timeout: Duration,
    pub(crate) attempts: u32,
}

impl Settings {
    /// Reads `/etc/resolv.conf`; what is not understood is passed over, as C libraries do.
    pub(crate) fn parse(text: &str) -> Self {
        let mut settings = Self {
            servers: Vec::new(),
            search: Vec::new(),
            ndots: 1,
            timeout: Duration::from_secs(5),
            attempts: 2,
        };
        for line in text.lines() {
            let line = line.split(['#', ';']).next().unwrap_or_default();
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("nameserver") if settings.servers.len() < 3 => {
                    let server = words.next().and_then(|word| word.parse::<IpAddr>().ok());
                    settings
                        .servers
                        .extend(server.map(|server| SocketAddr::new(server, 53)));
                }
                Some("search" | "domain") => {
                    settings.search = words
                        .take(6)
                        .map(|word| word.trim_end_matches('.').to_owned())
                        .collect();
                }
                Some("options") => words.for_each(|word| settings.option(word)),
                _ => {}
            }
        }
        settings.search.retain(|domain| !domain.is_empty());
        settings
    }

    fn option(&mut self, word: &str) {
        let Some((key, Ok(number))) = word
            .split_once(':')
            .map(|(key, value)| (key, value.parse::<u32>()))
        else {
            return;
        };
        match key {
            "ndots" => self.ndots = usize::try_from(number.min(15)).unwrap_or(1),
            "timeout" => self.timeout = Duration::from_secs(number.clamp(1, 30).into()),
            "attempts" => self.attempts = number.clamp(1, 5),
            _ => {}
        }
    }

    /// The full names that a name may stand for, likeliest first.
    pub(super) fn candidates(&self, name: &str) -> Vec<String> {
        if let Some(full) = name.strip_suffix('.') {
            return vec![full.to_owned()];
        }
        let searched = self.search.iter().map(|domain| format!("{name}.{domain}"));
        let dots = name.bytes().filter(|byte| *byte == b'.').count();
        if dots >= self.ndots {
            std::iter::once(name.to_owned()).chain(searched).collect()
        } else {
            searched.chain(std::iter::once(name.to_owned())).collect()
        }
    }
}

/// The addresses that a hosts file has for a name.
pub(crate) fn in_hosts(text: &str, name: &str) -> Vec<IpAddr> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let mut found: Vec<IpAddr> = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_ascii_whitespace();
        let address = words.next().and_then(|word| word.parse().ok());
        if let Some(address) = address
            && !found.contains(&address)
            && words.any(|word| word.eq_ignore_ascii_case(name))
        {
            found.push(address);
        }
    }
    found.sort_by_key(IpAddr::is_ipv6);
    found
}
