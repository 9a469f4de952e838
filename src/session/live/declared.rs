//! What was asked for when a container was made, without what the harness has added.

use super::Live;
use crate::engine::probe::FOLDER;
use crate::fact::container::ContainerFacts;

impl Live {
    /// What the engine knows of it, without what the harness has added: the probe's mount, the ports
    /// that its requests go through, the labels. Volumes are called as the suite does.
    pub fn declared(&self, mut facts: ContainerFacts) -> ContainerFacts {
        let ours = |port: &String| {
            self.added
                .iter()
                .any(|number| *port == format!("{number}/tcp"))
        };
        facts.settings.port_bindings.retain(|port, _| !ours(port));
        facts.published.retain(|port, _| !ours(port));
        facts.mounts.retain(|mount| mount.at != FOLDER);
        for name in facts.mounts.iter_mut().filter_map(|m| m.name.as_mut()) {
            let written = self.volume_names.iter().find(|(made, _)| made == name);
            if let Some((_, written)) = written {
                name.clone_from(written);
            }
        }
        facts
            .labels
            .retain(|name, _| !name.starts_with("io.seaworthy."));
        facts
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
        tmpfs
            .chain(mounts)
            .chain(image)
            .filter(|at| at != FOLDER)
            .collect()
    }
}
