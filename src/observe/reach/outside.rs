//! What lies past a container's own networks, and past the engine's machine, which is on each of them.

use std::net::IpAddr;

use super::{From, GLANCE, Goal, PROBE, once, steady, told, tried};
use crate::engine::Fault;
use crate::engine::probe::wire::{Answer as Told, Request};
use crate::fact::network::{Route, defaults, is_alone};
use crate::fact::reach::{Control, Reach, place};
use crate::observe::{read, together};
use crate::session::company::Company;

/// Ports of which one is mostly answered on, be it with a refusal.
const PORTS: [u16; 4] = [53, 80, 443, 22];
/// Where name servers are named.
const SERVERS: &str = "/etc/resolv.conf";
/// The most addresses that are tried.
const ADDRESSES: usize = 4;

/// Which networks a member is on, and what answers it of that which answers on an open network.
pub(super) async fn of(company: &Company, at: usize) -> Result<Reach, Fault> {
    let networks = together::on(company, at).await?;
    let beyond = beyond(company).await?;
    let (control, goals) = answers(company, beyond.as_deref().unwrap_or(&[])).await?;
    let tries = match goals.is_empty() {
        true => Vec::new(),
        false => steady(company, at, &goals).await?,
    };
    Ok(Reach {
        networks,
        has_outside: beyond.is_some(),
        tries,
        controls: vec![control],
    })
}

/// A table of the kernel's.
fn table(path: &str) -> Request {
    Request::Read {
        path: path.as_bytes().to_vec(),
        from: 0,
        max: 4 << 20,
    }
}

const TABLES: [&str; 2] = ["/proc/net/route", "/proc/net/ipv6_route"];

/// The default routes where a connection starts.
pub(super) async fn routes(company: &Company, from: From<'_>) -> Result<Vec<Route>, Fault> {
    let [ipv4, ipv6] = tables(company, from).await?;
    defaults(&ipv4, &ipv6).ok_or_else(unread)
}

/// Whether no packet leaves there or comes in, by the kernel's own word.
pub(super) async fn is_shut(company: &Company, from: From<'_>) -> Result<bool, Fault> {
    let [ipv4, ipv6] = tables(company, from).await?;
    is_alone(&ipv4, &ipv6).ok_or_else(unread)
}

fn unread() -> Fault {
    super::odd("a table of routes", "what is not understood")
}

async fn tables(company: &Company, from: From<'_>) -> Result<[String; 2], Fault> {
    let told = told(company, from, &TABLES.map(table), PROBE).await?;
    let mut texts = Vec::new();
    for (path, told) in TABLES.iter().zip(told) {
        // A kernel without IPv6 has no such table.
        let text = read::whole(path, told).map_err(|why| super::odd("a table of routes", &why))?;
        texts.push(text.unwrap_or_default());
    }
    let mut texts = texts.into_iter();
    Ok([(); 2].map(|()| texts.next().unwrap_or_default()))
}

/// What is nearest past the engine's machine: the routers that it goes out through, and the name servers
/// that containers of an open network are given; `None` where the machine has no way out.
async fn beyond(company: &Company) -> Result<Option<Vec<IpAddr>>, Fault> {
    let routes = routes(company, From::Client(super::MACHINE)).await?;
    if routes.is_empty() {
        return Ok(None);
    }
    let told = told(company, From::Client(super::OPEN), &[table(SERVERS)], PROBE).await?;
    let text = told
        .into_iter()
        .next()
        .map(|told| read::whole(SERVERS, told));
    let text = text.and_then(Result::ok).flatten().unwrap_or_default();
    let servers = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let is_server = words.next() == Some("nameserver");
        words.next().filter(|_| is_server)?.parse().ok()
    });
    let mut all: Vec<IpAddr> = Vec::new();
    for address in routes
        .into_iter()
        .filter_map(|route| route.gateway)
        .chain(servers)
    {
        // Addresses of one link are nobody's elsewhere.
        let of_link = matches!(address, IpAddr::V6(six) if six.is_unicast_link_local());
        if !of_link && !address.is_loopback() && !all.contains(&address) {
            all.push(address);
        }
    }
    all.truncate(ADDRESSES);
    let ask = |&address: &IpAddr| Request::Own { address };
    let asked: Vec<Request> = all.iter().map(ask).collect();
    let told = super::told(company, From::Client(super::MACHINE), &asked, PROBE).await?;
    let past = all
        .into_iter()
        .zip(told)
        .filter(|(_, told)| !matches!(told, Told::Own { own: true }));
    Ok(Some(past.map(|(address, _)| address).collect()))
}

/// What of it answers a client on an open network that has a default route: for each address the first
/// port that does.
async fn answers(company: &Company, beyond: &[IpAddr]) -> Result<(Control, Vec<Goal>), Fault> {
    let mut control = Control {
        of: "outside".to_owned(),
        from: "an open network".to_owned(),
        tries: Vec::new(),
        why: None,
        shut: false,
    };
    let open = From::Client(super::OPEN);
    if routes(company, open).await?.is_empty() {
        control.why = Some("the engine's own network has no default route".to_owned());
        return Ok((control, Vec::new()));
    }
    if beyond.is_empty() {
        control.why = Some("no address past the engine's machine is known".to_owned());
    }
    let mut goals = Vec::new();
    for address in beyond {
        for port in PORTS {
            let goal = (address.to_string(), port);
            let came = tried(company, open, std::slice::from_ref(&goal), GLANCE).await?;
            let answers = came.iter().any(super::Came::is_answer);
            let to = place(&goal.0, Some(goal.1));
            let tries = came.into_iter().map(|came| once(to.clone(), came));
            control.tries.extend(tries);
            if answers {
                goals.push(goal);
                break;
            }
        }
    }
    Ok((control, goals))
}
