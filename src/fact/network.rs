//! Which networks a container is on, and where its packets go that are for none of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// A container's networks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Networks {
    /// Those that it is on.
    pub all: Vec<On>,
    /// Its default routes.
    pub routes: Vec<Route>,
}

/// A network that a container is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct On {
    /// As the suite calls it, else as the engine does.
    pub name: String,
    /// Whether the engine lets nothing on it reach the outside.
    pub internal: bool,
    /// The engine's own addresses on it, to which packets go that are to leave it.
    pub gateways: Vec<IpAddr>,
}

impl Networks {
    /// The default routes that lead out. Engines give containers of an internal network one too, and let
    /// nothing pass where it leads.
    pub fn ways_out(&self) -> Vec<String> {
        let internal = self.all.iter().filter(|on| on.internal);
        let closed: Vec<&IpAddr> = internal.flat_map(|on| &on.gateways).collect();
        let is_closed =
            |route: &&Route| route.gateway.as_ref().is_some_and(|g| closed.contains(&g));
        let open = self.routes.iter().filter(|route| !is_closed(route));
        open.map(ToString::to_string).collect()
    }
}

/// A default route: where packets go that are for no network that the container is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Through whom; without it whoever is on that device.
    pub gateway: Option<IpAddr>,
    /// Through which device.
    pub device: String,
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.gateway {
            Some(gateway) => write!(f, "by {gateway} ({})", self.device),
            None => write!(f, "by {}", self.device),
        }
    }
}

/// The kernel's mark of a route that is in use.
const UP: u32 = 0x1;
/// The kernel's mark of a route that leads nowhere.
const REJECT: u32 = 0x200;

/// The default routes of `/proc/net/route` and `/proc/net/ipv6_route`; `None` where a line is not
/// understood.
pub fn defaults(ipv4: &str, ipv6: &str) -> Option<Vec<Route>> {
    let defaults = all(ipv4, ipv6)?.into_iter();
    let defaults = defaults.filter(|(_, leads)| *leads == Leads::Everywhere);
    Some(defaults.map(|(route, _)| route).collect())
}

/// Whether no route of these tables leads anywhere but to the loopback: there is no other device that is
/// up, so that nobody is reached and nobody comes. `None` where a line is not understood.
pub fn is_alone(ipv4: &str, ipv6: &str) -> Option<bool> {
    let all = all(ipv4, ipv6)?;
    let mut leading = all.iter().filter(|(_, leads)| *leads != Leads::Nowhere);
    Some(leading.all(|(route, _)| route.device == LOOPBACK))
}

/// The device of the loopback.
const LOOPBACK: &str = "lo";

/// How far a route leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leads {
    Nowhere,
    Somewhere,
    Everywhere,
}

fn all(ipv4: &str, ipv6: &str) -> Option<Vec<(Route, Leads)>> {
    let four = ipv4.lines().skip(1).filter(|line| !line.trim().is_empty());
    let six = ipv6.lines().filter(|line| !line.trim().is_empty());
    four.map(of_ipv4).chain(six.map(of_ipv6)).collect()
}

/// The route of a line, and how far it leads.
fn of_ipv4(line: &str) -> Option<(Route, Leads)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let number = |at: usize| u32::from_str_radix(fields.get(at)?, 16).ok();
    let (to, by, flags, mask) = (number(1)?, number(2)?, number(3)?, number(7)?);
    // As they lie in memory, and no engine runs where the first byte would be another.
    let gateway = Ipv4Addr::from(by.to_le_bytes());
    let route = Route {
        gateway: (!gateway.is_unspecified()).then_some(IpAddr::V4(gateway)),
        device: (*fields.first()?).to_owned(),
    };
    Some((route, leads(flags, to == 0 && mask == 0)))
}

fn of_ipv6(line: &str) -> Option<(Route, Leads)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let address = |at: usize| {
        let bits = u128::from_str_radix(fields.get(at)?, 16).ok()?;
        Some(Ipv6Addr::from(bits))
    };
    let number = |at: usize| u32::from_str_radix(fields.get(at)?, 16).ok();
    let (to, length, by, flags) = (address(0)?, number(1)?, address(4)?, number(8)?);
    let device = (*fields.get(9)?).to_owned();
    let leads = leads(
        flags,
        to.is_unspecified() && length == 0 && device != LOOPBACK,
    );
    let gateway = (!by.is_unspecified()).then_some(IpAddr::V6(by));
    Some((Route { gateway, device }, leads))
}

fn leads(flags: u32, everywhere: bool) -> Leads {
    match (flags & UP != 0 && flags & REJECT == 0, everywhere) {
        (false, _) => Leads::Nowhere,
        (true, false) => Leads::Somewhere,
        (true, true) => Leads::Everywhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
    const OWN: &str = "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
    const DEFAULT: &str = "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
    const REJECTED: &str = "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n";
    const SIX: &str = "00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
        fd000000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n";
    const SIX_NOWHERE: &str = "00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
        00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";
    const SIX_OWN: &str = "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 \
        00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n";

    fn shown(ipv4: &[&str], ipv6: &[&str]) -> Vec<String> {
        let routes = defaults(&ipv4.concat(), &ipv6.concat()).unwrap();
        routes.iter().map(Route::to_string).collect()
    }

    #[test]
    fn only_routes_to_everywhere_that_lead_somewhere_are_default_ones() {
        assert_eq!(shown(&[HEAD, OWN, DEFAULT], &[]), ["by 172.17.0.1 (eth0)"]);
        assert_eq!(
            shown(&[HEAD, OWN, REJECTED], &[SIX_NOWHERE, SIX_OWN]),
            [""; 0]
        );
        assert_eq!(shown(&[HEAD], &[SIX]), ["by fd00::1 (eth0)"]);
        assert_eq!(shown(&[], &[]), [""; 0]);
    }

    #[test]
    fn what_leads_to_an_internal_networks_end_does_not_lead_out() {
        let on = |internal| On {
            name: "back".to_owned(),
            internal,
            gateways: vec!["172.17.0.1".parse().unwrap()],
        };
        let networks = |on: On, six: &str| Networks {
            all: vec![on],
            routes: defaults(&[HEAD, DEFAULT].concat(), six).unwrap(),
        };
        assert_eq!(networks(on(true), "").ways_out(), [""; 0]);
        assert_eq!(networks(on(true), SIX).ways_out(), ["by fd00::1 (eth0)"]);
        assert_eq!(networks(on(false), "").ways_out(), ["by 172.17.0.1 (eth0)"]);
    }

    #[test]
    fn who_has_no_route_but_to_itself_is_alone() {
        assert_eq!(is_alone("", ""), Some(true));
        assert_eq!(
            is_alone(&[HEAD, REJECTED].concat(), SIX_NOWHERE),
            Some(true)
        );
        let own = SIX_OWN.replace("    eth0", "      lo");
        assert_eq!(is_alone(HEAD, &own), Some(true));
        assert_eq!(is_alone(&[HEAD, OWN].concat(), ""), Some(false));
        assert_eq!(is_alone(HEAD, SIX_OWN), Some(false));
        assert_eq!(is_alone(&[HEAD, DEFAULT].concat(), ""), Some(false));
        assert_eq!(is_alone(HEAD, "fe80 64\n"), None);
    }

    #[test]
    fn a_table_that_is_not_understood_is_no_table() {
        for line in ["eth0\t00000000", "eth0 zero zero 3 0 0 0 zero"] {
            assert_eq!(defaults(&format!("{HEAD}{line}\n"), ""), None, "{line}");
        }
        assert_eq!(defaults(HEAD, "fe80 64\n"), None);
    }
}
