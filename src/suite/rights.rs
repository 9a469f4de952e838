//! What a container may do, and as whom: capabilities, security options, devices, users, groups.

use serde_json::{Value as Json, json};

use super::checked::checked;
use crate::claim::capabilities::stranger;
use crate::fact::security::{CAPABILITIES, right};
use crate::text::read::{Read, Reader};
use crate::text::schema::Schemas;
use crate::text::tree::Node;

checked! {
    /// A capability as it is given or taken away, or `ALL`.
    pub struct Capability = capability;
    /// A security option.
    pub struct SecurityOption = security_option;
    /// `user` of `run`.
    pub struct RunUser = user;
    /// A group by name or number.
    pub struct Group = group;
    /// Whose user numbers a container has.
    pub struct UserNamespace = user_namespace;
}

/// Stands for every capability.
const ALL: &str = "ALL";

fn capability(text: &str, node: &Node, reader: &mut Reader) {
    let name = &*right(text);
    if text.eq_ignore_ascii_case(ALL) || CAPABILITIES.contains(&name) {
        return;
    }
    match name {
        ALL => {
            let said = reader.say(node.span, format!("unknown capability `{text}`"));
            said.help("every capability is `ALL`, without `CAP_`");
        }
        _ => stranger(node.span, text, name, reader),
    }
}

/// What engines take in front of `=` or `:`.
const OPTIONS: [&str; 8] = [
    NO_NEW_PRIVILEGES,
    SECCOMP,
    "apparmor",
    "label",
    "writable-cgroups",
    // Of podman.
    "mask",
    "unmask",
    "proc-opts",
];
const NO_NEW_PRIVILEGES: &str = "no-new-privileges";
const SECCOMP: &str = "seccomp";
/// As the language of the engines reads what is true or false.
const TRUTHS: [&str; 12] = [
    "true", "True", "TRUE", "t", "T", "1", "false", "False", "FALSE", "f", "F", "0",
];

fn security_option(text: &str, node: &Node, reader: &mut Reader) {
    let (name, value) = match text.split_once(['=', ':']) {
        Some((name, value)) => (name, value),
        None => (text, ""),
    };
    let span = node.span;
    match (name, value) {
        (NO_NEW_PRIVILEGES, "") if text == name => {}
        (NO_NEW_PRIVILEGES, value) if TRUTHS.contains(&value) => {}
        (NO_NEW_PRIVILEGES, _) => {
            let said = reader.say(span, format!("`{value}` is neither true nor false"));
            said.help("write `no-new-privileges:true`");
        }
        (name, "") if OPTIONS.contains(&name) => {
            let said = reader.say(span, format!("`{name}` says nothing by itself"));
            said.help(format!("give it a value, as in `{}`", example(name)));
        }
        (SECCOMP, value)
            if !matches!(value, "unconfined" | "builtin")
                && !value.trim_start().starts_with('{') =>
        {
            let said = reader.say(span, format!("`{value}` is no profile of system calls"));
            said.help("`seccomp:unconfined` lets all calls through; an engine is given the text of a profile (JSON), not its path");
        }
        (name, _) if OPTIONS.contains(&name) => {}
        _ => {
            reader.unknown(span, "security option", name, OPTIONS);
        }
    }
}

fn example(name: &str) -> &'static str {
    match name {
        SECCOMP => "seccomp:unconfined",
        "label" => "label:disable",
        "apparmor" => "apparmor:unconfined",
        "writable-cgroups" => "writable-cgroups=true",
        "proc-opts" => "proc-opts=hidepid=2",
        _ => "mask=/proc/acpi",
    }
}

/// A user of the container: a name or a number, with a group behind a colon.
pub fn is_user(text: &str) -> bool {
    let mut parts = text.split(':');
    parts.next().is_some_and(is_account)
        && parts.next().is_none_or(is_account)
        && parts.next().is_none()
}

/// Whether a user or a group can be called so.
fn is_account(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && !text.contains(char::is_whitespace)
}

/// Whether it is a number that no user or group has.
fn is_beyond(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits && text.parse::<i32>().is_err()
}

const BEYOND: &str = "users and groups have numbers from 0 to 2147483647";

fn user(text: &str, node: &Node, reader: &mut Reader) {
    if !is_user(text) {
        reader.wrong::<()>(node, "a user such as `app`, `1000` or `1000:1000`");
    } else if let Some(number) = text.split(':').find(|part| is_beyond(part)) {
        let message = format!("there is no user or group {number}");
        reader.say(node.span, message).help(BEYOND);
    }
}

fn group(text: &str, node: &Node, reader: &mut Reader) {
    if !is_account(text) || text.contains(':') {
        reader.wrong::<()>(node, "a group such as `audio` or `44`");
    } else if is_beyond(text) {
        let message = format!("there is no group {text}");
        reader.say(node.span, message).help(BEYOND);
    }
}

/// Where user numbers come from; all but `host` are podman's.
const OF_USERS: [&str; 5] = ["host", "private", "keep-id", "auto", "nomap"];

fn user_namespace(text: &str, node: &Node, reader: &mut Reader) {
    let name = text.split(':').next().unwrap_or_default();
    if !OF_USERS.contains(&name) {
        reader.unknown(node.span, "word", text, OF_USERS);
    }
}

/// A device of this machine that a container is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// On this machine.
    pub host: String,
    /// In the container.
    pub inside: String,
    /// Of `r`, `w` and `m`, which makes nodes.
    pub rights: String,
}

impl Device {
    /// `/dev/a`, `/dev/a:/dev/b`, `/dev/a:rw` or `/dev/a:/dev/b:rw`.
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (host, inside, rights) = match parts.as_slice() {
            [host] => (*host, *host, "rwm"),
            [host, rights] if are_rights(rights) => (*host, *host, *rights),
            [host, inside] => (*host, *inside, "rwm"),
            [host, inside, rights] => (*host, *inside, *rights),
            _ => return None,
        };
        let sound = host.starts_with('/') && inside.starts_with('/') && are_rights(rights);
        sound.then(|| Self {
            host: host.to_owned(),
            inside: inside.to_owned(),
            rights: rights.to_owned(),
        })
    }
}

fn are_rights(text: &str) -> bool {
    let once = |c: char| text.matches(c).count() == 1;
    !text.is_empty() && text.chars().all(|c| "rwm".contains(c) && once(c))
}

impl Read for Device {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let read = node.text().and_then(Self::parse);
        read.or_else(|| {
            let expected = "a device such as `/dev/fuse`, `/dev/a:/dev/b` or `/dev/a:/dev/b:rw`";
            reader.wrong(node, expected)
        })
    }
    fn schema(_: &mut Schemas) -> Json {
        json!({ "type": ["string", "number", "boolean"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::read::said;

    #[test]
    fn capabilities_are_known_with_and_without_their_prefix() {
        for right in ["ALL", "all", "NET_BIND_SERVICE", "CAP_NET_RAW", "cap_chown"] {
            assert_eq!(said::<Capability>(right), None);
        }
        for (wrong, near) in [
            ("NET_BIND", "did you mean `NET_BIND_SERVICE`?"),
            ("CAP_SYS_ADMN", "did you mean `SYS_ADMIN`?"),
            ("cap_sys_admn", "unknown capability `cap_sys_admn` |"),
            ("hunter2", "unknown capability `hunter2` |"),
            ("CAP_ALL", "without `CAP_`"),
        ] {
            let said = said::<Capability>(wrong).unwrap();
            assert!(said.contains(near), "{said}");
        }
    }

    #[test]
    fn security_options_are_those_of_engines() {
        for right in [
            "no-new-privileges",
            "'no-new-privileges:true'",
            "no-new-privileges=false",
            "'no-new-privileges:True'",
            "'no-new-privileges:F'",
            "no-new-privileges=1",
            "seccomp=unconfined",
            "'seccomp:unconfined'",
            "'seccomp={\"defaultAction\": \"SCMP_ACT_ALLOW\"}'",
            "'label:type:svirt_apache_t'",
            "apparmor=unconfined",
            "unmask=ALL",
        ] {
            assert_eq!(said::<SecurityOption>(right), None);
        }
        for (wrong, why) in [
            ("no_new_privileges", "did you mean `no-new-privileges`?"),
            ("'no-new-privileges:yes'", "neither true nor false"),
            ("'no-new-privileges:'", "neither true nor false"),
            ("seccomp", "`seccomp:unconfined`"),
            ("'seccomp:./profile.json'", "not its path"),
            ("selinux=x", "known here: no-new-privileges"),
        ] {
            let said = said::<SecurityOption>(wrong).unwrap();
            assert!(said.contains(why), "{said}");
        }
    }

    #[test]
    fn users_and_groups_have_names_or_numbers() {
        for right in ["app", "1000", "'1000:1000'", "2147483647", "app:staff"] {
            assert_eq!(said::<RunUser>(right), None);
        }
        for wrong in [
            "-1",
            "a b",
            "'a:'",
            "'a:b:c'",
            "2147483648",
            "'1:4294967295'",
        ] {
            assert!(said::<RunUser>(wrong).is_some(), "{wrong}");
        }
        assert_eq!(said::<Group>("audio"), None);
        for wrong in ["-1", "'a:b'", "a b", "2147483648"] {
            assert!(said::<Group>(wrong).is_some(), "{wrong}");
        }
        assert_eq!(said::<UserNamespace>("host"), None);
        assert_eq!(said::<UserNamespace>("'keep-id:uid=1000'"), None);
        assert!(said::<UserNamespace>("hosts").unwrap().contains("`host`"));
    }

    #[test]
    fn a_device_has_a_place_in_the_container_and_rights() {
        let parsed = |text: &str| {
            Device::parse(text).map(|d| format!("{} {} {}", d.host, d.inside, d.rights))
        };
        for (text, made) in [
            ("/dev/a", "/dev/a /dev/a rwm"),
            ("/dev/a:/dev/b", "/dev/a /dev/b rwm"),
            ("/dev/a:r", "/dev/a /dev/a r"),
            ("/dev/a:/dev/b:rw", "/dev/a /dev/b rw"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(made));
        }
        for wrong in [
            "fuse",
            "/dev/a:b",
            "/dev/a:/dev/b:x",
            "/dev/a:/dev/b:rr",
            "",
            "/a:/b:r:w",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}
