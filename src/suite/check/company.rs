//! Services and networks: who is named, who waits for whom, who is on what.

use std::collections::BTreeSet;

use super::Whole;
use crate::claim::Claim;
use crate::suite::assemble::Draft;
use crate::suite::case::{Case, Step};
use crate::suite::network::DEFAULT;
use crate::suite::order;
use crate::suite::place::NetworkMode;
use crate::suite::publish::Publish;
use crate::suite::ready::{ReadyWord, When};
use crate::suite::run::{Run, Wait};
use crate::suite::service::{ALL, APP, TAKEN};
use crate::suite::settings::Healthcheck;
use crate::text::host::is_name;
use crate::text::read::Reader;
use crate::text::source::{Span, Spanned};
use crate::text::tree::Node;

/// The most containers of one service.
pub(super) const REPLICAS: u32 = 32;

/// Networks that an engine has by itself.
const OF_ENGINE: [&str; 2] = ["bridge", "host"];

/// Says what does not fit together between a suite's containers.
pub(super) fn check(whole: &Whole<'_>, reader: &mut Reader) {
    if whole.top.get("compose").is_some() {
        return;
    }
    let listed = whole.top.get("services").and_then(Node::entries);
    for entry in listed.unwrap_or(&[]) {
        taken(&entry.key, reader);
    }
    let networks = whole.top.get("networks").and_then(Node::entries);
    let networks: Vec<&Spanned<String>> = networks.unwrap_or(&[]).iter().map(|e| &e.key).collect();
    let known: Vec<&str> = networks.iter().map(|name| name.value.as_str()).collect();
    let mut used: BTreeSet<String> = [DEFAULT.to_owned()].into();
    for draft in whole.drafts {
        for (name, _) in draft.case.iter().flat_map(|case| &case.services) {
            taken(name, reader);
        }
        named(draft, &draft.scale, reader);
        let services = draft.case.iter().flat_map(|case| &case.services);
        let runs = services.map(|(_, service)| &service.run).chain(&draft.run);
        for run in runs {
            joined(run, &known, &mut used, reader);
            depends(draft, run, reader);
            scaled(run, reader);
        }
        if let Some(case) = &draft.case {
            circle(case, reader);
            unhealthy(case, reader);
            published(case, reader);
            used.extend(switched(case, &known, reader));
            claimed(case, &known, reader);
        }
        // What could not be read may be on it.
        if draft.case.is_none() {
            used.extend(known.iter().map(|name| (*name).to_owned()));
        }
    }
    for name in networks.iter().filter(|name| !used.contains(&name.value)) {
        let said = reader.say(
            name.span,
            format!("nobody is on the network `{}`", name.value),
        );
        said.help(format!(
            "name it in `run` or in a service, as `networks: [{}]`, or take it out",
            name.value
        ));
    }
}

fn taken(name: &Spanned<String>, reader: &mut Reader) {
    let word = name.value.as_str();
    if TAKEN.contains(&word) {
        let message = format!("a service cannot be called `{word}`");
        let said = reader.say(name.span, message);
        said.help(match word {
            APP => "`app` is the image under test: say under `run` how it is started",
            _ => {
                "the language has a meaning of its own for that word: give the service another name"
            }
        });
    } else if !is_name(word) {
        let message = format!("`{word}` cannot be the name of a host, and so not of a service");
        let said = reader.say(name.span, message);
        said.help("take letters, digits, `-`, `_` and `.`, and begin with a letter or a digit");
    }
}

/// Who is named where there is a `service`, or a connection starts.
pub(super) fn named(draft: &Draft, scales: &[(String, u32)], reader: &mut Reader) {
    let scale = |name: &str| scales.iter().find(|(one, _)| one == name).map(|s| s.1);
    let names = scales.iter().map(|(name, _)| name.as_str());
    let known: Vec<&str> = names.chain([ALL]).collect();
    for name in &draft.named {
        let (bare, number) = match name.value.split_once('/') {
            Some((bare, number)) => (bare, Some(number)),
            None => (name.value.as_str(), None),
        };
        if !known.contains(&bare) {
            reader.unknown(name.span, "service", bare, known.iter().copied());
            continue;
        }
        let Some(number) = number else { continue };
        let most = scale(bare).unwrap_or(0);
        if !number.parse().is_ok_and(|n: u32| (1..=most).contains(&n)) {
            let message = format!("there is no replica `{}`", name.value);
            let said = reader.say(name.span, message);
            said.help(match (bare, most) {
                (ALL, _) => "`all` is every replica of every service".to_owned(),
                (_, 1) => format!("`{bare}` has one container: `scale:` gives it more"),
                _ => format!("`{bare}` has replicas `{bare}/1` to `{bare}/{most}`"),
            });
        }
    }
}

/// The networks that a container is on.
fn joined(run: &Run, known: &[&str], used: &mut BTreeSet<String>, reader: &mut Reader) {
    let Some(networks) = &run.networks else {
        return;
    };
    for (name, _) in &networks.value.0 {
        network(name, known, reader);
        used.insert(name.value.clone());
    }
    if let Some(mode) = &run.network_mode {
        let said = reader.say(
            mode.span,
            format!("`network_mode: {}` does not go with `networks`", mode.value),
        );
        said.related(networks.span, "the networks")
            .help("keep one of them");
    }
}

fn network(name: &Spanned<String>, known: &[&str], reader: &mut Reader) {
    let word = name.value.as_str();
    if word != DEFAULT && !known.contains(&word) {
        let said = reader.unknown(name.span, "network", word, known.iter().copied());
        if known.is_empty() {
            said.help(format!(
                "list it at the top: `networks: {{ {word}: {{}} }}`"
            ));
        }
    }
}

/// Networks that claims name; those of `network_mode` have the engine's own names.
pub(super) fn claimed(case: &Case, known: &[&str], reader: &mut Reader) {
    let items = case.items();
    let claims = items.iter().filter_map(|item| match &item.claim {
        Claim::Networks(claim) => Some(claim),
        _ => None,
    });
    for name in claims.flat_map(|claim| &claim.names) {
        if !OF_ENGINE.contains(&name.value.as_str()) {
            network(name, known, reader);
        }
    }
}

/// Networks that steps take a container off or put it on.
pub(super) fn switched(case: &Case, known: &[&str], reader: &mut Reader) -> Vec<String> {
    let mut named = Vec::new();
    for step in case.steps() {
        let Step::Act {
            action, modifiers, ..
        } = step
        else {
            continue;
        };
        let Some(name) = action.network() else {
            continue;
        };
        network(name, known, reader);
        named.push(name.value.clone());
        let of = modifiers.service.as_ref().or(case.service.as_ref());
        let is_meant = |service: &str| match of {
            None => service == APP,
            Some(of) => of.0.iter().any(|one| {
                let one = one.value.split('/').next();
                one == Some(service) || one == Some(ALL)
            }),
        };
        let services = case.services.iter();
        let services = services.map(|(name, s)| (name.value.as_str(), &s.run));
        for (service, run) in [(APP, &case.run)].into_iter().chain(services) {
            if let (true, Some(mode)) = (is_meant(service), &run.network_mode) {
                let message = format!(
                    "`{service}` is on no network of the suite: it runs with `network_mode: {}`",
                    mode.value
                );
                let said = reader.say(name.span, message);
                said.related(mode.span, "the mode")
                    .help("take `network_mode` away, and name its `networks` where it has its own");
            }
        }
    }
    named
}

fn depends(draft: &Draft, run: &Run, reader: &mut Reader) {
    let names = draft.scale.iter().map(|(name, _)| name.as_str());
    let known: Vec<&str> = names.collect();
    for (name, _) in run.depends_on.iter().flat_map(|d| &d.value.0) {
        if !known.contains(&name.value.as_str()) {
            reader.unknown(name.span, "service", &name.value, known.iter().copied());
        }
    }
}

/// Who waits until another is healthy of which the suite itself says that nobody waits for that, or that it has
/// no check.
fn unhealthy(case: &Case, reader: &mut Reader) {
    let services = case.services.iter();
    let services = services.map(|(name, s)| (name.value.as_str(), &s.run));
    let runs: Vec<(&str, &Run)> = [(APP, &case.run)].into_iter().chain(services).collect();
    for (waits, run) in &runs {
        let names = run.depends_on.iter().flat_map(|names| &names.value.0);
        for (name, _) in names.filter(|(_, wait)| *wait == Wait::Healthy) {
            let word = name.value.as_str();
            let Some((_, other)) = runs.iter().find(|(one, _)| *one == word) else {
                continue;
            };
            let check = other.healthcheck.as_ref();
            let message = format!("`{waits}` waits until `{word}` is healthy, and ");
            match other.ready.as_ref().map(|ready| (ready.span, &ready.when)) {
                Some((span, When::Word(how @ (ReadyWord::Running | ReadyWord::None)))) => {
                    let message = format!("{message}`ready: {how}` has nobody wait for that");
                    let said = reader.say(name.span, message);
                    said.related(span, "its `ready`").help(format!(
                        "leave that `ready` out, or wait for what it says: `depends_on: [{word}]`"
                    ));
                }
                None if check.is_some_and(Healthcheck::is_off) => {
                    let message = format!("{message}its health check is switched off");
                    let said = reader.say(name.span, message);
                    said.help(format!(
                        "leave the check on, give `{word}` a `ready`, or wait for `service_started`"
                    ));
                }
                _ => {}
            }
        }
    }
}

/// Ports of this machine that two containers of a case are to have.
fn published(case: &Case, reader: &mut Reader) {
    let services = case.services.iter();
    let services = services.map(|(name, s)| (name.value.as_str(), &s.run));
    let mut seen: Vec<(&str, &Spanned<Publish>)> = Vec::new();
    for (service, run) in [(APP, &case.run)].into_iter().chain(services) {
        let replicas = run.scale.as_ref().map_or(1, |scale| scale.value);
        let is_own = |mode: &Spanned<NetworkMode>| mode.value.0 == "bridge";
        if !run.network_mode.as_ref().is_none_or(is_own) {
            continue;
        }
        let fixed = |port: &&Spanned<Publish>| port.value.is_fixed();
        for port in run.ports.iter().filter(fixed) {
            let help = "write the container's port alone (`ports: [8080]`): each gets a free one, and claims see which";
            let number = port.value.published.unwrap_or_default();
            let taken = seen
                .iter()
                .find(|(_, other)| other.value.meets(&port.value));
            if let Some((other, first)) = taken {
                let message = format!(
                    "`{service}` and `{other}` are both to have port {number} of this machine"
                );
                let said = reader.say(port.span, message);
                said.related(first.span, "the first").help(help);
            } else if replicas > 1 {
                let message = format!(
                    "{replicas} replicas of `{service}` are all to have port {number} of this machine"
                );
                reader.say(port.span, message).help(help);
            } else {
                seen.push((service, port));
            }
        }
    }
}

fn scaled(run: &Run, reader: &mut Reader) {
    if let Some(scale) = &run.scale
        && !(1..=REPLICAS).contains(&scale.value)
    {
        let message = format!("`scale: {}` is not a number of containers", scale.value);
        let said = reader.say(scale.span, message);
        said.help(format!("take a number from 1 to {REPLICAS}"));
    }
}

fn circle(case: &Case, reader: &mut Reader) {
    let found: Option<(Span, Vec<String>)> = order::circle(&case.run, &case.services);
    if let Some((span, way)) = found {
        let way: Vec<String> = way.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("`depends_on` goes in a circle: {}", way.join(" → "));
        let said = reader.say(span, message);
        said.help("none of them could be started first: take one of these names out");
    }
}
