//! What was asked for when a container was made, without what the harness has added.

use serde_json::Value as Json;

use super::Live;
use crate::engine::probe::FOLDER;
use crate::fact::cgroup::Limits;
use crate::fact::container::{ContainerFacts, ReservedCpus};
use crate::session::ceiling;
use crate::suite::grant::PROCESSES;
use crate::text::cpus::Cpus;

impl Live {
    /// What the engine knows of it, without what the harness has added: the probe's mount, the ports
    /// that its requests go through, the labels. Volumes are called as the suite does.
    pub fn declared(&self, mut facts: ContainerFacts) -> ContainerFacts {
        let ours = |port: &String| {
            self.added
                .iter()
                .any(|number| *port == format!("{number}/tcp"))
        };
        if let Some(file) = &self.of_file {
            facts.settings.port_bindings.clone_from(&file.published);
            facts.settings.reserved_cpus = match file.reserved_cpus {
                Some(Cpus(parts)) => ReservedCpus::Parts(parts),
                None => ReservedCpus::Nothing,
            };
        }
        facts.settings.port_bindings.retain(|port, _| !ours(port));
        facts.published.retain(|port, _| !ours(port));
        facts.mounts.retain(|mount| mount.at != FOLDER);
        if ceiling::is_ours(&self.body) {
            facts.settings.pids_limit = None;
        }
        for name in facts.mounts.iter_mut().filter_map(|m| m.name.as_mut()) {
            let written = self.volume_names.iter().find(|(made, _)| made == name);
            if let Some((_, written)) = written {
                name.clone_from(written);
            }
        }
        let networks = std::mem::take(&mut facts.networks).into_iter();
        let written = |made: String| {
            let join = self.known.iter().find(|join| join.network == made);
            join.map_or(made, |join| join.name.clone())
        };
        facts.networks = networks
            .map(|(made, facts)| (written(made), facts))
            .collect();
        facts
            .labels
            .retain(|name, _| !name.starts_with("io.seaworthy."));
        facts
    }

    /// What the kernel limits, without what the harness has added.
    pub fn limited(&self, mut limits: Limits) -> Limits {
        let most = u64::try_from(PROCESSES).ok();
        if ceiling::is_ours(&self.body) && limits.pids == Ok(most) {
            limits.pids = Ok(None);
        }
        limits
    }

    /// Whether it was asked for on any network; else it is on the one that the engine has for such.
    pub fn names_network(&self) -> bool {
        self.body["HostConfig"].get("NetworkMode").is_some()
    }

    /// Why process 1 is not its own, where it shares the numbers of others.
    pub fn shares_numbers(&self) -> Option<String> {
        let (whose, written) = match self.body["HostConfig"]["PidMode"].as_str()? {
            "" | "private" => return None,
            "host" => ("the machine's", "host"),
            _ => ("another container's", "…"),
        };
        Some(format!(
            "its process numbers are {whose} (`pid: {written}`), so that process 1 is not its own, and what it runs \
             cannot be told from what others run: leave `pid` out to claim this"
        ))
    }

    /// Whether a path lies in a tmpfs of the suite's.
    pub fn in_memory(&self, path: &str) -> bool {
        let host = &self.body["HostConfig"];
        let tmpfs = host["Tmpfs"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(at, _)| at.as_str());
        let mounts = host["Mounts"].as_array().into_iter().flatten();
        let mounted = mounts
            .filter(|m| m["Type"] == "tmpfs")
            .filter_map(|m| m["Target"].as_str());
        tmpfs.chain(mounted).any(|at| {
            let rest = path.strip_prefix(at.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The places at which something was asked to be mounted, by `run` or by the image.
    pub fn mounted(&self) -> Vec<String> {
        let host = &self.body["HostConfig"];
        let tmpfs = host["Tmpfs"].as_object().into_iter().flatten();
        let tmpfs = tmpfs.map(|(at, _)| at.clone());
        let mounts = host["Mounts"].as_array().into_iter().flatten();
        let mounts = mounts
            .filter_map(|m| m["Target"].as_str())
            .map(str::to_owned);
        let image = self.image.facts.volumes.iter().cloned();
        let binds = host["Binds"].as_array().into_iter().flatten();
        let binds = binds.filter_map(|bind| bind.as_str()?.split(':').nth(1));
        tmpfs
            .chain(mounts)
            .chain(binds.map(str::to_owned))
            .chain(image)
            .filter(|at| at != FOLDER)
            .collect()
    }
}

/// What the engine says that it left out of what was asked; a limit of swap or of processes that nobody asked for is
/// none of it.
pub(super) fn lost(asked: &Json, warnings: Vec<String>) -> Vec<String> {
    let is_asked = |key: &str| asked["HostConfig"].get(key).is_some();
    let swap = is_asked("MemorySwap") || is_asked("MemorySwappiness");
    let pids = !ceiling::is_ours(asked);
    let matters = |warning: &String| {
        let warning = warning.to_lowercase();
        (swap || !warning.contains("swap")) && (pids || !warning.contains("pids"))
    };
    warnings.into_iter().filter(matters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_limit_that_was_left_out_is_told() {
        let warnings = || {
            vec![
                "Your kernel does not support swap limit capabilities. Memory limited without swap.".to_owned(),
                "Your kernel does not support pids limit capabilities. PIDs limit discarded.".to_owned(),
            ]
        };
        let lost = |host: Json| lost(&json!({ "HostConfig": host }), warnings()).len();
        assert_eq!(lost(json!({ "Memory": 1 })), 1);
        for asked in ["MemorySwap", "MemorySwappiness"] {
            assert_eq!(lost(json!({ asked: 1 })), 2);
        }
        let mut ours = json!({ "HostConfig": {} });
        ceiling::of_container(&mut ours);
        assert_eq!(super::lost(&ours, warnings()), [""; 0]);
    }
}
