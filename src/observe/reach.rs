//! Whether a container reaches something, with what shows that this could be reached at all.

mod outside;

use std::time::Duration;

use super::ask;
use super::shared::{Whose, whose};
use crate::engine::probe::wire::{self, Answer as Told, Request};
use crate::engine::{Fault, FaultKind};
use crate::fact::answer::{Answer, Fact};
use crate::fact::container::ContainerFacts;
use crate::fact::network::Route;
use crate::fact::reach::{Aim, Came, Control, Reach, Sight, Try, place};
use crate::session::company::{Company, Member};
use crate::session::live::ROOT;

/// How long a connection may take that is to come about.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one may take that is not: what may connect does so in no time, on one machine.
const GLANCE: Duration = Duration::from_secs(2);
/// How long one may take that has come about before: less than the kernel waits before it asks again.
const BLINK: Duration = Duration::from_millis(900);
/// How often that is tried.
const AGAIN: usize = 5;
/// How long the probe may take to answer beside what it waits for.
const PROBE: Duration = Duration::from_secs(10);
/// The port that is tried where any answer of a host will do. Nothing listens there, so the host says.
const ANY: u16 = 9;
/// The most addresses of a name that are tried.
const ADDRESSES: usize = 8;
/// The engine's own network, which is open.
const OPEN: &str = "bridge";
/// The network of the engine's own machine.
const MACHINE: &str = "host";
/// How the engine calls it where there is none.
const NONE: &str = "none";

/// The kernel's words where a container may not send there (1, 13), knows no such addresses (97), or has
/// none of its own to send from (99).
const KEPT_IN: [i32; 4] = [1, 13, 97, 99];

/// A host and a port to connect to.
type Goal = (String, u16);

/// What came of a try to reach something from the member of that number.
pub async fn of(company: &Company, at: usize, sight: &Sight) -> Answer {
    let down = match company.live(at).await {
        Ok(mut live) => live.down().await,
        Err(fault) => Err(fault),
    };
    match down {
        Ok(Some(ending)) => return Answer::Ended(ending),
        Ok(None) => {}
        Err(fault) => return Answer::Unseen(fault.to_string()),
    }
    let seen = async {
        let gone = match whose(company, at).await? {
            Whose::Gone(why) => Some(why),
            Whose::Of(_) => None,
        };
        match (&sight.aim, gone) {
            // Nothing is kept from it: there is nothing that it could go through.
            (_, Some(why)) if sight.isolated => {
                let doing = "see whether it is kept apart";
                Err(Fault::new(FaultKind::Unsupported, doing, why))
            }
            (Aim::Outside, _) => outside::of(company, at).await,
            (Aim::Host { host, port }, gone) if !sight.isolated => {
                reached(company, at, host, *port, gone).await
            }
            (Aim::Host { host, port }, _) => isolated(company, at, host, *port).await,
        }
    };
    let seen = seen.await;
    match (seen, company.live(at).await) {
        (Ok(reach), _) => Answer::Seen(Fact::Reach(reach)),
        (Err(fault), Ok(mut live)) => ask::blocked(&mut live, &fault).await,
        (Err(fault), Err(_)) => Answer::Unseen(fault.to_string()),
    }
}

/// The default routes of a member.
pub(super) async fn routes_of(company: &Company, at: usize) -> Result<Vec<Route>, Fault> {
    outside::routes(company, From::Member(at)).await
}

/// By its name, as a program in the container would.
async fn reached(
    company: &Company,
    at: usize,
    host: &str,
    port: Option<u16>,
    gone: Option<String>,
) -> Result<Reach, Fault> {
    let goal = by_name(company, at, host, port).await?;
    let mut came = tried(company, From::Member(at), &[goal], PATIENCE).await?;
    for one in &mut came {
        if let Came::Unknown(why) | Came::NoWay(why) = one {
            if let Some(gone) = &gone {
                why.push_str(&format!(": {gone}"));
            } else if let Some(down) = not_running(company, host).await {
                why.push_str(&format!(": {down} is not running"));
            }
        }
    }
    let tries = came.into_iter().map(|came| once(place(host, port), came));
    Ok(Reach {
        tries: tries.collect(),
        ..Reach::default()
    })
}

/// Which of the case's containers of that name does not run, so that no name leads to it.
async fn not_running(company: &Company, host: &str) -> Option<String> {
    let service = company.called(host);
    for (to, member) in company.members().iter().enumerate() {
        let Ok(mut live) = company.live(to).await else {
            continue;
        };
        if member.service == service && matches!(live.down().await, Ok(Some(_))) {
            return Some(format!("`{}`", member.label()));
        }
    }
    None
}

/// By its name and by every address that it is known to have, and from where it may be reached.
async fn isolated(
    company: &Company,
    at: usize,
    host: &str,
    port: Option<u16>,
) -> Result<Reach, Fault> {
    let known = everyone(company).await?;
    let targets: Vec<usize> = (0..known.len())
        .filter(|to| {
            is_called(
                company.members().get(*to),
                known.get(*to),
                company.called(host),
            )
        })
        .collect();
    let goal = port.unwrap_or(ANY);
    let mut controls = Vec::new();
    let mut addresses: Vec<String> = Vec::new();
    for &to in &targets {
        let (control, of_it) = member(company, to, known.get(to), port).await?;
        controls.push(control);
        addresses.extend(of_it);
    }
    if targets.is_empty() {
        let (control, of_it) = stranger(company, host, port).await?;
        controls.push(control);
        addresses.extend(of_it);
    }
    let first = by_name(company, at, host, port).await?;
    addresses.retain(|address| *address != first.0);
    let goals: Vec<Goal> = [first]
        .into_iter()
        .chain(addresses.iter().map(|address| (address.clone(), goal)))
        .collect();
    let mut tries = steady(company, at, &goals).await?;
    let names = [host.to_owned()].into_iter().chain(addresses);
    for (one, name) in tries.iter_mut().zip(names) {
        one.to = place(&name, port);
    }
    Ok(Reach {
        tries,
        controls,
        ..Reach::default()
    })
}

/// What the container itself would connect to. Its own name is its own address, not its loopback.
async fn by_name(
    company: &Company,
    at: usize,
    host: &str,
    port: Option<u16>,
) -> Result<Goal, Fault> {
    let mut name = company.called(host).to_owned();
    if company.host(host, at) == Some(at) {
        let facts = company.live(at).await?.facts().await?;
        let own = addresses(&facts).into_iter().map(|(_, address)| address);
        name = own
            .into_iter()
            .next()
            .unwrap_or_else(|| "127.0.0.1".to_owned());
    }
    Ok((name, port.unwrap_or(ANY)))
}

async fn everyone(company: &Company) -> Result<Vec<ContainerFacts>, Fault> {
    let facts = company.each(|at| async move { company.live(at).await?.facts().await });
    facts.await.into_iter().collect()
}

/// Whether a member is meant by a host: by its service, another name that it has, or its address.
fn is_called(member: Option<&Member>, facts: Option<&ContainerFacts>, host: &str) -> bool {
    let Some(facts) = facts else { return false };
    let has = |one: &String| one.eq_ignore_ascii_case(host);
    member.is_some_and(|member| has(&member.service))
        || facts.networks.values().flat_map(|n| &n.aliases).any(has)
        || addresses(facts).iter().any(|(_, address)| has(address))
}

/// A container's addresses, each with the network that it is on.
fn addresses(facts: &ContainerFacts) -> Vec<(String, String)> {
    let each = facts.networks.iter().flat_map(|(name, network)| {
        let all = [network.ip.clone(), network.ipv6.clone()];
        all.into_iter()
            .flatten()
            .map(|address| (name.clone(), address))
    });
    each.filter(|(_, address)| !address.is_empty()).collect()
}

/// Whether a member answers on its own networks, and its addresses there.
async fn member(
    company: &Company,
    to: usize,
    facts: Option<&ContainerFacts>,
    port: Option<u16>,
) -> Result<(Control, Vec<String>), Fault> {
    let label = company.members().get(to).map(Member::label);
    let label = label.unwrap_or_default();
    let mut control = Control {
        of: place(&label, port),
        from: "its own network".to_owned(),
        tries: Vec::new(),
        why: None,
        shut: false,
    };
    let all = facts.map(addresses).unwrap_or_default();
    let mode = facts.and_then(|facts| facts.settings.network_mode.as_deref());
    if let Some(ending) = company.live(to).await?.down().await? {
        control.why = Some(format!("`{label}` {ending}"));
    } else if all.is_empty() {
        control.shut = mode == Some(NONE) && outside::is_shut(company, From::Member(to)).await?;
        control.why = Some(match mode {
            Some(MACHINE) => format!(
                "`{label}` runs with `network_mode: host`: its addresses are the machine's, so name one of these \
                 with the port, as in `isolated_from: 10.0.0.1:80`"
            ),
            _ => format!("`{label}` is on no network of its own"),
        });
    }
    for (network, address) in &all {
        let goal = (address.clone(), port.unwrap_or(ANY));
        let came = tried(company, From::Client(network), &[goal], GLANCE).await?;
        let aim = Aim::Host {
            host: address.clone(),
            port,
        };
        let answers = came.iter().any(|came| came.reaches(&aim));
        let tries = came
            .into_iter()
            .map(|came| once(place(address, port), came));
        control.tries.extend(tries);
        if answers {
            break;
        }
    }
    Ok((
        control,
        all.into_iter().map(|(_, address)| address).collect(),
    ))
}

/// Whether a host that is none of the case's answers on an open network, and its addresses there.
async fn stranger(
    company: &Company,
    host: &str,
    port: Option<u16>,
) -> Result<(Control, Vec<String>), Fault> {
    let resolve = Request::Resolve {
        name: host.as_bytes().to_vec(),
        timeout_ms: millis(PATIENCE),
    };
    let told = company
        .ask_client(OPEN, &[resolve], PATIENCE + PROBE)
        .await?;
    let found = match told.into_iter().next() {
        Some(Told::Addresses { addresses }) => addresses,
        _ => Vec::new(),
    };
    let found = found.iter().take(ADDRESSES).map(ToString::to_string);
    let goal = (host.to_owned(), port.unwrap_or(ANY));
    let came = tried(company, From::Client(OPEN), &[goal], PATIENCE).await?;
    let tries = came.into_iter().map(|came| once(place(host, port), came));
    let control = Control {
        of: place(host, port),
        from: "an open network".to_owned(),
        tries: tries.collect(),
        why: None,
        shut: false,
    };
    Ok((control, found.collect()))
}

fn once(to: String, came: Came) -> Try {
    Try {
        to,
        came,
        again: Vec::new(),
    }
}

/// Tries each of these, and again where there was an answer: while an engine makes a network for somebody
/// else, what keeps the others apart is gone for a moment.
async fn steady(company: &Company, at: usize, goals: &[Goal]) -> Result<Vec<Try>, Fault> {
    let from = From::Member(at);
    let first = tried(company, from, goals, GLANCE).await?;
    let mut tries = Vec::new();
    for (goal, came) in goals.iter().zip(first) {
        let again = match came.is_answer() {
            true => tried(company, from, &vec![goal.clone(); AGAIN], BLINK).await?,
            false => Vec::new(),
        };
        let to = place(&goal.0, Some(goal.1));
        tries.push(Try { to, came, again });
    }
    Ok(tries)
}

/// Where a connection starts.
#[derive(Debug, Clone, Copy)]
enum From<'a> {
    /// In a member.
    Member(usize),
    /// In a client on this network of the engine.
    Client(&'a str),
}

/// Connects to each of these, one after the other.
async fn tried(
    company: &Company,
    from: From<'_>,
    goals: &[Goal],
    patience: Duration,
) -> Result<Vec<Came>, Fault> {
    let request = |(host, port): &Goal| Request::Connect {
        host: host.as_bytes().to_vec(),
        port: *port,
        timeout_ms: millis(patience),
        send: Vec::new(),
        max_receive: 0,
        receive_ms: 0,
    };
    let requests: Vec<Request> = goals.iter().map(request).collect();
    let count = u32::try_from(goals.len()).unwrap_or(u32::MAX);
    let within = patience.saturating_mul(count) + PROBE;
    let told = told(company, from, &requests, within).await?;
    told.into_iter().map(came).collect()
}

async fn told(
    company: &Company,
    from: From<'_>,
    requests: &[Request],
    within: Duration,
) -> Result<Vec<Told>, Fault> {
    let at = match from {
        From::Client(network) => return company.ask_client(network, requests, within).await,
        From::Member(at) => at,
    };
    let mut live = company.live(at).await?;
    let told = match live.link(Some(ROOT)).await {
        Ok(link) => link.ask(requests, within).await,
        Err(fault) => Err(fault),
    };
    if told.is_err() {
        live.hang_up();
    }
    told
}

fn came(told: Told) -> Result<Came, Fault> {
    Ok(match told {
        Told::Connected { .. } => Came::Taken,
        Told::ConnectFailed {
            failure,
            text,
            errno,
        } => match failure {
            // Either way there is someone who says so.
            wire::Failure::Refused | wire::Failure::Reset => Came::Refused,
            wire::Failure::TimedOut => Came::Silent,
            wire::Failure::Dns => Came::Unknown(text),
            wire::Failure::Unreachable => Came::NoWay(text),
            wire::Failure::Other if KEPT_IN.contains(&errno) => Came::NoWay(text),
            wire::Failure::Other => return Err(odd("a connection", &text)),
        },
        other => return Err(odd("a connection", &format!("{other:?}"))),
    })
}

fn odd(what: &str, answer: &str) -> Fault {
    let why = format!("the probe answered {what} with {answer}");
    Fault::new(FaultKind::Broken, "see what is reached", why)
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
