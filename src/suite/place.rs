//! Where a container is: its names, name servers, network stack, and what it shares.

use super::checked::checked;
use crate::text::host::{LOOKED_UP, is_looked_up, is_name};
use crate::text::near::nearest;
use crate::text::read::{Read, Reader};
use crate::text::signal::Signal;
use crate::text::tree::Node;

checked! {
    /// The name of a host or of a domain.
    pub struct HostName = host_name;
    /// A name by which others find a container.
    pub struct Alias = alias;
    /// The address of a name server.
    pub struct NameServer = name_server;
    /// A domain that is tried behind a short name.
    pub struct Domain = domain;
    /// An option of the resolver.
    pub struct ResolverOption = resolver_option;
    /// The network stack of a container.
    pub struct NetworkMode = network_mode;
    /// Whose shared memory a container has.
    pub struct IpcMode = ipc_mode;
    /// The signal that asks a container to end.
    pub struct StopSignal = stop_signal;
    /// The folder that a program starts in.
    pub struct WorkingDir = working_dir;
    /// A platform of images.
    pub struct Platform = platform;
}

fn host_name(text: &str, node: &Node, reader: &mut Reader) {
    if !is_name(text) {
        let message = format!("`{text}` cannot be the name of a host");
        let help = "take letters, digits, `-`, `_` and `.`, at most 64, and begin with a letter or a digit";
        reader.say(node.span, message).help(help);
    }
}

fn alias(text: &str, node: &Node, reader: &mut Reader) {
    if !is_looked_up(text) {
        let message = format!("`{text}` cannot be the name of a host");
        reader.say(node.span, message).help(LOOKED_UP);
    }
}

fn name_server(text: &str, node: &Node, reader: &mut Reader) {
    if text.parse::<std::net::IpAddr>().is_err() {
        reader.wrong::<()>(node, "the address of a name server such as 10.0.0.53");
    }
}

fn domain(text: &str, node: &Node, reader: &mut Reader) {
    if text != "." && !is_looked_up(text) {
        reader.wrong::<()>(node, "a domain such as example.org");
    }
}

fn resolver_option(text: &str, node: &Node, reader: &mut Reader) {
    if text.is_empty() || text.contains(char::is_whitespace) {
        reader.wrong::<()>(node, "an option of the resolver such as `ndots:1`");
    }
}

/// Network stacks that every engine has.
const STACKS: [&str; 3] = ["none", "host", "bridge"];
/// Those that podman has too.
const OF_PODMAN: [&str; 3] = ["private", "slirp4netns", "pasta"];

fn network_mode(text: &str, node: &Node, reader: &mut Reader) {
    let (name, of) = text.split_once(':').unwrap_or((text, ""));
    if STACKS.contains(&text) || text == "default" || OF_PODMAN.contains(&name) {
        return;
    }
    let help = match name {
        "service" | "container" if !of.is_empty() => {
            let message = format!("`network_mode: {text}` is refused");
            let said = reader.say(node.span, message);
            said.help("no container of a run shares another's network stack: put both on one of the suite's `networks`, where they find each other by name");
            return;
        }
        _ => match nearest(text, STACKS) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "known here: {}; a network of the suite stands under `networks: [{text}]`",
                STACKS.join(", ")
            ),
        },
    };
    let said = reader.say(node.span, format!("unknown network mode `{text}`"));
    said.help(help);
}

/// Whose shared memory there is, where it is nobody else's container's.
const OF_MEMORY: [&str; 4] = ["none", "private", "shareable", "host"];

fn ipc_mode(text: &str, node: &Node, reader: &mut Reader) {
    if OF_MEMORY.contains(&text) {
        return;
    }
    if text.starts_with("service:") || text.starts_with("container:") {
        let said = reader.say(node.span, format!("`ipc: {text}` is refused"));
        said.help("no container of a run shares another's memory: take it out");
    } else {
        reader.unknown(node.span, "word", text, OF_MEMORY);
    }
}

fn stop_signal(_: &str, node: &Node, reader: &mut Reader) {
    Signal::read(node, reader);
}

fn working_dir(text: &str, node: &Node, reader: &mut Reader) {
    if !text.starts_with('/') {
        reader.wrong::<()>(node, "a path in the container that begins with `/`");
    }
}

/// What images of Linux are made for, with other names of the same.
const ARCHITECTURES: [&str; 16] = [
    "amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "loong64", "mips64le", "mips64",
    "ppc64", "x86_64", "aarch64", "armhf", "armel", "i386",
];
const LINUX: &str = "linux";

fn platform(text: &str, node: &Node, reader: &mut Reader) {
    let parts: Vec<&str> = text.split('/').collect();
    let architecture = match parts.as_slice() {
        [LINUX] => return,
        [one] | [LINUX, one] => one,
        [LINUX, one, variant] if !variant.is_empty() => one,
        _ => {
            reader.wrong::<()>(node, "a platform such as linux/amd64 or linux/arm/v7");
            return;
        }
    };
    if !ARCHITECTURES.contains(architecture) {
        reader.unknown(node.span, "architecture", architecture, ARCHITECTURES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read::said;

    #[test]
    fn only_stacks_that_a_run_can_have_are_taken() {
        for right in [
            "none",
            "host",
            "bridge",
            "default",
            "'slirp4netns:mtu=1500'",
        ] {
            assert_eq!(said::<NetworkMode>(right), None);
        }
        for (wrong, why) in [
            ("foo", "`networks: [foo]`"),
            ("hots", "did you mean `host`?"),
            ("'service:db'", "on one of the suite's `networks`"),
            ("'container:x'", "is refused"),
        ] {
            let said = said::<NetworkMode>(wrong).unwrap();
            assert!(said.contains(why), "{said}");
        }
        assert_eq!(said::<IpcMode>("private"), None);
        assert!(said::<IpcMode>("'service:db'").unwrap().contains("refused"));
        assert!(said::<IpcMode>("sharable").unwrap().contains("`shareable`"));
    }

    #[test]
    fn names_and_addresses_are_looked_at() {
        assert_eq!(said::<HostName>("web-1.example"), None);
        assert!(said::<HostName>("a b").is_some());
        assert_eq!(said::<NameServer>("10.0.0.53"), None);
        assert_eq!(said::<NameServer>("'fd00::53'"), None);
        assert!(said::<NameServer>("nope").unwrap().contains("10.0.0.53"));
        assert_eq!(said::<Domain>("."), None);
        assert!(said::<Domain>("a b").is_some());
        assert!(said::<ResolverOption>("a b").is_some());
        assert!(said::<WorkingDir>("app").is_some());
    }

    #[test]
    fn signals_and_platforms_are_known_ones() {
        assert_eq!(said::<StopSignal>("SIGRTMIN+3"), None);
        let said_of = said::<StopSignal>("TERMX").unwrap();
        assert!(said_of.contains("did you mean `TERM`?"), "{said_of}");
        for right in ["linux", "linux/amd64", "linux/arm/v7", "arm64"] {
            assert_eq!(said::<Platform>(right), None);
        }
        let said_of = said::<Platform>("linux/amd46").unwrap();
        assert!(said_of.contains("did you mean `amd64`?"), "{said_of}");
        assert!(said::<Platform>("windows/amd64").is_some());
    }
}
