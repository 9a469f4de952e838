//! How a container was made: mounts, limits, privileges.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::reading::Place;
use super::network::PublishedPort;

/// What a container was allowed and refused when it was made. A limit of none is "not limited".
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Capabilities added, as the engine has them.
    pub cap_add: Vec<String>,
    /// Capabilities dropped, as the engine has them.
    pub cap_drop: Vec<String>,
    /// `no-new-privileges:true`, `seccomp=…`, …
    pub security_opt: Vec<String>,
    /// Every capability and device.
    pub privileged: bool,
    /// The root file system cannot be written.
    pub readonly_rootfs: bool,
    /// tmpfs mounts: place to options.
    pub tmpfs: BTreeMap<String, String>,
    /// An init process of the engine's runs as process 1.
    pub init: bool,
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Bytes of memory that are kept for it.
    pub memory_reservation: Option<u64>,
    /// Processors that are kept for it.
    pub reserved_cpus: ReservedCpus,
    /// Bytes of memory and swap together.
    pub memory_swap: Option<u64>,
    /// Billionths of a CPU, also where they were given as quota and period.
    pub nano_cpus: Option<u64>,
    /// The share of CPU time beside others.
    pub cpu_shares: Option<u64>,
    /// Processes.
    pub pids_limit: Option<u64>,
    /// Bytes of `/dev/shm`.
    pub shm_size: Option<u64>,
    /// Limits of its processes.
    pub ulimits: Vec<Ulimit>,
    /// What happens when it ends.
    pub restart: RestartPolicy,
    /// Ports asked to be published.
    pub port_bindings: BTreeMap<String, Vec<PublishedPort>>,
    /// The network it was made on: a name, `host`, `none` or `container:…`.
    pub network_mode: Option<String>,
    /// Whose process ids it sees.
    pub pid_mode: Option<String>,
    /// Whose inter-process memory it shares.
    pub ipc_mode: Option<String>,
    /// Whose user ids it has.
    pub userns_mode: Option<String>,
    /// Groups beside those of its user.
    pub group_add: Vec<String>,
    /// Names it knows beside those of its networks: `name:address`.
    pub extra_hosts: Vec<String>,
    /// The engine removes it when it ends.
    pub auto_remove: bool,
    /// What else is set, by the names that Compose has for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
}

/// Processors that are kept for a container. No engine keeps any, so none tells: a Compose file does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReservedCpus {
    /// No Compose file describes it.
    #[default]
    Untold,
    /// It says nothing of them.
    Nothing,
    /// So many hundred-thousandths of one.
    Parts(u64),
}

/// A limit of a container's processes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ulimit {
    /// `nofile`, …
    pub name: String,
    /// What a process starts with.
    pub soft: i64,
    /// What it may raise it to.
    pub hard: i64,
}

/// What happens when a container ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped` or `on-failure`.
    pub name: String,
    /// How often, for `on-failure`; none is without end.
    pub retries: Option<u64>,
}

/// Something mounted into a container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MountFacts {
    /// `bind`, `volume`, `tmpfs`.
    pub kind: String,
    /// The volume's name.
    pub name: Option<String>,
    /// The host's path.
    pub source: Option<String>,
    /// Where it is in the container.
    pub at: String,
    /// It cannot be written there.
    pub read_only: bool,
}

impl Settings {
    pub(super) fn read(host: Place<'_>) -> Self {
        let restart = host.at("RestartPolicy");
        Self {
            cap_add: host.at("CapAdd").texts(),
            cap_drop: host.at("CapDrop").texts(),
            security_opt: host.at("SecurityOpt").texts(),
            privileged: host.at("Privileged").flag(),
            readonly_rootfs: host.at("ReadonlyRootfs").flag(),
            tmpfs: host.at("Tmpfs").map(),
            init: host.at("Init").flag(),
            memory: host.at("Memory").limit(),
            memory_reservation: host.at("MemoryReservation").limit(),
            reserved_cpus: ReservedCpus::Untold,
            memory_swap: host.at("MemorySwap").limit(),
            nano_cpus: nano_cpus(host),
            cpu_shares: host.at("CpuShares").limit(),
            pids_limit: host.at("PidsLimit").limit(),
            shm_size: host.at("ShmSize").limit(),
            ulimits: host.at("Ulimits").list().map(Ulimit::read).collect(),
            restart: RestartPolicy {
                name: restart.at("Name").text().unwrap_or_else(|| "no".to_owned()),
                retries: restart.at("MaximumRetryCount").limit(),
            },
            port_bindings: PublishedPort::read_all(host.at("PortBindings")),
            network_mode: host.at("NetworkMode").text(),
            pid_mode: host.at("PidMode").text(),
            ipc_mode: host.at("IpcMode").text(),
            userns_mode: host.at("UsernsMode").text(),
            group_add: host.at("GroupAdd").texts(),
            extra_hosts: host.at("ExtraHosts").texts(),
            auto_remove: host.at("AutoRemove").flag(),
            beside: beside(host),
        }
    }
}

/// What is set of that which nothing here reads.
fn beside(host: Place<'_>) -> Vec<String> {
    let lists = [
        ("Dns", "dns"),
        ("DnsSearch", "dns_search"),
        ("DnsOptions", "dns_opt"),
        ("Devices", "devices"),
        ("DeviceRequests", "gpus"),
        ("VolumesFrom", "volumes_from"),
        ("Links", "links"),
    ];
    let lists = lists
        .into_iter()
        .filter(|(key, _)| host.at(key).list().next().is_some());
    let sysctls = Some(("Sysctls", "sysctls")).filter(|(key, _)| !host.at(key).map().is_empty());
    let score = Some(("OomScoreAdj", "oom_score_adj"));
    let score = score.filter(|(key, _)| host.at(key).number().is_some_and(|score| score != 0));
    let all = lists.chain(sysctls).chain(score);
    all.map(|(_, name)| name.to_owned()).collect()
}

impl RestartPolicy {
    /// Whether one that ended so is started again, which has been done so often already.
    pub(super) fn starts_again(&self, exit_code: Option<i64>, restarts: i64) -> bool {
        match self.name.as_str() {
            "always" | "unless-stopped" => true,
            "on-failure" => {
                let rest = |most| u64::try_from(restarts).is_ok_and(|done| done < most);
                exit_code != Some(0) && self.retries.is_none_or(rest)
            }
            _ => false,
        }
    }
}

/// CPUs may be given at once, or as the time in each period that it may use.
fn nano_cpus(host: Place<'_>) -> Option<u64> {
    host.at("NanoCpus").limit().or_else(|| {
        let quota = host.at("CpuQuota").limit()?;
        let period = host.at("CpuPeriod").limit().unwrap_or(100_000);
        quota.checked_mul(1_000_000_000).map(|nanos| nanos / period)
    })
}

impl Ulimit {
    fn read(limit: Place<'_>) -> Self {
        Self {
            name: limit.at("Name").text_or_empty(),
            soft: limit.at("Soft").number().unwrap_or(-1),
            hard: limit.at("Hard").number().unwrap_or(-1),
        }
    }
}

impl MountFacts {
    pub(super) fn read(mount: Place<'_>) -> Self {
        Self {
            kind: mount.at("Type").text_or_empty(),
            name: mount.at("Name").text(),
            source: mount.at("Source").text(),
            at: mount.at("Destination").text_or_empty(),
            read_only: !mount.at("RW").flag(),
        }
    }
}
