//! What is claimed of a container that runs.

use super::seen::Seen;
use super::{Part, scalar};
use crate::fact::process::Process;
use crate::text::units::{Port, Protocol};

/// Claims about a container that runs. One of a Compose file also says what it publishes.
pub fn parts(seen: &Seen, is_composed: bool) -> Vec<Part> {
    let mut parts = vec![Part::claim("state: running")];
    let container = seen.container();
    let check = container.and_then(|one| one.healthcheck.as_ref());
    if check.is_some_and(|check| check.test.first().is_some_and(|kind| kind != "NONE")) {
        parts.push(Part::claim("health: healthy"));
    }
    parts.extend(seen.main().map(|main| who(seen, main)));
    parts.extend(ports(seen));
    if is_composed {
        parts.extend(published(seen));
    }
    parts.push(Part::claim("processes: { zombies: 0 }"));
    parts.extend(seen.main().map(rights).into_iter().flatten());
    if seen.writable() == Some(false) {
        parts.push(Part::claim("filesystem: read_only"));
    }
    parts.extend(limits(seen));
    parts.push(Part::claim("restarts: 0"));
    if !is_composed {
        parts.extend(usage(seen));
        parts.extend(startup(seen));
    }
    parts.extend(log(seen));
    parts
}

fn who(seen: &Seen, main: &Process) -> Part {
    let uid = main.uids[1];
    if uid == 0 {
        return Part::claim("whoami: app")
            .off("its program runs as root. Give it a user of its own (`USER`, or `user` in `run`), and name that here");
    }
    match seen.user(uid) {
        Some(name) => Part::claim(format!("whoami: {}", scalar::text(&name))),
        None => Part::claim(format!("whoami: {uid}")),
    }
}

/// Ports that others can reach.
pub fn listening(seen: &Seen) -> Vec<Port> {
    let all = seen.listeners().unwrap_or_default();
    let open = all.iter().filter(|one| !one.is_loopback());
    let mut ports: Vec<Port> = open.map(|one| one.port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Which ports these are, and that there are no others.
pub fn ports(seen: &Seen) -> Option<Part> {
    seen.listeners()?;
    let ports = listening(seen);
    Some(if ports.is_empty() {
        Part::claim("ports: { only: true }").says("Nothing listens for others.")
    } else {
        let all = scalar::ports(ports);
        Part::claim(format!("ports: {{ listening: {all}, only: true }}"))
    })
}

/// What a Compose file publishes on the host.
fn published(seen: &Seen) -> Option<Part> {
    let bound = &seen.container()?.settings.port_bindings;
    let mut all = Vec::new();
    for (port, on) in bound {
        for host in on {
            match host.host_port {
                Some(number) => all.push(format!("{number}:{}", port.trim_end_matches("/tcp"))),
                None => all.push(port.clone()),
            }
        }
    }
    if all.is_empty() {
        let part = Part::claim("ports: { published: [], only: true }");
        return Some(part.says("Nothing of it is reached from outside its networks."));
    }
    Some(Part::claim(format!(
        "ports: {{ published: {}, only: true }}",
        scalar::list(all)
    )))
}

fn rights(main: &Process) -> Vec<Part> {
    let security = &main.security;
    let none = |bits: Option<u64>, field: &'static str| (bits == Some(0)).then_some(field);
    let fields = [
        none(security.bounding, "bounding: none"),
        none(security.effective, "effective: none"),
    ];
    let fields: Vec<&str> = fields.into_iter().flatten().collect();
    let mut parts = Vec::new();
    parts.push(match fields.as_slice() {
        [] => Part::claim("capabilities: { effective: none }").off(
            "its program has rights of root. Drop them with `cap_drop: [ALL]`, or give it a user",
        ),
        all => Part::claim(format!("capabilities: {{ {} }}", all.join(", "))),
    });
    if security.no_new_privileges == Some(true) {
        parts.push(Part::claim("no_new_privileges: true"));
    }
    parts
}

/// What the kernel lets it have at most, where that is less than all.
fn limits(seen: &Seen) -> Option<Part> {
    let limits = seen.limits()?;
    let mut fields = Vec::new();
    if let Ok(Some(memory)) = limits.memory {
        fields.push(format!("memory: {}", super::settings::memory(memory)));
    }
    if let Ok(Some(parts)) = limits.cpus {
        fields.push(format!("cpus: {}", super::settings::cpus(parts)));
    }
    if let Ok(Some(pids)) = limits.pids {
        fields.push(format!("pids: {pids}"));
    }
    if fields.is_empty() {
        let part = Part::claim("limits: { memory: { at_most: 1GB }, pids: { at_most: 1000 } }");
        return Some(
            part.off("nothing limits it. Set `mem_limit` and `pids_limit`, and claim them here"),
        );
    }
    Some(Part::claim(format!("limits: {{ {} }}", fields.join(", "))))
}

fn usage(seen: &Seen) -> Option<Part> {
    let usage = seen.usage()?;
    let (memory, pids) = (usage.memory.as_ref().ok()?, usage.pids.as_ref().ok()?);
    let bound = scalar::size(memory.saturating_mul(2), 1024);
    let part = Part::claim(format!(
        "usage: {{ memory: {{ below: {bound} }}, pids: {{ at_most: {} }} }}",
        scalar::room(pids.saturating_add(2))
    ));
    let many = match pids {
        1 => "one process".to_owned(),
        many => format!("{many} processes and threads"),
    };
    Some(part.says(format!("It used {} in {many}.", scalar::seen(*memory))))
}

fn startup(seen: &Seen) -> Option<Part> {
    let micros = seen.life()?.ready_micros?;
    // A busy machine takes several times as long.
    let seconds = scalar::room(micros.saturating_mul(3) / 1_000_000 + 4);
    Some(Part::claim(format!(
        "startup: {{ time: {{ below: {seconds}s }} }}"
    )))
}

/// A log of JSON alone is meant to stay so.
fn log(seen: &Seen) -> Option<Part> {
    let log = seen.log()?;
    let is_json = |text: &str| {
        serde_json::from_str::<serde_json::Value>(text).is_ok_and(|value| value.is_object())
    };
    let all = !log.lines.is_empty() && log.lines.iter().all(|line| is_json(&line.text));
    all.then(|| Part::claim("logs: { every_line: json }"))
}

/// The TCP ports among these.
pub fn tcp(ports: &[Port]) -> Vec<u16> {
    let own = ports.iter().filter(|port| port.protocol == Protocol::Tcp);
    own.map(|port| port.number).collect()
}
