//! What the volumes and networks of a Compose file ask for.

use std::net::IpAddr;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::super::binds::plain;
use super::super::stack::Stack;
use super::{Asks, list, names};
use crate::suite::grant::{Bounds, Kind, Power, Sight, driver_option};

/// Folders of this machine that volumes are, which whoever has the volume may write to, with their keys.
pub(super) fn folders(stack: &Stack) -> Vec<(PathBuf, bool, Vec<String>)> {
    let volumes = stack.rest.get("volumes").and_then(Json::as_object);
    let bound = volumes.into_iter().flatten().filter_map(|(name, volume)| {
        let device = volume["driver_opts"]["device"].as_str()?;
        let keys = ["volumes", name, "driver_opts"].map(str::to_owned);
        device
            .starts_with('/')
            .then(|| (plain(device), true, keys.to_vec()))
    });
    bound.collect()
}

/// A volume of a local driver with options is a mount of whatever these say.
pub(super) fn of_volume(volume: &Json, bounds: &Bounds, real: Sight<'_>, asks: &mut Asks) {
    let driver = volume["driver"].as_str().unwrap_or_default();
    if !["", "local"].contains(&driver) {
        asks.of("driver", Kind::Driver, driver);
    }
    let option = |key: &str| volume["driver_opts"][key].as_str().unwrap_or_default();
    let (kind, device) = (option("type"), option("device"));
    let flags = option("o").split(',').map(str::trim);
    let is_bind = flags
        .into_iter()
        .any(|flag| ["bind", "rbind"].contains(&flag));
    if is_bind && device.starts_with('/') && !device.starts_with("//") {
        for power in bounds.bind(&plain(device), real) {
            asks.ask("driver_opts", Some(power));
        }
    } else if is_bind || (kind != "tmpfs" && !(kind.is_empty() && device.is_empty())) {
        // Any other kind has the kernel read what the options say.
        let named = if kind.is_empty() { device } else { kind };
        asks.of("driver_opts", Kind::Driver, named);
    }
}

/// A network of another driver may be one of this machine.
pub(super) fn of_network(network: &Json, _: &Bounds, _: Sight<'_>, asks: &mut Asks) {
    let driver = network["driver"].as_str().unwrap_or_default();
    asks.ask("driver", Power::network(driver));
    for name in names(network.get("driver_opts")) {
        asks.ask("driver_opts", driver_option(&name));
    }
    let ipam = network.get("ipam").unwrap_or(&Json::Null);
    let addresses = ipam["driver"].as_str().unwrap_or_default();
    if !["", "default"].contains(&addresses) {
        asks.of("ipam", Kind::Driver, addresses);
    }
    let ranges = list(ipam.get("config")).iter();
    for range in ranges.filter_map(|one| one["subnet"].as_str()) {
        if !is_private(range) {
            asks.of("ipam", Kind::Driver, range);
        }
    }
}

/// Whether nobody on the internet has addresses of this range, so that no way to them is taken from this machine.
fn is_private(range: &str) -> bool {
    let (address, bits) = range.split_once('/').unwrap_or((range, ""));
    let bits: u8 = bits.parse().unwrap_or_default();
    match address.parse() {
        Ok(IpAddr::V4(v4)) => {
            let [a, b, ..] = v4.octets();
            let is_shared = a == 100 && (64..128).contains(&b) && bits >= 10;
            let is_for_benches = a == 198 && (18..20).contains(&b) && bits >= 15;
            let least = match a {
                10 => 8,
                172 => 12,
                _ => 16,
            };
            is_shared || is_for_benches || (v4.is_private() && bits >= least)
        }
        Ok(IpAddr::V6(v6)) => {
            let start = v6.segments();
            let is_of_documents = start[0] == 0x2001 && start[1] == 0xdb8 && bits >= 32;
            is_of_documents || (start[0] & 0xfe00 == 0xfc00 && bits >= 7)
        }
        Err(_) => false,
    }
}
