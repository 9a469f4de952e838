//! Those whom a Compose file describes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{Company, Made};
use crate::engine::Result;
use crate::engine::certificates::Certificates;
use crate::session::compose::{Placed, Project, certificates};
use crate::session::create::Join;
use crate::session::live::{Live, Placing};
use crate::suite::certificate::VOLUME;

impl Company {
    /// Takes in the containers of a Compose file, as a project of their own. Requests go to these ports
    /// of its services.
    pub async fn compose(
        &mut self,
        project: &Project,
        reached: BTreeMap<String, Vec<u16>>,
        folder: &Path,
        certificates: Option<Arc<Certificates>>,
    ) -> Result<()> {
        let name = self.session.project();
        // All is written down here first, so that it is removed however this ends.
        self.project = Some((name.clone(), project.built().to_vec()));
        project.app().clone_into(&mut self.app);
        for (network, internal) in &project.stack.networks {
            let made = Made {
                name: format!("{name}_{network}"),
                internal: *internal,
            };
            self.networks.insert(network.clone(), made);
        }
        for volume in &project.stack.volumes {
            let made = format!("{name}_{volume}");
            self.volumes.insert(volume.clone(), made);
        }
        let with_certificates = project.stack.parts.iter();
        for part in with_certificates.filter(|part| part.certificates.is_some()) {
            let volume = certificates::volume(&part.name);
            let made = format!("{name}_{volume}");
            self.volumes.insert(volume, made);
        }
        let all = self.session.up(project, &name, reached).await?;
        let id = |placed: &Placed| Some(placed.inspected["Id"].as_str()?.to_owned());
        let names: BTreeMap<String, String> = all
            .iter()
            .filter_map(|placed| Some((id(placed)?, placed.name.clone())))
            .collect();
        for placed in all {
            let ground = Placing {
                folder: folder.to_owned(),
                certificates: certificates.clone(),
                names: names.clone(),
                ..self.placing(&placed, project)
            };
            let mut live = Live::of_compose(&self.session, &placed, ground);
            live.give().await?;
            if placed.number == 1 {
                live.fill_certificates().await?;
            }
            self.take(&placed.service, placed.number, placed.of, live);
        }
        Ok(())
    }

    /// Where a container of a project stands among the networks and volumes of all.
    fn placing(&self, placed: &Placed, project: &Project) -> Placing {
        let joins = self.placed(&placed.service, project, &placed.inspected);
        let names = self.volumes.iter().map(|(written, made)| {
            let ours = match certificates::is_volume(written) {
                true => VOLUME,
                false => written,
            };
            (made.clone(), ours.to_owned())
        });
        let holds = certificates::volume(&placed.service);
        Placing {
            known: self.around(&placed.service, &joins),
            joins,
            volumes: names.collect(),
            holds: self.volumes.get(&holds).cloned(),
            binds: project.binds(&placed.service),
            reach: project.reach.clone(),
            ..Placing::default()
        }
    }

    /// Every network of the project, with the place that a container has or would have there.
    fn around(&self, service: &str, joins: &[Join]) -> Vec<Join> {
        let others = self
            .networks
            .iter()
            .filter(|(name, _)| joins.iter().all(|j| j.name != **name));
        let others = others.map(|(name, made)| Join {
            name: name.clone(),
            network: made.name.clone(),
            internal: made.internal,
            aliases: vec![service.to_owned()],
            ..Join::default()
        });
        joins.iter().cloned().chain(others).collect()
    }

    /// The networks that a container of a project is on, with the settings that it has there.
    fn placed(&self, service: &str, project: &Project, inspected: &Json) -> Vec<Join> {
        let part = project.stack.parts.iter().find(|part| part.name == service);
        let networks = part
            .map(|part| part.networks.as_slice())
            .unwrap_or_default();
        let join = |name: &String| {
            let made = self.networks.get(name)?;
            let there = &inspected["NetworkSettings"]["Networks"][&made.name];
            let id = inspected["Id"].as_str().unwrap_or_default();
            let aliases = there["Aliases"].as_array().into_iter().flatten();
            let aliases = aliases.filter_map(Json::as_str);
            let links = there["Links"].as_array().into_iter().flatten();
            let fixed = |key: &str| there["IPAMConfig"][key].as_str().map(str::to_owned);
            Some(Join {
                name: name.clone(),
                network: made.name.clone(),
                internal: made.internal,
                // The engine adds the short id, which another container has no right to.
                aliases: aliases
                    .filter(|a| !id.starts_with(a))
                    .map(str::to_owned)
                    .collect(),
                links: links.filter_map(|l| Some(l.as_str()?.to_owned())).collect(),
                ipv4: fixed("IPv4Address"),
                ipv6: fixed("IPv6Address"),
            })
        };
        let mut joins: Vec<Join> = networks.iter().filter_map(join).collect();
        // The one that it was made on comes first.
        let first = &inspected["HostConfig"]["NetworkMode"];
        joins.sort_by_key(|join| *first != join.network);
        joins
    }
}
