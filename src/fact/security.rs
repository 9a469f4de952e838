//! What the kernel lets a process do: capabilities, new privileges, system calls.

use serde::{Deserialize, Serialize};

/// The capabilities of Linux by number.
pub const CAPABILITIES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// The name of a capability as that list has it, however it is written: without `CAP_`, in capitals.
pub fn right(written: &str) -> String {
    let upper = written.to_ascii_uppercase();
    upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned()
}

/// What the kernel lets a process do; `None` where the kernel says nothing of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Security {
    /// What it, or a program that it runs, can have at most: a bit for each capability.
    pub bounding: Option<u64>,
    /// What it has now.
    pub effective: Option<u64>,
    /// Whether no program that it runs can have more than it has.
    pub no_new_privileges: Option<bool>,
    /// How its system calls are filtered: 0 not at all, 1 strictly, 2 by a filter.
    pub seccomp: Option<u32>,
}

impl Security {
    /// From the fields of `/proc/PID/status`.
    pub fn read<'a>(field: impl Fn(&str) -> &'a str) -> Self {
        let set = |name: &str| u64::from_str_radix(field(name), 16).ok();
        Self {
            bounding: set("CapBnd"),
            effective: set("CapEff"),
            no_new_privileges: match field("NoNewPrivs") {
                "0" => Some(false),
                "1" => Some(true),
                _ => None,
            },
            seccomp: field("Seccomp").parse().ok(),
        }
    }
}

/// The names of the capabilities of a set, as Compose writes them; those of a newer kernel by number.
pub fn names(set: u64) -> Vec<String> {
    let held = (0..u64::BITS as usize).filter(|bit| set >> bit & 1 == 1);
    held.map(|bit| match CAPABILITIES.get(bit) {
        Some(name) => (*name).to_owned(),
        None => format!("cap_{bit}"),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_named_bit_by_bit() {
        let engines = names(0xa804_25fb);
        assert_eq!(engines.len(), 14);
        for name in ["CHOWN", "NET_BIND_SERVICE", "SETFCAP", "AUDIT_WRITE"] {
            assert!(engines.contains(&name.to_owned()), "{name}");
        }
        assert_eq!(names(1 << 40 | 1 << 41), ["CHECKPOINT_RESTORE", "cap_41"]);
        assert_eq!(names(0), [""; 0]);
        assert_eq!(names(u64::MAX).len(), 64);
    }

    #[test]
    fn what_the_kernel_does_not_say_is_not_known() {
        assert_eq!(Security::read(|_| ""), Security::default());
        let said = |name: &str| match name {
            "CapBnd" => "00000000000000ff",
            "CapEff" => "0000000000000000",
            "NoNewPrivs" => "1",
            "Seccomp" => "2",
            _ => "",
        };
        let security = Security::read(said);
        assert_eq!(
            (security.bounding, security.effective),
            (Some(255), Some(0))
        );
        assert_eq!(security.no_new_privileges, Some(true));
        assert_eq!(security.seccomp, Some(2));
    }
}
