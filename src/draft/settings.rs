//! How a container that somebody has started is run again, in the words of a suite.

use super::heed::one_line;
use super::scalar::{list, quoted, text};
use super::subject::Container;
use crate::claim::no_secrets;
use crate::fact::container::{ContainerFacts, MountFacts, Settings};
use crate::fact::image::ImageFacts;

/// Parts of names that go with secrets, beside what `no_secrets` knows: here one too many costs a variable, one too few
/// a secret.
const SECRET: [&str; 10] = [
    "PASS",
    "SECRET",
    "TOKEN",
    "_KEY",
    "APIKEY",
    "CREDENTIAL",
    "_PWD",
    "_PW",
    "DSN",
    "AUTH",
];
/// Bytes of `/dev/shm` where nobody says.
const SHM: u64 = 64 << 20;
/// How a secret of a command is called that no option names.
const ARGUMENT: &str = "ARGUMENT";
/// A volume that nobody named is called by so many digits.
const DIGITS: usize = 64;

/// The container, as a suite says it; and the values of its secrets, for the runs that try the suite.
///
/// `inside` is how the suite calls a path of this machine that lies in its project.
pub fn of(
    container: &ContainerFacts,
    image: &ImageFacts,
    inside: impl Fn(&str) -> Option<String>,
) -> (Container, Vec<(String, String)>) {
    let mut run = Vec::new();
    let mut hidden = Hidden::of(container);
    environment(container, image, &mut hidden, &mut run);
    if container.user != image.user {
        let user = container.user.as_ref();
        run.extend(user.map(|user| format!("user: {}", text(user))));
    }
    command(container, image, &mut hidden, &mut run);
    volumes(&container.mounts, inside, &mut run);
    settings(&container.settings, &mut run);
    left_out(container, image, &mut run);
    if let Some(seconds) = container.stop_timeout {
        run.push(format!("stop_grace_period: {seconds}s"));
    }
    let others = container.networks.keys();
    let others: Vec<&str> = others
        .map(String::as_str)
        .filter(|name| *name != "bridge")
        .collect();
    if !others.is_empty() {
        run.push(format!(
            "# It is on {}: what it needs there has to be among `services`.",
            one_line(&others.join(", "))
        ));
    }
    let one = Container {
        name: container.name.clone(),
        image: container.image.clone(),
        run,
        secrets: hidden.named.iter().map(|(name, _)| name.clone()).collect(),
    };
    (one, hidden.named)
}

/// Values that are not written down.
struct Hidden {
    /// What looks like a secret wherever it stands.
    texts: Vec<String>,
    /// The names of those that were met.
    named: Vec<(String, String)>,
}

impl Hidden {
    fn of(container: &ContainerFacts) -> Self {
        let states = ImageFacts {
            env: container.env.clone(),
            cmd: container.command.clone(),
            ..ImageFacts::default()
        };
        let texts = no_secrets::stated(&states);
        let texts = texts.into_iter().filter(|text| !text.is_empty());
        Self {
            texts: texts.collect(),
            named: Vec::new(),
        }
    }

    /// Whether a value of that name is one.
    fn holds(&self, name: &str, value: &str) -> bool {
        let upper = name.to_ascii_uppercase().replace(['-', '.'], "_");
        let is_named = SECRET.iter().any(|part| upper.contains(part));
        let is_known = || self.texts.iter().any(|text| value.contains(text.as_str()));
        !value.is_empty() && (is_named || is_known())
    }

    /// The value as the suite writes it, behind this text: a variable of its own, or one that has the same value.
    fn variable(&mut self, name: &str, before: &str, value: &str) -> String {
        let calm = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let base: String = name.chars().map(calm).collect();
        let base = match base.starts_with(|c: char| c.is_ascii_digit()) || base.is_empty() {
            true => format!("{ARGUMENT}_{base}"),
            false => base,
        };
        let mut own = base.clone();
        let mut number = 1;
        while let Some((_, other)) = self.named.iter().find(|(known, _)| *known == own) {
            if other == value {
                break;
            }
            number += 1;
            own = format!("{base}_{number}");
        }
        if !self.named.iter().any(|(known, _)| *known == own) {
            self.named.push((own.clone(), value.to_owned()));
        }
        let before = quoted(before);
        format!(
            "{}${{{own}}}\"",
            before.strip_suffix('"').unwrap_or(&before)
        )
    }
}

/// Variables that the image does not set so.
fn environment(
    container: &ContainerFacts,
    image: &ImageFacts,
    hidden: &mut Hidden,
    run: &mut Vec<String>,
) {
    let own = container.env.iter();
    let own = own.filter(|pair| !image.env.contains(pair));
    let mut own: Vec<(&str, &str)> = own.filter_map(|pair| pair.split_once('=')).collect();
    own.sort_unstable();
    if !own.is_empty() {
        run.push("environment:".to_owned());
    }
    for (name, value) in own {
        let value = match hidden.holds(name, value) {
            true => hidden.variable(name, "", value),
            false => text(value),
        };
        run.push(format!("  {}: {value}", text(name)));
    }
}

fn command(
    container: &ContainerFacts,
    image: &ImageFacts,
    hidden: &mut Hidden,
    run: &mut Vec<String>,
) {
    match container.command.strip_prefix(image.entrypoint.as_slice()) {
        Some(rest) if rest == image.cmd => {}
        Some(rest) => run.push(format!("command: {}", words(rest, hidden))),
        None => run.push(format!("entrypoint: {}", words(&container.command, hidden))),
    }
}

/// The words of a command: `--token=…` and what stands behind `--token` are no words for a file.
fn words(all: &[String], hidden: &mut Hidden) -> String {
    let mut option = "";
    let mut shown = Vec::new();
    for word in all {
        let name = option.trim_start_matches('-');
        shown.push(match word.split_once('=') {
            Some((before, value)) if hidden.holds(before.trim_start_matches('-'), value) => {
                let name = before.trim_start_matches('-').to_ascii_uppercase();
                hidden.variable(&name, &format!("{before}="), value)
            }
            _ if hidden.holds(name, word) => hidden.variable(&name.to_ascii_uppercase(), "", word),
            _ => text(word),
        });
        option = if word.starts_with('-') { word } else { "" };
    }
    format!("[{}]", shown.join(", "))
}

/// What it has beside, and the suite does not.
fn left_out(container: &ContainerFacts, image: &ImageFacts, run: &mut Vec<String>) {
    let own = &container.settings;
    let all = [
        (container.healthcheck != image.healthcheck, "healthcheck"),
        (!own.ulimits.is_empty(), "ulimits"),
        (!own.extra_hosts.is_empty(), "extra_hosts"),
        (own.shm_size.is_some_and(|size| size != SHM), "shm_size"),
        (!own.port_bindings.is_empty(), "ports"),
        (is_named(container), "hostname"),
        (has_labels(container, image), "labels"),
        (swaps(own), "memswap_limit"),
    ];
    let all = all.into_iter().filter(|(is_set, _)| *is_set);
    let all = all.map(|(_, name)| name);
    let all: Vec<&str> = all.chain(own.beside.iter().map(String::as_str)).collect();
    if !all.is_empty() {
        run.push(format!(
            "# It also has {}, which are not taken over.",
            all.join(", ")
        ));
    }
}

/// Whether somebody gave it a host name: the engine takes the beginning of its id.
fn is_named(container: &ContainerFacts) -> bool {
    let name = container.hostname.as_deref().unwrap_or_default();
    !name.is_empty() && !container.id.starts_with(name)
}

/// Whether it has labels beside those of its image and of Compose.
fn has_labels(container: &ContainerFacts, image: &ImageFacts) -> bool {
    let mut labels = container.labels.iter();
    labels.any(|(name, value)| {
        !name.starts_with("com.docker.compose.") && image.labels.get(name) != Some(value)
    })
}

/// Whether it may swap otherwise than the engine lets who has its limit of memory: as much again.
fn swaps(own: &Settings) -> bool {
    let usual = own.memory.map(|memory| memory.saturating_mul(2));
    own.memory_swap.is_some() && own.memory_swap != usual
}

fn volumes(mounts: &[MountFacts], inside: impl Fn(&str) -> Option<String>, run: &mut Vec<String>) {
    let mut lines = Vec::new();
    let mut mounts: Vec<&MountFacts> = mounts.iter().collect();
    mounts.sort_by_key(|mount| &mount.at);
    for mount in mounts {
        let end = if mount.read_only { ":ro" } else { "" };
        let is_own =
            |name: &&String| name.len() != DIGITS || !name.bytes().all(|b| b.is_ascii_hexdigit());
        match (mount.kind.as_str(), mount.name.as_ref().filter(is_own)) {
            ("volume", Some(name)) => {
                let named = format!("{name}:{}{end}", mount.at);
                lines.push(format!("  - {}", text(&named)));
            }
            ("volume", None) => lines.push(format!("  - {}", text(&mount.at))),
            ("bind", _) => {
                let from = mount.source.as_deref().unwrap_or("?");
                if let Some(own) = inside(from) {
                    lines.push(format!("  - {}", text(&format!("{own}:{}{end}", mount.at))));
                    continue;
                }
                lines.push(format!(
                    "  # - {}:{}{end}  lies outside the project: put what is needed beside the suite",
                    one_line(from),
                    one_line(&mount.at)
                ));
            }
            _ => {}
        }
    }
    if lines.iter().any(|line| !line.starts_with("  #")) {
        run.push("volumes:".to_owned());
    } else if !lines.is_empty() {
        run.push("# volumes:".to_owned());
    }
    run.append(&mut lines);
}

/// Processors, of hundred-thousandths.
pub(super) fn cpus(parts: u64) -> String {
    let text = format!("{}.{:05}", parts / 100_000, parts % 100_000);
    let text = text.trim_end_matches('0');
    text.strip_suffix('.').unwrap_or(text).to_owned()
}

/// A size as Compose writes it, whose `MB` is 1024 times 1024.
pub(super) fn memory(bytes: u64) -> String {
    const MB: u64 = 1024 * 1024;
    match bytes % MB {
        0 => format!("{}MB", bytes / MB),
        _ => format!("{bytes}B"),
    }
}

fn settings(own: &Settings, run: &mut Vec<String>) {
    let mut say = |line: String| run.push(line);
    if own.privileged {
        say("privileged: true".to_owned());
    }
    if own.readonly_rootfs {
        say("read_only: true".to_owned());
    }
    if own.init {
        say("init: true".to_owned());
    }
    if !own.tmpfs.is_empty() {
        say(format!("tmpfs: {}", list(own.tmpfs.keys())));
    }
    for (key, all) in [
        ("cap_drop", &own.cap_drop),
        ("cap_add", &own.cap_add),
        ("security_opt", &own.security_opt),
        ("group_add", &own.group_add),
    ] {
        if !all.is_empty() {
            say(format!("{key}: {}", list(all)));
        }
    }
    for (key, bytes) in [
        ("mem_limit", own.memory),
        ("mem_reservation", own.memory_reservation),
    ] {
        if let Some(bytes) = bytes {
            say(format!("{key}: {}", memory(bytes)));
        }
    }
    if let Some(nanos) = own.nano_cpus {
        say(format!("cpus: {}", cpus(nanos / 10_000)));
    }
    if let Some(most) = own.pids_limit {
        say(format!("pids_limit: {most}"));
    }
    match (own.restart.name.as_str(), own.restart.retries) {
        ("no" | "", _) => {}
        (name, Some(most)) => say(format!("restart: \"{name}:{most}\"")),
        (name, None) => say(format!("restart: {name}")),
    }
}

#[cfg(test)]
mod tests;
