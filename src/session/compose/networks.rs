//! The networks of a container that the tool has made. `docker-compose` puts it on the first one and leaves
//! the others for when it starts it, which it is not asked to do here.

use serde_json::Value as Json;

use super::stack::Part;
use crate::engine::Result;
use crate::session::Session;
use crate::session::create::Join;

impl Session {
    /// Puts a container on those networks of its service that it is not on; what the engine then says of it.
    pub(super) async fn on_all_networks(
        &self,
        project: &str,
        part: &Part,
        inspected: Json,
    ) -> Result<Json> {
        let id = inspected["Id"].as_str().unwrap_or_default();
        let there = &inspected["NetworkSettings"]["Networks"];
        let mut missing = joins(project, part);
        missing.retain(|join| there.get(&join.network).is_none());
        if missing.is_empty() {
            return Ok(inspected);
        }
        for join in missing {
            let networks = self.engine.networks();
            networks
                .connect(&join.network, id, &join.settings())
                .await?;
        }
        self.engine.containers().inspect_raw(id).await
    }
}

/// Where the containers of a service belong.
fn joins(project: &str, part: &Part) -> Vec<Join> {
    let join = |name: &String| {
        let written = part.body.get("networks").and_then(|all| all.get(name));
        let written = written.unwrap_or(&Json::Null);
        let text = |key: &str| written[key].as_str().map(str::to_owned);
        let aliases = written["aliases"].as_array().into_iter().flatten();
        let aliases = aliases.filter_map(Json::as_str).map(str::to_owned);
        Join {
            name: name.clone(),
            network: format!("{project}_{name}"),
            aliases: aliases.chain([part.name.clone()]).collect(),
            ipv4: text("ipv4_address"),
            ipv6: text("ipv6_address"),
            ..Join::default()
        }
    };
    part.networks.iter().map(join).collect()
}
