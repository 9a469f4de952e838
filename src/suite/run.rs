//! How a container is run, in Compose's words.

use super::limits::{Between, Cpuset, Limit, Page, Processes, Processors, Swap, Sysctls, Ulimits};
use super::mount::Mount;
use super::pairs::{Hosts, Pairs};
use super::place::{
    Alias, Domain, HostName, IpcMode, NameServer, NetworkMode, Platform, ResolverOption,
    StopSignal, WorkingDir,
};
use super::publish::Publish;
use super::ready::Ready;
use super::rights::{Capability, Device, Group, RunUser, SecurityOption, UserNamespace};
use super::settings::{Healthcheck, Restart};
use super::tmpfs::TmpfsPath;
use crate::record;
use crate::text::read::{Filled, Flag, OneOrMany, Read};
use crate::text::schema::Schemas;
use crate::text::source::{Span, Spanned};
use crate::text::units::Time;
use crate::text::words::CommandLine;

record! {
    /// How a container is run. The words are those of Docker Compose. What gives power over this machine is refused
    /// unless whoever runs the suite allows it, by `--allow` or in `seaworthy.toml`.
    pub struct Run (instead instead) {
        /// The program, in place of the image's entry point. The image's `CMD` goes with that: what the program is to
        /// get stands in `command`.
        entrypoint: Option<CommandLine>,
        /// The arguments, in place of the image's `CMD`; its entry point stays.
        command: Option<CommandLine>,
        /// Environment variables; `null` unsets one that the image sets.
        environment: Pairs,
        /// Files of `NAME=value` lines, relative to the suite; `environment` wins over them.
        env_file: OneOrMany<Spanned<String>>,
        /// As whom the program runs.
        user: Option<RunUser>,
        /// More groups, by name or number.
        group_add: Vec<Group>,
        /// The folder the program starts in.
        working_dir: Option<WorkingDir>,
        /// The name the container has for itself.
        hostname: Option<HostName>,
        /// The domain the container has for itself.
        domainname: Option<HostName>,
        /// Labels on the container.
        labels: Pairs,
        /// Volumes and bind mounts.
        volumes: Vec<Mount>,
        /// Folders in memory, with mount options behind a colon, such as `/run:size=64m,mode=1777`.
        tmpfs: OneOrMany<TmpfsPath>,
        /// The root file system cannot be written to.
        read_only: Flag,
        /// Ports published on this machine, on 127.0.0.1 unless an address is given; an empty one is every address.
        ports: Vec<Spanned<Publish>>,
        /// Ports that are open to other containers; says nothing to the engine but is kept.
        expose: Vec<crate::text::units::Port>,
        /// Networks it is on; `default` without it where there are several containers.
        networks: Option<Spanned<Networks>>,
        /// What must be ready before it is started. An `app` without it waits for all services.
        depends_on: Option<Spanned<DependsOn>>,
        /// How many containers of it are started; each is a replica that answers to its name.
        scale: Option<Spanned<u32>>,
        /// The network stack: `none`, `host`, or `bridge`, the engine's own network.
        network_mode: Option<Spanned<NetworkMode>>,
        /// Names of other hosts and their addresses; `host-gateway` is this machine's.
        extra_hosts: Hosts,
        /// Name servers.
        dns: OneOrMany<NameServer>,
        /// Domains that are tried behind a short name.
        dns_search: OneOrMany<Domain>,
        /// Options of the resolver.
        dns_opt: Vec<ResolverOption>,
        /// Capabilities given beyond the engine's default, with or without `CAP_`; `ALL` gives all.
        cap_add: Vec<Spanned<Capability>>,
        /// Capabilities taken away; `ALL` takes all.
        cap_drop: Vec<Spanned<Capability>>,
        /// Security options, such as `no-new-privileges:true` or `seccomp:unconfined`.
        security_opt: Vec<Spanned<SecurityOption>>,
        /// Every capability and device of this machine; whoever runs the suite has to allow it.
        privileged: Option<Spanned<bool>>,
        /// Devices of this machine, such as `/dev/fuse` or `/dev/a:/dev/b:rw`.
        devices: Vec<Spanned<Device>>,
        /// An init process before the program.
        init: Flag,
        /// When the engine starts it again after it ended.
        restart: Option<Restart>,
        /// The signal that asks it to end.
        stop_signal: Option<StopSignal>,
        /// How long it has to end before it is killed.
        stop_grace_period: Option<Time>,
        /// Memory at most, 6m or more; a number without a unit is bytes.
        mem_limit: Option<Spanned<Limit>>,
        /// Memory that is set aside.
        mem_reservation: Option<Spanned<Limit>>,
        /// Memory and swap together at most; -1 for no limit on swap. It needs `mem_limit`.
        memswap_limit: Option<Spanned<Swap>>,
        /// How readily memory is swapped out, from 0 to 100.
        mem_swappiness: Option<Between<0, 100>>,
        /// Processors at most, as a number such as 0.5.
        cpus: Option<Processors>,
        /// Share of the processors when they are short.
        cpu_shares: Option<Between<2, 262_144>>,
        /// Which processors, such as `0,1`.
        cpuset: Option<Cpuset>,
        /// Processes at most, 8192 where it is not said; more, and -1 for no limit, have to be allowed.
        pids_limit: Option<Spanned<Processes>>,
        /// Size of `/dev/shm`.
        shm_size: Option<Page>,
        /// Limits of the kernel on its processes.
        ulimits: Ulimits,
        /// Settings of the kernel that a container has of its own, such as `net.core.somaxconn`.
        sysctls: Sysctls,
        /// How readily the kernel kills it when memory is short.
        oom_score_adj: Option<Spanned<Between<-1000, 1000>>>,
        /// Shared memory of whom: `private`, `shareable`, `host`, or `none`.
        ipc: Option<Spanned<IpcMode>>,
        /// Process numbers of whom: `private`, its own; no other is supported yet.
        pid: Option<Spanned<String>>,
        /// User numbers of whom, such as `host`.
        userns_mode: Option<Spanned<UserNamespace>>,
        /// The runtime of the engine.
        runtime: Option<Spanned<Filled>>,
        /// The platform of the image, such as `linux/arm64`.
        platform: Option<Platform>,
        /// The program has a terminal.
        tty: Flag,
        /// Standard input stays open.
        stdin_open: Flag,
        /// How health is checked, in place of what the image says.
        healthcheck: Option<Healthcheck>,
        /// When it counts as ready: `healthy` where there is a health check, else `running`; or
        /// `none`, or claims that must hold (within 60s unless they say otherwise).
        ready: Option<Ready>,
    }
}

/// Keys of Compose, or of another part of the language, and what stands here in their place.
const INSTEAD: [(&str, &str); 14] = [
    (
        "deploy",
        "limits stand here by themselves: `mem_limit`, `cpus`, `pids_limit`, `mem_reservation`; replicas are `scale`, and `restart` is a key of its own",
    ),
    (
        "container_name",
        "a run names its containers itself; `hostname` is the name that one has for itself, and aliases under `networks` are more names for others",
    ),
    ("image", IMAGE),
    ("build", IMAGE),
    ("pull", IMAGE),
    ("links", LINKS),
    ("external_links", LINKS),
    (
        "logging",
        "the harness reads what the engine keeps: leave it out",
    ),
    ("secrets", FILES),
    ("configs", FILES),
    (
        "profiles",
        "a case takes a service away with `services: { NAME: null }`",
    ),
    ("memory", "did you mean `mem_limit`?"),
    ("env", "did you mean `environment`?"),
    ("workdir", "did you mean `working_dir`?"),
];
const IMAGE: &str =
    "the image under test stands at the top of the suite or in a case, beside `run`";
const LINKS: &str = "services find each other by name; `depends_on` says what is started first";
const FILES: &str = "mount the file where it is read: `volumes: [\"./file:/run/secrets/NAME:ro\"]`";

/// What to do about a key that stands elsewhere, where it is one of `run`.
pub fn stands_in_run(key: &str) -> Option<String> {
    let mut schemas = Schemas::default();
    Run::schema(&mut schemas);
    let keys = schemas
        .definitions()
        .get("Run")
        .map(|run| &run["properties"]);
    let is_of_run = keys.is_some_and(|keys| keys.get(key).is_some());
    is_of_run.then(|| format!("`{key}` stands in `run`: `run: {{ {key}: … }}`"))
}

/// Keys of a whole suite that somebody may want for one case.
const OF_SUITES: [&str; 8] = [
    "certificates",
    "compose",
    "defaults",
    "include",
    "matrix",
    "requirements",
    "secrets",
    "vars",
];

/// What to do about a key that a case does not have, where it is one of `run` or of a whole suite.
pub fn stands_elsewhere(key: &str) -> Option<String> {
    if key == "requirements" {
        return Some("a case names the ids of what it shows: `verifies: [ID]`".to_owned());
    }
    match OF_SUITES.contains(&key) {
        true => Some(format!(
            "`{key}` is of the whole suite: it stands at the top of the file"
        )),
        false => stands_in_run(key),
    }
}

fn instead(key: &str) -> Option<&'static str> {
    INSTEAD
        .iter()
        .find(|(word, _)| *word == key)
        .map(|(_, help)| *help)
}

/// `networks` of a container: a list of names, or a map of names to settings.
#[derive(Debug, Clone)]
pub struct Networks(pub Vec<(Spanned<String>, Placed)>);

impl Networks {
    /// The one that containers share which name none.
    pub fn alone(span: Span) -> Self {
        let value = super::network::DEFAULT.to_owned();
        Self(vec![(Spanned { span, value }, Placed::default())])
    }
}

/// How a container is on a network, as far as the suite says.
#[derive(Debug, Clone, Default)]
pub struct Placed {
    /// More names it has there.
    pub aliases: Vec<String>,
}

impl From<NetworkUse> for Placed {
    fn from(written: NetworkUse) -> Self {
        Self {
            aliases: written.aliases.into_iter().map(|name| name.0).collect(),
        }
    }
}

record! {
    /// How a container is on a network.
    pub struct NetworkUse (instead no_address) {
        /// More names it has there.
        aliases: Vec<Alias>,
    }
}

/// An engine gives a fixed address in a range that the network was made with alone, and two runs would want the same.
fn no_address(key: &str) -> Option<&'static str> {
    matches!(key, "ipv4_address" | "ipv6_address").then_some(
        "networks of a suite have addresses that the engine chooses, so that two runs never want the same: others find it by its name, and by `aliases`",
    )
}

/// `depends_on`: a list of names, or a map of names to conditions.
#[derive(Debug, Clone)]
pub struct DependsOn(pub Vec<(Spanned<String>, Wait)>);

/// What must be so of another container before one is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// It was started.
    Started,
    /// It is ready, by whatever says so: what a name alone asks for.
    Ready,
    /// It is healthy, and something has to say so.
    Healthy,
    /// It ended with exit code 0.
    Completed,
}

impl From<Dependency> for Wait {
    fn from(written: Dependency) -> Self {
        match written.condition {
            None => Self::Ready,
            Some(Condition::Started) => Self::Started,
            Some(Condition::Healthy) => Self::Healthy,
            Some(Condition::Completed) => Self::Completed,
        }
    }
}

crate::words! {
    /// What must be so of a service before another is started.
    pub enum Condition {
        /// It was started.
        Started = "service_started",
        /// It is healthy: by its health check, or by its `ready`.
        Healthy = "service_healthy",
        /// It ended with exit code 0.
        Completed = "service_completed_successfully",
    }
}

record! {
    /// What is waited for.
    pub struct Dependency {
        /// What must be so; without it, that it is ready.
        condition: Option<Condition>,
    }
}

/// Reads a list of names, or a map of names to settings.
macro_rules! names_or_map {
    ($type:ident, $setting:ty, $absent:expr, $map:expr) => {
        impl crate::text::read::Read for $type {
            fn read(
                node: &crate::text::tree::Node,
                reader: &mut crate::text::read::Reader,
            ) -> Option<Self> {
                if node.items().is_some() {
                    let names = Vec::<Spanned<String>>::read(node, reader)?;
                    return Some(Self(names.into_iter().map(|name| (name, $absent)).collect()));
                }
                let mut read = Vec::new();
                let Some(entries) = node.entries() else {
                    return reader.wrong(node, "a list of names, or a map of them");
                };
                for entry in entries {
                    let value = match entry.value.is_null() {
                        true => $absent,
                        false => $map(<$setting>::read(&entry.value, reader)?),
                    };
                    read.push((entry.key.clone(), value));
                }
                Some(Self(read))
            }
            fn schema(schemas: &mut crate::text::schema::Schemas) -> serde_json::Value {
                let setting = <$setting>::schema(schemas);
                serde_json::json!({ "anyOf": [
                    { "type": "array", "items": { "type": "string" } },
                    { "type": "object", "additionalProperties": { "anyOf": [{ "type": "null" }, setting] } },
                ] })
            }
        }
    };
}

names_or_map!(Networks, NetworkUse, Placed::default(), Placed::from);
names_or_map!(DependsOn, Dependency, Wait::Ready, Wait::from);
