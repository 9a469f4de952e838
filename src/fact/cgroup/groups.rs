//! Where a container's control groups are, as seen from inside.

use super::files::{Files, Level, limited};
use super::{Limits, Ours, Told, Usage};
use crate::fact::mount::{Mount, Mounts, below};

/// No group stands in others deeper than this.
const DEEPEST: usize = 16;

/// A controller's group.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    /// Whether it is of version 1, where each controller has a tree of its own.
    first: bool,
    /// Its folder, then those that it stands in, up to the outermost that can be seen.
    folders: Vec<String>,
    /// Those of them that may be the whole container's, the likelier first.
    whole: Vec<String>,
}

/// The groups of the controllers that we look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    memory: Told<Group>,
    cpu: Told<Group>,
    time: Told<Group>,
    pids: Told<Group>,
}

impl Groups {
    /// From `/proc/1/cgroup` and the mounts of the same process.
    pub fn new(cgroup: &str, mounts: &Mounts) -> Self {
        let group = |controller: &str| group(controller, cgroup, mounts);
        let time = group("cpuacct");
        let cpu = group("cpu");
        Self {
            memory: group("memory"),
            // Version 2 counts time with `cpu`.
            time: time.or_else(|_| cpu.clone()),
            cpu,
            pids: group("pids"),
        }
    }

    /// From `/proc/PID/cgroup` and the mounts of another process, which sees more than the container: its own
    /// groups alone, known by its id. Nothing where the process is not of that container.
    pub fn of_container(cgroup: &str, mounts: &Mounts, id: &str) -> Option<Self> {
        let own = |line: &str| {
            let end = line.find(id)? + id.len();
            // What the container has made for itself lies below its own.
            let rest = line[end..].split('/').next().unwrap_or_default();
            Some(line[..end + rest.len()].to_owned())
        };
        let lines: Vec<String> = cgroup.lines().filter_map(own).collect();
        let alone = |group: Told<Group>| {
            group.map(|mut group| {
                group.folders.truncate(1);
                group.whole.clone_from(&group.folders);
                group
            })
        };
        let all = Self::new(&lines.join("\n"), mounts);
        (!id.is_empty() && !lines.is_empty()).then(|| Self {
            memory: alone(all.memory),
            cpu: alone(all.cpu),
            time: alone(all.time),
            pids: alone(all.pids),
        })
    }

    /// The files that say what the limits are.
    pub fn limit_files(&self) -> Vec<String> {
        let memory = files(
            &self.memory,
            &["memory.limit_in_bytes", "memory.stat"],
            &["memory.max"],
        );
        let cpu = files(
            &self.cpu,
            &["cpu.cfs_quota_us", "cpu.cfs_period_us"],
            &["cpu.max"],
        );
        let pids = files(&self.pids, &["pids.max"], &["pids.max"]);
        [memory, cpu, pids].concat()
    }

    /// The files that say what is used.
    pub fn usage_files(&self) -> Vec<String> {
        let memory = ["memory.usage_in_bytes", "memory.stat"];
        let memory = files(&self.memory, &memory, &["memory.current", "memory.stat"]);
        let pids = files(&self.pids, &["pids.current"], &["pids.current"]);
        [memory, pids, self.time_files()].concat()
    }

    /// The files that say for how long processors worked, and since when.
    pub fn time_files(&self) -> Vec<String> {
        let mut all = files(&self.time, &["cpuacct.usage"], &["cpu.stat"]);
        all.push(UPTIME.to_owned());
        all
    }

    /// The limits, each the lowest of those that can be seen.
    pub fn limits(&self, files: &Files) -> Limits {
        let memory = each(&self.memory, "memory", |group, folder| {
            if !group.first {
                return files.limit(folder, "memory.max");
            }
            let own = files.limit(folder, "memory.limit_in_bytes")?;
            // The lowest of all groups that it stands in, those that cannot be seen among them.
            let stat = files.field(folder, "memory.stat", "hierarchical_memory_limit")?;
            Ok(stat.map_or(own, |stat| own.min(limited(stat))))
        });
        let cpus = each(&self.cpu, "cpu", |group, folder| match group.first {
            true => files.quota(folder),
            false => files.cpu_max(folder),
        });
        let pids = each(&self.pids, "pids", |_, folder| {
            files.limit(folder, "pids.max")
        });
        Limits { memory, cpus, pids }
    }

    /// What is used, without what is ours; the time of processors is told apart.
    pub fn usage(&self, files: &Files, ours: Ours) -> Usage {
        let memory = whole(&self.memory, "memory", |group, folder| {
            let (name, idle) = match group.first {
                true => ("memory.usage_in_bytes", "total_inactive_file"),
                false => ("memory.current", "inactive_file"),
            };
            let Some(used) = files.number(folder, name)? else {
                return Ok(None);
            };
            let idle = files.field(folder, "memory.stat", idle)?;
            let idle =
                idle.ok_or_else(|| format!("{folder}/memory.stat says nothing of caches"))?;
            // What is in caches and unused for long is had back at once.
            Ok(Some(used.saturating_sub(idle).saturating_sub(ours.memory)))
        });
        let pids = whole(&self.pids, "pids", |_, folder| {
            let count = files.number(folder, "pids.current")?;
            Ok(count.map(|count| count.saturating_sub(ours.pids)))
        });
        Usage {
            memory,
            pids,
            cpu: None,
        }
    }

    /// For how long processors worked so far, without ours, and how long the machine runs; both in
    /// nanoseconds.
    pub fn worked(&self, files: &Files, ours: Ours) -> Told<(u64, u64)> {
        let nanos = whole(&self.time, "cpuacct", |group, folder| match group.first {
            true => files.number(folder, "cpuacct.usage"),
            false => {
                let micros = files.field(folder, "cpu.stat", "usage_usec")?;
                Ok(micros.map(|micros| micros.saturating_mul(1_000)))
            }
        })?;
        Ok((nanos.saturating_sub(ours.nanos), files.uptime(UPTIME)?))
    }
}

const UPTIME: &str = "/proc/uptime";

/// Names of files in each folder of a group.
fn files(group: &Told<Group>, first: &[&str], second: &[&str]) -> Vec<String> {
    let Ok(group) = group else { return Vec::new() };
    let names = if group.first { first } else { second };
    let folders = group.folders.iter();
    folders
        .flat_map(|folder| names.iter().map(move |name| format!("{folder}/{name}")))
        .collect()
}

/// The lowest limit of a group and those that it stands in. One of them must say something.
fn each(
    group: &Told<Group>,
    controller: &str,
    read: impl Fn(&Group, &str) -> Told<Level>,
) -> Told<Option<u64>> {
    let group = group.as_ref().map_err(Clone::clone)?;
    let mut lowest = Level::Silent;
    for folder in &group.folders {
        lowest = lowest.min(read(group, folder)?);
    }
    match lowest {
        Level::Limit(limit) => Ok(Some(limit)),
        Level::Free => Ok(None),
        Level::Silent => Err(off(controller)),
    }
}

/// What is counted for the whole container.
fn whole(
    group: &Told<Group>,
    controller: &str,
    read: impl Fn(&Group, &str) -> Told<Option<u64>>,
) -> Told<u64> {
    let group = group.as_ref().map_err(Clone::clone)?;
    for folder in &group.whole {
        if let Some(count) = read(group, folder)? {
            return Ok(count);
        }
    }
    Err(off(controller))
}

fn off(controller: &str) -> String {
    format!(
        "the kernel neither limits nor counts this for the container: the controller `{controller}` is off in its control group"
    )
}

fn group(controller: &str, cgroup: &str, mounts: &Mounts) -> Told<Group> {
    let entries = cgroup.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':');
        Some((parts.next()?, parts.next()?, parts.next()?))
    });
    let (mut first, mut second) = (None, None);
    for (number, controllers, path) in entries {
        if controllers.split(',').any(|known| known == controller) {
            first = Some(path);
        } else if number == "0" && controllers.is_empty() {
            second = Some(path);
        }
    }
    let Some(path) = first.or(second) else {
        return Err(format!(
            "the kernel names no control group with `{controller}`"
        ));
    };
    let is_first = first.is_some();
    let holds = |mount: &&Mount| match is_first {
        true => mount.kind == "cgroup" && mount.options.iter().any(|o| o == controller),
        false => mount.kind == "cgroup2",
    };
    let seen = mounts.visible().filter(holds);
    let within = seen.filter_map(|mount| Some((mount, below(path, &mount.root)?)));
    // The one that shows least beside the group itself.
    let Some((mount, rest)) = within.min_by_key(|(_, rest)| rest.len()) else {
        return Err(format!(
            "the container does not see its control group {path}: no file system that has it is mounted"
        ));
    };
    let mut rest = rest.trim_end_matches('/');
    let is_inner = !rest.is_empty();
    let mut folders = vec![format!("{}{rest}", mount.at)];
    while let Some((outer, _)) = rest.rsplit_once('/').filter(|_| folders.len() < DEEPEST) {
        folders.push(format!("{}{outer}", mount.at));
        rest = outer;
    }
    // The container's own group is the outermost that it sees, unless it sees the machine's whole tree:
    // that of version 1 counts the whole machine there, that of version 2 counts nothing.
    let own = folders.first().cloned();
    let outermost = folders.last().cloned();
    let machine = is_first && is_inner && mount.root == "/";
    let whole = outermost.filter(|_| !machine).into_iter().chain(own);
    Ok(Group {
        first: is_first,
        whole: whole.collect(),
        folders,
    })
}
