//! How a container is run, in Compose's words.

use super::mount::{Mount, TmpfsPath};
use super::pairs::{Hosts, Pairs};
use super::publish::Publish;
use super::ready::Ready;
use super::settings::{Healthcheck, Restart, RunUser, Ulimit};
use crate::record;
use crate::text::read::{Flag, Named, OneOrMany};
use crate::text::source::{Span, Spanned};
use crate::text::units::{Memory, Time};
use crate::text::words::CommandLine;

record! {
    /// How a container is run. The words are those of Docker Compose.
    pub struct Run {
        /// The program, in place of the image's entry point.
        entrypoint: Option<CommandLine>,
        /// The arguments, in place of the image's command.
        command: Option<CommandLine>,
        /// Environment variables; `null` unsets one that the image sets.
        environment: Pairs,
        /// Files of `NAME=value` lines, relative to the suite; `environment` wins over them.
        env_file: OneOrMany<Spanned<String>>,
        /// As whom the program runs.
        user: Option<RunUser>,
        /// More groups, by name or number.
        group_add: Vec<String>,
        /// The folder the program starts in.
        working_dir: Option<String>,
        /// The name the container has for itself.
        hostname: Option<String>,
        /// The domain the container has for itself.
        domainname: Option<String>,
        /// Labels on the container.
        labels: Pairs,
        /// Volumes and bind mounts.
        volumes: Vec<Mount>,
        /// Folders in memory.
        tmpfs: OneOrMany<TmpfsPath>,
        /// The root file system cannot be written to.
        read_only: Flag,
        /// Ports published on this machine, on 127.0.0.1 unless an address is given.
        ports: Vec<Publish>,
        /// Ports that are open to other containers; says nothing to the engine but is kept.
        expose: Vec<crate::text::units::Port>,
        /// Networks it is on; `default` without it where there are several containers.
        networks: Option<Spanned<Networks>>,
        /// What must be ready before it is started. An `app` without it waits for all services.
        depends_on: Option<Spanned<DependsOn>>,
        /// How many containers of it are started; each is a replica that answers to its name.
        scale: Option<Spanned<u32>>,
        /// The network stack, such as `none` or `host`.
        network_mode: Option<Spanned<String>>,
        /// Names of other hosts and their addresses.
        extra_hosts: Hosts,
        /// Name servers.
        dns: OneOrMany<String>,
        /// Domains that are tried behind a short name.
        dns_search: OneOrMany<String>,
        /// Options of the resolver.
        dns_opt: Vec<String>,
        /// Capabilities given beyond the engine's default.
        cap_add: Vec<String>,
        /// Capabilities taken away; `ALL` takes all.
        cap_drop: Vec<String>,
        /// Security options, such as `no-new-privileges:true`.
        security_opt: Vec<String>,
        /// Every capability and device.
        privileged: Flag,
        /// Devices of this machine.
        devices: Vec<String>,
        /// An init process before the program.
        init: Flag,
        /// When the engine starts it again after it ended.
        restart: Option<Restart>,
        /// The signal that asks it to end.
        stop_signal: Option<String>,
        /// How long it has to end before it is killed.
        stop_grace_period: Option<Time>,
        /// Memory at most.
        mem_limit: Option<Memory>,
        /// Memory that is set aside.
        mem_reservation: Option<Memory>,
        /// Memory and swap together at most.
        memswap_limit: Option<Memory>,
        /// How readily memory is swapped out, from 0 to 100.
        mem_swappiness: Option<u32>,
        /// Processors at most, as a number such as 0.5.
        cpus: Option<f64>,
        /// Share of the processors when they are short.
        cpu_shares: Option<u32>,
        /// Which processors, such as `0,1`.
        cpuset: Option<String>,
        /// Processes at most.
        pids_limit: Option<i64>,
        /// Size of `/dev/shm`.
        shm_size: Option<Memory>,
        /// Limits of the kernel on its processes.
        ulimits: Named<Ulimit>,
        /// Settings of the kernel.
        sysctls: Pairs,
        /// How readily the kernel kills it when memory is short.
        oom_score_adj: Option<i64>,
        /// Shared memory of whom, such as `private` or `host`.
        ipc: Option<String>,
        /// Process numbers of whom: `private`, its own; no other is supported yet.
        pid: Option<Spanned<String>>,
        /// User numbers of whom, such as `host`.
        userns_mode: Option<String>,
        /// The runtime of the engine.
        runtime: Option<String>,
        /// The platform of the image, such as `linux/arm64`.
        platform: Option<String>,
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

/// `networks` of a container: a list of names, or a map of names to settings.
#[derive(Debug, Clone)]
pub struct Networks(pub Vec<(Spanned<String>, NetworkUse)>);

impl Networks {
    /// The one that containers share which name none.
    pub fn alone(span: Span) -> Self {
        let value = super::network::DEFAULT.to_owned();
        let how = NetworkUse {
            aliases: Vec::new(),
            ipv4_address: None,
            ipv6_address: None,
        };
        Self(vec![(Spanned { span, value }, how)])
    }
}

record! {
    /// How a container is on a network.
    pub struct NetworkUse {
        /// More names it has there.
        aliases: Vec<String>,
        /// Its IPv4 address there.
        ipv4_address: Option<String>,
        /// Its IPv6 address there.
        ipv6_address: Option<String>,
    }
}

/// `depends_on`: a list of names, or a map of names to conditions.
#[derive(Debug, Clone)]
pub struct DependsOn(pub Vec<(Spanned<String>, Condition)>);

crate::words! {
    /// What must be so of a service before another is started.
    pub enum Condition {
        /// It was started.
        Started = "service_started",
        /// It is ready.
        Healthy = "service_healthy",
        /// It ended with exit code 0.
        Completed = "service_completed_successfully",
    }
}

record! {
    /// What is waited for.
    pub struct Dependency {
        /// What must be so.
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

names_or_map!(
    Networks,
    NetworkUse,
    NetworkUse {
        aliases: Vec::new(),
        ipv4_address: None,
        ipv6_address: None
    },
    std::convert::identity
);
names_or_map!(
    DependsOn,
    Dependency,
    Condition::Healthy,
    |d: Dependency| d.condition.unwrap_or(Condition::Healthy)
);
