//! Networks, and which containers are on them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::Result;
use super::api::Api;
use super::ask::Ask;
use super::containers::null_is_empty;
use super::path::Path;

/// The networks of one engine.
#[derive(Clone, Debug)]
pub struct Networks {
    api: Api,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Network {
    /// Its id.
    #[serde(rename = "Id")]
    pub id: String,
    /// Its name; engines allow several of one name.
    #[serde(rename = "Name")]
    pub name: String,
    /// What makes it: `bridge`, …
    #[serde(rename = "Driver", default)]
    pub driver: String,
    /// Nothing outside can be reached from it.
    #[serde(rename = "Internal", default)]
    pub internal: bool,
    /// Its labels.
    #[serde(rename = "Labels", default, deserialize_with = "null_is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(rename = "IPAM", default, deserialize_with = "null_is_empty")]
    addresses: Addresses,
    #[serde(rename = "Containers", default, deserialize_with = "null_is_empty")]
    containers: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Addresses {
    #[serde(rename = "Config", default, deserialize_with = "null_is_empty")]
    config: Vec<Pool>,
}

/// A range of addresses of a network.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Pool {
    /// `172.18.0.0/16`.
    #[serde(rename = "Subnet", default)]
    pub subnet: String,
    /// The host's address in it.
    #[serde(rename = "Gateway", default)]
    pub gateway: Option<String>,
}

/// What a network is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Nothing outside can be reached from it.
    pub internal: bool,
    /// What makes it; a bridge without it.
    pub driver: Option<String>,
    /// The driver's options.
    pub options: BTreeMap<String, String>,
    /// IPv6 addresses too.
    pub ipv6: bool,
}

impl Network {
    /// Its ranges of addresses.
    pub fn pools(&self) -> &[Pool] {
        &self.addresses.config
    }

    /// The ids of the containers that run on it; known only from an inspection.
    pub fn containers(&self) -> impl Iterator<Item = &str> {
        self.containers.keys().map(String::as_str)
    }
}

/// A range of IPv6 addresses for a network of this name and no other (of those that anyone may take): engines before
/// Docker 27 give none by themselves.
pub fn range_of(name: &str) -> String {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let hash = hasher.finish();
    let part = |at: u32| (hash >> at) & 0xffff;
    let first = (hash >> 48) & 0xff;
    format!(
        "fd{first:02x}:{:04x}:{:04x}:{:04x}::/64",
        part(32),
        part(16),
        part(0)
    )
}

impl Networks {
    pub(super) fn new(api: Api) -> Self {
        Self { api }
    }

    /// Makes a network and gives its id. `PoolExhausted` is an engine without a free range.
    pub async fn create(
        &self,
        name: &str,
        wish: &Wish,
        labels: &BTreeMap<String, String>,
    ) -> Result<String> {
        #[derive(Deserialize)]
        struct Made {
            #[serde(rename = "Id")]
            id: String,
        }
        let mut body = json!({
            "Name": name,
            "CheckDuplicate": true,
            "Driver": wish.driver.as_deref().unwrap_or("bridge"),
            "Internal": wish.internal,
            "EnableIPv6": wish.ipv6,
            "Options": wish.options,
            "Labels": labels,
        });
        if wish.ipv6 {
            body["IPAM"] = json!({ "Config": [{ "Subnet": range_of(name) }] });
        }
        let ask = Ask::post(format!("create network {name}"), "/networks/create").json(&body);
        self.api.json::<Made>(ask).await.map(|made| made.id)
    }

    /// What the engine says of it, the containers on it included.
    pub async fn inspect(&self, id: &str) -> Result<Network> {
        let path = Path::new("/networks").part(id);
        self.api
            .json(Ask::get(format!("inspect network {id}"), path))
            .await
    }

    /// Removes it; `false` where there was none.
    pub async fn remove(&self, id: &str) -> Result<bool> {
        let path = Path::new("/networks").part(id);
        let ask = Ask::delete(format!("remove network {id}"), path);
        match self.api.done(ask).await {
            Ok(_) => Ok(true),
            Err(fault) if fault.is_not_found() => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Puts a container on it, with the settings that it has there.
    pub async fn connect(&self, id: &str, container: &str, settings: &Json) -> Result<()> {
        let path = Path::new("/networks").part(id).then("/connect");
        let ask = Ask::post(
            format!("connect container {container} to network {id}"),
            path,
        )
        .json(&json!({ "Container": container, "EndpointConfig": settings }));
        self.api.done(ask).await.map(drop)
    }

    /// Takes a container off it.
    pub async fn disconnect(&self, id: &str, container: &str) -> Result<()> {
        let path = Path::new("/networks").part(id).then("/disconnect");
        let doing = format!("disconnect container {container} from network {id}");
        let ask = Ask::post(doing, path).json(&json!({ "Container": container, "Force": true }));
        self.api.done(ask).await.map(drop)
    }

    /// All that the engine has.
    pub async fn all(&self) -> Result<Vec<Network>> {
        self.api.json(Ask::get("list networks", "/networks")).await
    }

    /// All that carry this label (`name` or `name=value`).
    pub async fn list(&self, label: &str) -> Result<Vec<Network>> {
        let path = Path::new("/networks").labelled(label);
        self.api
            .json(Ask::get(format!("list networks labelled {label}"), path))
            .await
    }
}
