//! How a container that somebody has started is run again, in the words of a suite.

use super::scalar::{list, text};
use super::subject::Container;
use crate::fact::container::{ContainerFacts, MountFacts, Settings};
use crate::fact::image::ImageFacts;

/// Parts of names of variables that hold secrets.
const SECRET: [&str; 8] = [
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "_KEY",
    "APIKEY",
    "CREDENTIAL",
    "_PWD",
];
/// A volume that nobody named is called by so many digits.
const DIGITS: usize = 64;

/// The container, as a suite says it; and the values of its secrets, for the runs that try the suite.
pub fn of(container: &ContainerFacts, image: &ImageFacts) -> (Container, Vec<(String, String)>) {
    let mut run = Vec::new();
    let secrets = environment(container, image, &mut run);
    if container.user != image.user {
        run.extend(
            container
                .user
                .as_ref()
                .map(|user| format!("user: {}", text(user))),
        );
    }
    command(container, image, &mut run);
    volumes(&container.mounts, &mut run);
    settings(&container.settings, &mut run);
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
            others.join(", ")
        ));
    }
    let one = Container {
        name: container.name.clone(),
        image: container.image.clone(),
        run,
        secrets: secrets.iter().map(|(name, _)| name.clone()).collect(),
    };
    (one, secrets)
}

/// Variables that the image does not set so. Secrets have their names in place of their values.
fn environment(
    container: &ContainerFacts,
    image: &ImageFacts,
    run: &mut Vec<String>,
) -> Vec<(String, String)> {
    let own = container
        .env
        .iter()
        .filter(|pair| !image.env.contains(pair));
    let own: Vec<(&str, &str)> = own.filter_map(|pair| pair.split_once('=')).collect();
    let mut secrets = Vec::new();
    if !own.is_empty() {
        run.push("environment:".to_owned());
    }
    for (name, value) in own {
        let upper = name.to_ascii_uppercase();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_secret = SECRET.iter().any(|part| upper.contains(part));
        if is_secret && !value.is_empty() && name.chars().all(is_word) {
            run.push(format!("  {name}: \"${{{name}}}\""));
            secrets.push((name.to_owned(), value.to_owned()));
        } else {
            run.push(format!("  {}: {}", text(name), text(value)));
        }
    }
    secrets
}

fn command(container: &ContainerFacts, image: &ImageFacts, run: &mut Vec<String>) {
    match container.command.strip_prefix(image.entrypoint.as_slice()) {
        Some(rest) if rest == image.cmd => {}
        Some(rest) => run.push(format!("command: {}", list(rest))),
        None => run.push(format!("entrypoint: {}", list(&container.command))),
    }
}

fn volumes(mounts: &[MountFacts], run: &mut Vec<String>) {
    let mut lines = Vec::new();
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
                lines.push(format!(
                    "  # - {from}:{}{end}  lies outside the project: put what is needed beside the suite",
                    mount.at
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
        let (whole, part) = (nanos / 1_000_000_000, nanos % 1_000_000_000 / 1_000_000);
        say(format!("cpus: {whole}.{part:03}"));
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
mod tests {
    use super::*;

    #[test]
    fn settings_are_written_in_the_words_of_a_suite() {
        let texts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let image = ImageFacts {
            env: texts(&["PATH=/bin", "LANG=C"]),
            entrypoint: texts(&["/start"]),
            cmd: texts(&["serve"]),
            ..ImageFacts::default()
        };
        let mount = |kind: &str, name: Option<&str>, at: &str| MountFacts {
            kind: kind.to_owned(),
            name: name.map(str::to_owned),
            source: Some("/srv/conf".to_owned()),
            at: at.to_owned(),
            read_only: false,
        };
        let container = ContainerFacts {
            name: "web".to_owned(),
            image: "web:1".to_owned(),
            env: texts(&[
                "PATH=/bin",
                "LANG=de",
                "API_TOKEN=abc",
                "EMPTY_SECRET=",
                "NOTE=${x}",
            ]),
            user: Some("1000".to_owned()),
            command: texts(&["/start", "serve", "--fast"]),
            mounts: vec![
                mount("volume", Some("data"), "/data"),
                mount("volume", Some(&"0".repeat(64)), "/cache"),
                mount("bind", None, "/etc/web"),
            ],
            settings: Settings {
                memory: Some(512 << 20),
                nano_cpus: Some(1_500_000_000),
                cap_drop: texts(&["ALL"]),
                ..Settings::default()
            },
            ..ContainerFacts::default()
        };
        let (one, secrets) = of(&container, &image);
        assert_eq!(secrets, [("API_TOKEN".to_owned(), "abc".to_owned())]);
        let expected = "environment:\n  LANG: de\n  API_TOKEN: \"${API_TOKEN}\"\n  EMPTY_SECRET: \"\"\n  NOTE: \"$${x}\"\n\
            user: \"1000\"\ncommand: [serve, \"--fast\"]\nvolumes:\n  - \"data:/data\"\n  - /cache\n  \
            # - /srv/conf:/etc/web  lies outside the project: put what is needed beside the suite\n\
            cap_drop: [ALL]\nmem_limit: 512MB\ncpus: 1.500";
        assert_eq!(one.run.join("\n"), expected);
    }
}
