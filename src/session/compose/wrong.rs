//! Where that stands of which a tool refuses a Compose file, and what is to be done. Pure.

use std::collections::BTreeSet;

use super::powers::{OF_BUILDS, known};
use super::written::Roots;
use crate::text::near::nearest;
use crate::text::source::Span;
use crate::text::tree::Node;

/// Keys at the top of a file.
const TOP: [&str; 9] = [
    "configs", "include", "models", "name", "networks", "secrets", "services", "version", "volumes",
];
/// Keys below those of a service that have keys of their own.
const BELOW: [(&str, &[&str]); 10] = [
    ("build", &OF_BUILDS),
    (
        "deploy",
        &[
            "endpoint_mode",
            "labels",
            "mode",
            "placement",
            "replicas",
            "resources",
            "restart_policy",
            "rollback_config",
            "update_config",
        ],
    ),
    (
        "healthcheck",
        &[
            "disable",
            "interval",
            "retries",
            "start_interval",
            "start_period",
            "test",
            "timeout",
        ],
    ),
    ("logging", &["driver", "options"]),
    ("resources", &["limits", "reservations"]),
    ("limits", &["cpus", "memory", "pids"]),
    ("reservations", &["cpus", "devices", "memory"]),
    (
        "restart_policy",
        &["condition", "delay", "max_attempts", "window"],
    ),
    ("extends", &["file", "service"]),
    ("depends_on", &["condition", "required", "restart"]),
];
/// Keys of a network and of a volume.
const OF_NETWORK: [&str; 10] = [
    "attachable",
    "driver",
    "driver_opts",
    "enable_ipv4",
    "enable_ipv6",
    "external",
    "internal",
    "ipam",
    "labels",
    "name",
];
const OF_VOLUME: [&str; 5] = ["driver", "driver_opts", "external", "labels", "name"];
/// Keys of a service that name others.
const NAMING: [&str; 8] = [
    "depends_on",
    "links",
    "volumes_from",
    "network_mode",
    "ipc",
    "pid",
    "networks",
    "volumes",
];
/// How tools say that they do not know a key.
pub(super) const UNKNOWN: [&str; 6] = [
    "nsupported config",
    "unsupported option",
    "dditional propert",
    "does not match any",
    "nvalid top-level",
    "ersion ",
];

/// How we say that services are in a circle.
pub(super) const AROUND: &str = "wait for each other, so that none of them could be started first";
/// How we say that a port is none.
pub(super) const NO_PORT: &str = "is not understood: ";

/// What is wrong in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Where.
    pub(super) span: Span,
    /// What is to be done, where that is known.
    pub(super) help: Option<String>,
}

/// What a tool that says these words refuses of the files.
pub(super) fn wrong(words: &str, roots: &Roots) -> Option<Wrong> {
    let is_told = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    without_services(roots)
        .or_else(|| unknown_at_top(roots).filter(|_| is_told(&UNKNOWN)))
        .or_else(|| circle(words, roots))
        .or_else(|| undeclared(words, roots))
        .or_else(|| port(words, roots))
        .or_else(|| at_path(words, roots, is_told(&UNKNOWN)))
        .or_else(|| imageless(words, roots))
}

/// A file that describes nothing.
fn without_services(roots: &Roots) -> Option<Wrong> {
    let has = |node: &Node| node.get("services").is_some() || node.get("include").is_some();
    if roots.nodes().any(has) {
        return None;
    }
    let mut tops = roots.nodes().filter_map(Node::entries).flatten();
    let near = tops
        .clone()
        .find(|entry| nearest(&entry.key.value, ["services"]).is_some());
    let entry = near.or_else(|| tops.next())?;
    let help = match near {
        Some(_) => "did you mean `services`?".to_owned(),
        None => "it has no `services`: write them below that key".to_owned(),
    };
    Some(Wrong {
        span: entry.key.span,
        help: Some(help),
    })
}

fn unknown_at_top(roots: &Roots) -> Option<Wrong> {
    let mut tops = roots.nodes().filter_map(Node::entries).flatten();
    let entry = tops.find(|entry| {
        let key = entry.key.value.as_str();
        !TOP.contains(&key) && !key.starts_with("x-")
    })?;
    let near = nearest(&entry.key.value, TOP);
    Some(Wrong {
        span: entry.key.span,
        help: near.map(|near| format!("did you mean `{near}`?")),
    })
}

/// Services that wait for each other, at the first in the order of their names.
fn circle(words: &str, roots: &Roots) -> Option<Wrong> {
    let after = |sign: &str| words.split_once(sign)?.1.lines().next();
    let names: BTreeSet<&str> =
        match after("ircular dependency between ").or_else(|| after("cycle detected: ")) {
            Some(line) => {
                let names = line.split(" and ").flat_map(|part| part.split(" -> "));
                names.map(str::trim).collect()
            }
            None if words.contains(AROUND) => words.split('`').skip(1).step_by(2).collect(),
            None => return None,
        };
    let one = names.first()?;
    let span = names.iter().find_map(|other| named(roots, one, other))?;
    Some(Wrong {
        span,
        help: Some(
            "none of them could be started first: take out what one does not need".to_owned(),
        ),
    })
}

/// A name that a service gives and nothing has.
fn undeclared(words: &str, roots: &Roots) -> Option<Wrong> {
    let line = words
        .lines()
        .find(|line| line.contains("undefined") || line.contains("no declaration was found"))?;
    let quoted: Vec<&str> = quoted(line).collect();
    let bare = line.split_whitespace().filter(|word| !word.is_empty());
    let bare = bare.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let all: Vec<&str> = quoted.iter().copied().chain(bare).collect();
    let services = names(roots, "services");
    let service = quoted.iter().find(|name| services.contains(*name))?;
    let kind = ["network ", "volume "]
        .into_iter()
        .find(|kind| line.to_lowercase().contains(kind));
    let known = match kind.map(str::trim_end) {
        Some("network") => names(roots, "networks"),
        Some(_) => names(roots, "volumes"),
        None => services.clone(),
    };
    let bare = all
        .iter()
        .map(|name| name.split(':').next().unwrap_or(name));
    let mut lost = bare.filter(|name| !known.contains(name) && name != service);
    let (name, span) = lost.find_map(|name| Some((name, named(roots, service, name)?)))?;
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("declare `{name}`, or take it out"),
        None => format!("there is {}", known.join(", ")),
    };
    Some(Wrong {
        span,
        help: Some(help),
    })
}

fn port(words: &str, roots: &Roots) -> Option<Wrong> {
    let at = ["nvalid hostPort: ", "nvalid containerPort: ", NO_PORT];
    let (_, number) = at.iter().find_map(|sign| words.split_once(sign))?;
    let number = number.split_whitespace().next()?.rsplit(':').next()?;
    let mut services = names(roots, "services").into_iter();
    let span = services.find_map(|name| deep(roots, &["services", name, "ports", number]))?;
    Some(Wrong {
        span,
        help: Some("a port is a number from 1 to 65535".to_owned()),
    })
}

/// What stands behind the keys that the tool tells, such as `services.web.ports`.
fn at_path(words: &str, roots: &Roots, is_unknown: bool) -> Option<Wrong> {
    let tokens = words.split(|c: char| c.is_whitespace() || "'\",;()".contains(c));
    let path = tokens.map(|word| word.trim_end_matches([':', '.']));
    let is_path = |word: &&str| {
        ["services.", "networks.", "volumes."]
            .iter()
            .any(|top| word.starts_with(top))
    };
    let path = path.into_iter().find(is_path)?;
    let mut keys: Vec<&str> = path.split('.').collect();
    let key = quoted(words)
        .filter(|word| !word.contains(['/', '^']))
        .chain(
            words
                .split("dditional property ")
                .skip(1)
                .filter_map(|rest| rest.split_whitespace().next()),
        )
        .find_map(|key| Some((key, below(roots, &keys, key)?)));
    let mut help = None;
    if let Some((key, longer)) = key.filter(|_| is_unknown) {
        help = near_below(&keys, key).map(|near| format!("did you mean `{near}`?"));
        keys = longer;
    } else if let Some(text) = roots.text(&keys) {
        help = near_word(words, text).map(|near| format!("did you mean `{near}`?"));
    }
    Some(Wrong {
        span: roots.span(&keys)?,
        help,
    })
}

/// The way to a key that stands below these, or below one of those that stand there.
fn below<'a>(roots: &'a Roots, keys: &[&'a str], key: &'a str) -> Option<Vec<&'a str>> {
    let longer = |between: Option<&'a str>| -> Vec<&'a str> {
        keys.iter().copied().chain(between).chain([key]).collect()
    };
    let at = |root: &'a Node| keys.iter().try_fold(root, |node, key| node.get(key));
    let nodes = roots.nodes().filter_map(at);
    let between = nodes.filter_map(Node::entries).flatten();
    let between = between.map(|entry| Some(entry.key.value.as_str()));
    let mut ways = [None].into_iter().chain(between).map(longer);
    ways.find(|way| deep(roots, way).is_some())
}

/// The word that may be meant by one in the place of which a tool wants another.
fn near_word<'a>(words: &'a str, text: &str) -> Option<&'a str> {
    let signs = ["should be ", "must be one of "];
    let (_, wanted) = signs.iter().find_map(|sign| words.split_once(sign))?;
    let wanted = wanted.split(|c: char| !c.is_ascii_lowercase() && c != '_' && c != '-');
    nearest(text, wanted.filter(|word| word.len() > 3))
}

/// Whether a key is one that some tool knows.
pub(super) fn is_key(word: &str) -> bool {
    let mut below = BELOW.iter().flat_map(|(_, keys)| keys.iter());
    known().any(|key| key == word) || TOP.contains(&word) || below.any(|key| *key == word)
}

/// The key that may be meant by one below these.
fn near_below(keys: &[&str], key: &str) -> Option<&'static str> {
    let near = match keys {
        ["services", _] => nearest(key, known()),
        ["networks", _] => nearest(key, OF_NETWORK),
        ["volumes", _] => nearest(key, OF_VOLUME),
        [.., last] => {
            let (_, below) = BELOW.iter().find(|(name, _)| name == last)?;
            nearest(key, below.iter().copied())
        }
        [] => None,
    };
    // One that is known here is one that the tool is too old for.
    near.filter(|near| *near != key)
}

fn imageless(words: &str, roots: &Roots) -> Option<Wrong> {
    let line = words
        .lines()
        .find(|line| line.contains("neither an image"))?;
    let (before, _) = line.split_once(" has neither")?;
    let name = before.rsplit(' ').next()?.trim_matches(['"', '\'']);
    let span = deep(roots, &["services", name]).or_else(|| roots.span(&["services"]))?;
    Some(Wrong {
        span,
        help: Some("say which by `image` or `build`".to_owned()),
    })
}

/// Where a service names another thing.
fn named(roots: &Roots, service: &str, other: &str) -> Option<Span> {
    let mut keys = NAMING.iter();
    keys.find_map(|key| {
        let whole = format!("service:{other}");
        let below = ["services", service, key];
        if roots.text(&below) == Some(&whole) {
            return roots.span(&below);
        }
        deep(roots, &["services", service, key, other])
    })
}

/// Where all of these keys stand.
fn deep(roots: &Roots, keys: &[&str]) -> Option<Span> {
    roots
        .deepest(keys)
        .filter(|(depth, _)| *depth == keys.len())
        .map(|(_, span)| span)
}

/// The names that are declared.
fn names<'a>(roots: &'a Roots, key: &str) -> Vec<&'a str> {
    let maps = roots.nodes().filter_map(|root| root.get(key)?.entries());
    let mut all = Vec::new();
    for entry in maps.flatten() {
        if !all.contains(&entry.key.value.as_str()) {
            all.push(entry.key.value.as_str());
        }
    }
    all
}

/// What stands between quotation marks of one kind.
fn quoted(words: &str) -> impl Iterator<Item = &str> {
    let of = move |mark: char| words.split(mark).skip(1).step_by(2);
    of('"').chain(of('\''))
}

#[cfg(test)]
mod tests;
