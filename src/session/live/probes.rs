//! Containers whose only program is the probe.

use serde_json::json;

use super::Live;
use crate::engine::Result;
use crate::engine::probe::PROGRAM;
use crate::session::Session;
use crate::session::create::{self, Frame};
use crate::session::image::Ready;

/// Where a container has the layers of its image.
const LAYERS: &str = "/.seaworthy-layers";

impl Live {
    /// A container of the image with the probe in place of its program; it is not made yet.
    pub async fn of_files(session: &Session, image: &Ready) -> Result<Self> {
        let frame = Frame {
            image: image.id.clone(),
            labels: session.labels(),
            probe: session.probe_volume().await?,
            ..Frame::default()
        };
        Ok(Self::new(
            session,
            image,
            create::idle(&frame, PROGRAM),
            false,
        ))
    }

    /// The same, with the folders of the image's layers in it, which are the engine's; and where each is there.
    pub async fn of_layers(
        session: &Session,
        image: &Ready,
        folders: &[String],
    ) -> Result<(Self, Vec<String>)> {
        let mut live = Self::of_files(session, image).await?;
        let places: Vec<String> = (1..=folders.len())
            .map(|number| format!("{LAYERS}/{number}"))
            .collect();
        let mounts = folders.iter().zip(&places).map(|(folder, place)| {
            json!({
                "Type": "bind",
                "Source": folder,
                "Target": place,
                "ReadOnly": true,
                "BindOptions": { "Propagation": "rslave" },
            })
        });
        if let Some(all) = live.body["HostConfig"]["Mounts"].as_array_mut() {
            all.extend(mounts);
        }
        Ok((live, places))
    }

    /// A container of the probe alone on a network of the engine, from which others are reached; it is not
    /// made yet.
    pub async fn client(session: &Session, network: &str) -> Result<Self> {
        let mut live = Self::helper(session, "client").await?;
        let body = &mut live.body;
        body["HostConfig"]["NetworkMode"] = network.into();
        // With these the engine answers at once that there is no such name, of a container that is gone.
        // Else it asks name servers beyond the network, which may take their time.
        body["HostConfig"]["DnsOptions"] = json!(["ndots:1"]);
        body["HostConfig"]["DnsSearch"] = json!(["."]);
        Ok(live)
    }

    /// A container of the probe alone among the processes of the engine's machine, from which signals are
    /// sent; it is not made yet.
    pub async fn outsider(session: &Session) -> Result<Self> {
        let mut live = Self::helper(session, "signal").await?;
        let host = &mut live.body["HostConfig"];
        for (name, value) in [
            ("PidMode", json!("host")),
            ("CgroupnsMode", json!("host")),
            ("CapDrop", json!(["ALL"])),
            ("CapAdd", json!(["KILL"])),
            ("ReadonlyRootfs", json!(true)),
        ] {
            host[name] = value;
        }
        Ok(live)
    }

    /// A container of the probe alone, called so.
    async fn helper(session: &Session, name: &str) -> Result<Self> {
        let frame = Frame {
            image: session.probe_image().await?,
            labels: session.labels(),
            probe: session.probe_volume().await?,
            ..Frame::default()
        };
        let body = create::idle(&frame, PROGRAM);
        let image = Ready::of_probe(frame.image);
        let mut live = Self::new(session, &image, body, false);
        name.clone_into(&mut live.service);
        Ok(live)
    }
}
