//! Ranges of addresses in which services have fixed ones: nobody else can have them meanwhile.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value as Json;
use tokio::sync::OwnedMutexGuard;

use super::stack::{Refusal, Stack};
use super::written::Written;
use super::{DOING, PROJECT};
use crate::engine::networks::Network;
use crate::engine::owner::{self, Life};
use crate::engine::{Fault, FaultKind, Result};
use crate::session::{OWNER_LABEL, RUN_LABEL, Session};

/// A network of the file whose range stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fixed {
    network: String,
    range: String,
    /// Where the file says so.
    place: String,
}

/// The ranges that stay as the file says them.
pub(super) fn fixed(stack: &Stack, written: &Written) -> Vec<Fixed> {
    let mut all = Vec::new();
    for (network, ranges) in &stack.fixed {
        all.extend(ranges.iter().map(|range| Fixed {
            network: network.clone(),
            range: range.clone(),
            place: written.place(&["networks", network, "ipam", "config", range]),
        }));
    }
    all
}

/// Refuses addresses that no engine can give.
pub(super) fn check(stack: &Stack, written: &Written) -> std::result::Result<(), Refusal> {
    for part in &stack.parts {
        let networks = part.body.get("networks").and_then(Json::as_object);
        for (network, there) in networks.into_iter().flatten() {
            for (key, length) in [("ipv4_address", 32), ("ipv6_address", 128)] {
                let Some(address) = there[key].as_str() else {
                    continue;
                };
                let place = written.place(&["services", &part.name, "networks", network, key]);
                let ranges = stack.fixed.iter().filter(|(name, _)| name == network);
                let mut ranges = ranges.flat_map(|(_, ranges)| ranges);
                let why = match part.of {
                    0 | 1 if ranges.any(|range| overlap(range, &format!("{address}/{length}"))) => {
                        continue;
                    }
                    0 | 1 => (
                        "which has no range that holds it, so no engine gives it",
                        format!(
                            "give the network one in the Compose file (`ipam: {{ config: [{{ subnet: … }}] }}`), or take \
                             `{key}` away: services find each other by name"
                        ),
                    ),
                    _ => (
                        "which only one container can have",
                        format!("start one of `{}`, or take `{key}` away", part.name),
                    ),
                };
                return Err(format!(
                    "{place}: the service `{}` is to have the address {address} in the network `{network}`, {}\n  help: {}",
                    part.name, why.0, why.1
                ));
            }
        }
    }
    Ok(())
}

impl Session {
    /// Waits until no other stack with fixed addresses is there, for as long as the guard lives.
    pub async fn addresses(&self) -> OwnedMutexGuard<()> {
        self.addresses.clone().lock_owned().await
    }

    /// Who has addresses that a project is to have, where that is why it cannot be made.
    pub(super) async fn taken(&self, fixed: &[Fixed], project: &str) -> Result<Option<Fault>> {
        if fixed.is_empty() {
            return Ok(None);
        }
        let all = self.engine.networks().all().await?;
        let own = |network: &&Network| network.labels.get(PROJECT).is_none_or(|of| of != project);
        let others: Vec<&Network> = all.iter().filter(own).collect();
        Ok(fixed.iter().find_map(|one| clash(one, &others, &self.run)))
    }
}

fn clash(one: &Fixed, others: &[&Network], run: &str) -> Option<Fault> {
    let has = |network: &&&Network| {
        let mut pools = network.pools().iter();
        pools.any(|pool| overlap(&pool.subnet, &one.range))
    };
    let other = others.iter().find(has)?;
    let message = format!(
        "{}: the range {} of the network `{}`, which the file fixes, is taken by `{}`",
        one.place, one.range, one.network, other.name
    );
    let help = help(&other.labels, run, owner::life);
    Some(Fault::new(FaultKind::Broken, DOING, message).help(help))
}

/// Who has the range, by the labels of its network, and what to do about it.
fn help(labels: &BTreeMap<String, String>, run: &str, life: impl Fn(&str) -> Life) -> String {
    let maker = labels.get(OWNER_LABEL);
    match (labels.get(RUN_LABEL), labels.get(PROJECT)) {
        (Some(of), _) if of == run => {
            "this run has it itself: the engine gave it to another network of this run, so choose a range that the \
             engine does not give away, or `--keep` has left it there, so run the cases one by one"
                .to_owned()
        }
        (Some(of), _) => match maker.map_or(Life::Elsewhere, |maker| life(maker)) {
            Life::Runs => format!(
                "the run {of} has it, which goes on: wait until that one has ended; without fixed addresses \
                 (`ipv4_address`) runs do not meet"
            ),
            Life::Ended => format!(
                "the run {of} has left it, which is over: `seaworthy gc` removes it, with `--kept` also what `run \
                 --keep` has left"
            ),
            Life::Elsewhere => format!(
                "the run {of} has it, which was begun elsewhere: wait until that one has ended; `seaworthy gc --all` \
                 removes what it has left"
            ),
        },
        (None, Some(project)) => format!(
            "the Compose project `{project}` has it: take that down meanwhile; without fixed addresses \
             (`ipv4_address`) a run has a range of its own"
        ),
        (None, None) => "take that network down meanwhile; without fixed addresses (`ipv4_address`) a run has a range \
                         of its own"
            .to_owned(),
    }
}

/// Whether two ranges have an address in common.
fn overlap(one: &str, other: &str) -> bool {
    let (Some((one, its)), Some((other, others))) = (range(one), range(other)) else {
        return false;
    };
    let common = its.min(others);
    let first = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits())
            .checked_shr(32 - common.min(32))
            .unwrap_or(0),
        IpAddr::V6(address) => address
            .to_bits()
            .checked_shr(128 - common.min(128))
            .unwrap_or(0),
    };
    one.is_ipv4() == other.is_ipv4() && first(one) == first(other)
}

fn range(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/')?;
    Some((address.parse().ok()?, length.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::config::plain;
    use super::super::stack::Wish;
    use super::*;
    use crate::text::{source::FileId, yaml};

    #[test]
    fn ranges_overlap_where_one_holds_the_other() {
        for (one, other, expected) in [
            ("10.9.0.0/24", "10.9.0.0/24", true),
            ("10.9.0.0/24", "10.9.0.128/25", true),
            ("10.0.0.0/8", "10.9.0.0/24", true),
            ("10.9.0.0/24", "10.9.1.0/24", false),
            ("0.0.0.0/0", "10.9.1.0/24", true),
            ("fd00::/64", "fd00::1:0/112", true),
            ("fd00::/64", "fd01::/64", false),
            ("::/0", "10.9.1.0/24", false),
            ("", "10.9.1.0/24", false),
        ] {
            assert_eq!(overlap(one, other), expected, "{one} {other}");
            assert_eq!(overlap(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn an_address_without_a_range_is_refused_with_its_line() {
        let told = |networks: &str, services: &str| {
            let text = format!("services: {{ web: {services} }}\nnetworks: {networks}\n");
            let mut written = Written::default();
            written.add("c.yaml", &text);
            let config = plain(&yaml::parse(FileId(0), &text).0.unwrap());
            let wish = Wish {
                app: "web".to_owned(),
                ..Wish::default()
            };
            check(&Stack::read(&config, &wish).unwrap(), &written)
        };
        let web = "{ image: x, networks: { back: { ipv4_address: 10.9.0.5 } } }";
        let range = "{ back: { ipam: { config: [{ subnet: 10.9.0.0/24 }] } } }";
        assert_eq!(told(range, web), Ok(()));
        let said = told("{ back: {} }", web).unwrap_err();
        let start = "c.yaml:1: the service `web` is to have the address 10.9.0.5 in the network `back`, which has no range";
        assert!(said.starts_with(start), "{said}");
        let six = web.replace("ipv4_address: 10.9.0.5", "ipv6_address: 'fd00::5'");
        let said = told(range, &six).unwrap_err();
        assert!(said.contains("take `ipv6_address` away"), "{said}");
        let two = web.replace("image: x", "image: x, scale: 2");
        let said = told(range, &two).unwrap_err();
        assert!(said.contains("which only one container can have"), "{said}");
    }

    #[test]
    fn who_has_the_range_is_told_with_the_line() {
        let one = Fixed {
            network: "back".to_owned(),
            range: "10.9.0.0/24".to_owned(),
            place: "c.yaml:7".to_owned(),
        };
        let network = |text: &str| serde_json::from_str::<Network>(text).unwrap();
        let theirs = network(
            r#"{ "Id": "1", "Name": "own_back", "IPAM": { "Config": [{ "Subnet": "10.9.0.0/16" }] } }"#,
        );
        let far = network(r#"{ "Id": "2", "Name": "far", "IPAM": { "Config": [] } }"#);
        let fault = clash(&one, &[&far, &theirs], "r").unwrap().to_string();
        let said = "c.yaml:7: the range 10.9.0.0/24 of the network `back`, which the file fixes, is taken by `own_back`";
        assert!(fault.contains(said), "{fault}");
        assert!(fault.contains("take that network down"), "{fault}");
        assert_eq!(clash(&one, &[&far], "r"), None);
        let mut ours = theirs.clone();
        ours.labels.insert(RUN_LABEL.to_owned(), "r".to_owned());
        let fault = clash(&one, &[&ours], "r").unwrap().to_string();
        assert!(fault.contains("this run has it itself"), "{fault}");
    }

    #[test]
    fn whose_the_range_is_decides_what_is_to_be_done() {
        let told = |labels: &[(&str, &str)], life: Life| {
            let labels = labels
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
            help(&labels.collect(), "r", |owner| match owner {
                "machine:1:2" => life,
                _ => Life::Elsewhere,
            })
        };
        let of_run = [
            (RUN_LABEL, "s"),
            (OWNER_LABEL, "machine:1:2"),
            (PROJECT, "seaworthysx1"),
        ];
        for (life, expected) in [
            (Life::Runs, "the run s has it, which goes on: wait until"),
            (
                Life::Ended,
                "the run s has left it, which is over: `seaworthy gc` removes it",
            ),
            (
                Life::Elsewhere,
                "the run s has it, which was begun elsewhere: wait",
            ),
        ] {
            let said = told(&of_run, life);
            assert!(said.starts_with(expected), "{said}");
        }
        let said = told(&of_run[..1], Life::Runs);
        assert!(said.contains("begun elsewhere"), "{said}");
        let said = told(&of_run[2..], Life::Runs);
        assert!(
            said.starts_with("the Compose project `seaworthysx1` has it: take that down"),
            "{said}"
        );
    }
}
