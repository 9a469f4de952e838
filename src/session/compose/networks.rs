//! The networks of a container that the tool has made. `docker-compose` puts it on the first one and leaves
//! the others for when it starts it, which it is not asked to do here; so too the names by which it links to others.

use serde_json::{Value as Json, json};

use super::stack::Part;
use crate::engine::Result;
use crate::session::Session;
use crate::session::create::Join;

impl Session {
    /// Puts a container where it belongs and is not yet; what the engine then says of it.
    pub(super) async fn on_all_networks(
        &self,
        mut joins: Vec<Join>,
        inspected: Json,
    ) -> Result<Json> {
        let id = inspected["Id"].as_str().unwrap_or_default();
        let there = &inspected["NetworkSettings"]["Networks"];
        let lacks = |join: &Join| {
            let there = there.get(&join.network);
            let links = there.and_then(|there| there["Links"].as_array());
            let has = |link: &String| links.is_some_and(|all| all.contains(&json!(link)));
            there.is_none() || !join.links.iter().all(has)
        };
        joins.retain(lacks);
        if joins.is_empty() {
            return Ok(inspected);
        }
        for join in joins {
            let networks = self.engine.networks();
            if there.get(&join.network).is_some() {
                networks.disconnect(&join.network, id).await?;
            }
            networks
                .connect(&join.network, id, &join.settings())
                .await?;
        }
        self.engine.containers().inspect_raw(id).await
    }
}

/// Where the containers of a service belong. `first` knows the name of another service's first container.
pub(super) fn joins(
    project: &str,
    part: &Part,
    first: impl Fn(&str) -> Option<String>,
) -> Vec<Join> {
    let written = part.body.get("links").and_then(Json::as_array);
    let links = written.into_iter().flatten().filter_map(Json::as_str);
    // Without another name it is the service's own, by which it is known on a network that they share.
    let links = links.filter_map(|link| link.split_once(':'));
    let links: Vec<String> = links
        .filter_map(|(other, alias)| Some(format!("{}:{alias}", first(other)?)))
        .collect();
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
            links: links.clone(),
            ipv4: text("ipv4_address"),
            ipv6: text("ipv6_address"),
            ..Join::default()
        }
    };
    part.networks.iter().map(join).collect()
}
