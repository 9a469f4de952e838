//! How near the engine is: whether its bridges and its published ports are this machine's.

use tokio::sync::OnceCell;

use super::Session;
use crate::engine::dial::{Whose, is_next_to, whose};
use crate::engine::networks::Network;
use crate::engine::transport::Address;

/// The network that an engine makes for itself.
const BRIDGE: &str = "bridge";

/// What was found, looked for once a run.
#[derive(Debug, Default)]
pub(super) struct Near {
    whose: OnceCell<Whose>,
    bridges: OnceCell<bool>,
}

impl Session {
    /// Whether this machine is on the engine's bridges, so that containers can be dialled at their own addresses
    /// and no port has to be published for that.
    pub async fn is_near(&self) -> bool {
        if self.whose().await != Whose::Ours {
            return false;
        }
        let near = self.near.bridges.get_or_init(|| async {
            let bridge = self.engine.networks().inspect(BRIDGE).await;
            let gateways = bridge.iter().flat_map(Network::pools);
            let mut gateways = gateways.filter_map(|pool| pool.gateway.as_deref());
            gateways.any(|gateway| is_next_to(gateway, gateway))
        });
        *near.await
    }

    /// Whether ports that the engine publishes, and those of its own network, are reached on this machine.
    pub async fn shares_ports(&self) -> bool {
        matches!(self.engine.address(), Address::Unix(_)) && self.whose().await != Whose::Anothers
    }

    async fn whose(&self) -> Whose {
        match self.engine.address() {
            Address::Unix(socket) => *self.near.whose.get_or_init(|| whose(socket)).await,
            _ => Whose::Hidden,
        }
    }
}
