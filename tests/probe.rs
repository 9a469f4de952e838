//! The probe, asked everything, natively and inside a container.
#![expect(
    clippy::disallowed_methods,
    reason = "a test is its own door to the world"
)]

#[path = "../probe/resolve.rs"]
mod resolve;
#[path = "../probe/wire.rs"]
pub mod wire;

#[cfg(test)]
#[path = "../probe/absent.rs"]
mod absent;
#[cfg(test)]
#[path = "probe/beneath.rs"]
mod beneath;
#[cfg(test)]
#[path = "probe/client.rs"]
mod client;
#[cfg(test)]
#[path = "probe/commands.rs"]
mod commands;
#[cfg(test)]
#[path = "probe/create.rs"]
mod create;
#[cfg(test)]
#[path = "probe/engine.rs"]
mod engine;
#[cfg(test)]
#[path = "probe/files.rs"]
mod files;
#[cfg(test)]
#[path = "probe/hostile.rs"]
mod hostile;
#[cfg(test)]
#[path = "probe/install.rs"]
mod install;
#[cfg(test)]
#[path = "probe/names.rs"]
mod names;
#[cfg(test)]
#[path = "probe/network.rs"]
mod network;
#[cfg(test)]
#[path = "probe/others.rs"]
mod others;
#[cfg(test)]
#[path = "probe/relays.rs"]
mod relays;
#[cfg(test)]
#[path = "probe/search.rs"]
mod search;
#[cfg(test)]
#[path = "probe/search_path.rs"]
mod search_path;
#[cfg(test)]
#[path = "probe/walk.rs"]
mod walk;
