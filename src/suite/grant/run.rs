//! What a container's settings ask for, as far as no file is to be looked at.

use super::{Kind, Power};
use crate::suite::network::Network;
use crate::suite::run::Run;
use crate::text::source::{Span, Spanned};

/// Network stacks that are a container's own, or the engine's for all of them.
const STACKS: [&str; 6] = [
    "none",
    "bridge",
    "default",
    "private",
    "slirp4netns",
    "pasta",
];

/// What `run` asks for, each with its place.
pub fn asked(run: &Run) -> Vec<Spanned<Power>> {
    let mut all = Vec::new();
    let mut ask = |span: Span, power: Option<Power>| {
        all.extend(power.map(|value| Spanned { span, value }));
    };
    if let Some(on) = run.privileged.as_ref().filter(|on| on.value) {
        ask(on.span, Some(Power::new(Kind::Privileged, "")));
    }
    for one in &run.cap_add {
        ask(one.span, Power::capability(&one.value.0));
    }
    for one in &run.security_opt {
        ask(one.span, loosens(&one.value.0));
    }
    for one in &run.devices {
        ask(one.span, Some(Power::new(Kind::Device, &one.value.host)));
    }
    if let Some(mode) = &run.network_mode {
        ask(mode.span, stack(&mode.value.0));
    }
    if let Some(mode) = run.ipc.as_ref().filter(|mode| mode.value.0 == "host") {
        ask(mode.span, Some(Power::new(Kind::Ipc, "host")));
    }
    let users = run.userns_mode.as_ref();
    if let Some(mode) = users.filter(|mode| mode.value.0 == "host") {
        ask(mode.span, Some(Power::new(Kind::Users, "host")));
    }
    if let Some(runtime) = &run.runtime {
        let power = Power::new(Kind::Runtime, &runtime.value.0);
        ask(runtime.span, Some(power));
    }
    for port in &run.ports {
        let address = port.value.address.as_deref();
        ask(port.span, address.and_then(Power::port));
    }
    if let Some(score) = run.oom_score_adj.as_ref().filter(|score| score.value.0 < 0) {
        let power = Power::new(Kind::Memory, score.value.0.to_string());
        ask(score.span, Some(power));
    }
    if let Some(most) = &run.pids_limit {
        ask(most.span, Power::processes(most.value.0));
    }
    all
}

fn stack(mode: &str) -> Option<Power> {
    (!STACKS.contains(&mode)).then(|| Power::new(Kind::Network, mode))
}

/// Options of a network's driver that stay within the run. Another may name a bridge that is there already, or open
/// what is not published.
const OPTIONS: [&str; 5] = [
    "com.docker.network.bridge.enable_icc",
    "com.docker.network.bridge.enable_ip_masquerade",
    "com.docker.network.container_iface_prefix",
    "com.docker.network.driver.mtu",
    "mtu",
];

/// What an option of a network's driver asks for.
pub fn driver_option(name: &str) -> Option<Power> {
    (!OPTIONS.contains(&name)).then(|| Power::new(Kind::Driver, name))
}

/// What a network of a suite asks for.
pub fn of_network(network: &Network, span: Span) -> Vec<Spanned<Power>> {
    let driver = network.driver.as_deref().and_then(Power::network);
    let options = network
        .driver_opts
        .given()
        .filter_map(|(name, _)| driver_option(name));
    driver
        .into_iter()
        .chain(options)
        .map(|value| Spanned { span, value })
        .collect()
}

/// What a security option takes away; nothing for one that adds a wall, or says what holds anyway.
pub fn loosens(option: &str) -> Option<Power> {
    let (name, value) = option.split_once(['=', ':']).unwrap_or((option, ""));
    let is_harmless = match name {
        "no-new-privileges" => !["false", "False", "FALSE", "f", "F", "0"].contains(&value),
        "seccomp" => value == "builtin",
        "apparmor" => value == "docker-default",
        "writable-cgroups" => ["false", "False", "FALSE", "f", "F", "0"].contains(&value),
        "mask" => true,
        "proc-opts" => value == "hidepid=1" || value == "hidepid=2",
        _ => false,
    };
    // A profile is named by what it is: its text is too long to be allowed word by word.
    let value = match value.trim_start().starts_with('{') {
        true => format!("{name}=profile"),
        false if value.is_empty() => name.to_owned(),
        false => format!("{name}={value}"),
    };
    (!is_harmless).then(|| Power::new(Kind::SecurityOption, value))
}
