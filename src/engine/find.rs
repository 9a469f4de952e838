//! Where the engine may be, decided from the environment and the Docker configuration alone.

use std::path::{Path, PathBuf};

use super::config::DockerConfig;
use super::transport::{Address, FORMS, TlsFiles};
use super::world::World;
use super::{Fault, FaultKind, Result};

/// The socket of an engine that was installed in the usual way.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// An address to try, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where the engine may listen.
    pub address: Address,
    /// Why it was considered: `DOCKER_HOST`, `the default socket`, …
    pub reason: String,
}

/// What to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The addresses, the best first.
    pub candidates: Vec<Candidate>,
    /// Somebody named this engine, so no other one may take its place.
    pub named: bool,
}

const DOING: &str = "find the container engine";

/// Decides what to try. `wish` is what `--engine` says: a URL, a socket's path or a context.
pub fn candidates(wish: Option<&str>, config: &DockerConfig, world: &World) -> Result<Choice> {
    if let Some(wish) = wish.filter(|wish| !wish.is_empty()) {
        if wish.contains("://") || wish.starts_with('/') {
            let address = host(wish, world, "--engine")?;
            return Ok(named(address, "it was asked for by --engine"));
        }
        return context(wish, world, "it was asked for by --engine");
    }
    if let Some(text) = world.variable("DOCKER_HOST") {
        return Ok(named(
            host(text, world, "DOCKER_HOST")?,
            "DOCKER_HOST says so",
        ));
    }
    if let Some(name) = world.variable("DOCKER_CONTEXT") {
        return context(name, world, "DOCKER_CONTEXT says so");
    }
    match config.current_context.as_deref() {
        Some(name) if !name.is_empty() => context(name, world, "it is the current Docker context"),
        _ => Ok(usual(world)),
    }
}

fn named(address: Address, reason: &str) -> Choice {
    Choice {
        candidates: vec![Candidate {
            address,
            reason: reason.to_owned(),
        }],
        named: true,
    }
}

/// The places where engines listen when nobody says where.
fn usual(world: &World) -> Choice {
    let mut candidates = Vec::new();
    let mut add = |path: PathBuf, reason: &str| {
        candidates.push(Candidate {
            address: Address::Unix(path),
            reason: reason.to_owned(),
        });
    };
    add(DEFAULT_SOCKET.into(), "it is the default socket");
    let runtime = world.variable("XDG_RUNTIME_DIR").map(Path::new);
    if let Some(runtime) = runtime {
        add(runtime.join("docker.sock"), "rootless Docker listens there");
    }
    if let Some(home) = &world.home {
        add(
            home.join(".docker/run/docker.sock"),
            "Docker Desktop listens there",
        );
        add(
            home.join(".docker/desktop/docker.sock"),
            "Docker Desktop listens there",
        );
    }
    if let Some(runtime) = runtime {
        add(
            runtime.join("podman/podman.sock"),
            "rootless podman listens there",
        );
    }
    add("/run/podman/podman.sock".into(), "podman listens there");
    Choice {
        candidates,
        named: false,
    }
}

fn context(name: &str, world: &World, why: &str) -> Result<Choice> {
    if name == "default" {
        return Ok(usual(world));
    }
    let Some(found) = world.contexts.iter().find(|context| context.name == name) else {
        let mut known: Vec<&str> = world
            .contexts
            .iter()
            .map(|context| context.name.as_str())
            .collect();
        known.push("default");
        return Err(Fault::new(
            FaultKind::Local,
            DOING,
            format!("there is no Docker context `{name}` ({why})"),
        )
        .help(format!("contexts that exist: {}", known.join(", "))));
    };
    if found.skip_tls_verify {
        return Err(unverified(&format!("the Docker context `{name}`")));
    }
    let tls = pem_files(&found.tls_folder, world);
    let address = address(&found.host, tls.is_some()).map_err(|problem| {
        wrong_host(
            &format!("the Docker context `{name}`"),
            &found.host,
            &problem,
        )
    })?;
    let reason = format!("the Docker context `{name}` names it; {why}");
    Ok(named(with_tls(address, tls), &reason))
}

/// An address given by hand or by `DOCKER_HOST`, with TLS as the environment says.
fn host(text: &str, world: &World, from: &str) -> Result<Address> {
    let verify = world.variable("DOCKER_TLS_VERIFY").is_some();
    let unverified_tls = world.variable("DOCKER_TLS").is_some() && !verify;
    let address = address(text, verify).map_err(|problem| wrong_host(from, text, &problem))?;
    if !matches!(address, Address::Tcp { .. }) {
        return Ok(address);
    }
    if unverified_tls {
        return Err(unverified("DOCKER_TLS"));
    }
    let tls = verify.then(|| {
        let folder = world
            .variable("DOCKER_CERT_PATH")
            .map(PathBuf::from)
            .or_else(|| world.config_folder.clone())
            .unwrap_or_default();
        pem_files(&folder, world).unwrap_or(TlsFiles {
            ca: None,
            client: None,
        })
    });
    Ok(with_tls(address, tls))
}

fn unverified(whose: &str) -> Fault {
    Fault::new(
        FaultKind::Unsupported,
        DOING,
        format!("{whose} asks for TLS without looking at the engine's certificate"),
    )
    .help("name the authority of the engine's certificate (DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, or a context with one)")
}

fn wrong_host(from: &str, text: &str, problem: &str) -> Fault {
    Fault::new(
        FaultKind::Local,
        DOING,
        format!("{from} says `{text}`, which is not an engine's address: {problem}"),
    )
    .help(FORMS)
}

fn with_tls(address: Address, files: Option<TlsFiles>) -> Address {
    match address {
        Address::Tcp { host, port, .. } => Address::Tcp {
            host,
            port,
            tls: files,
        },
        other => other,
    }
}

/// The PEM files that are in this folder; `None` where there are none.
fn pem_files(folder: &Path, world: &World) -> Option<TlsFiles> {
    let file = |name: &str| {
        let path = folder.join(name);
        world.files.contains(&path).then_some(path)
    };
    let ca = file("ca.pem");
    let client = file("cert.pem").zip(file("key.pem"));
    (ca.is_some() || client.is_some()).then_some(TlsFiles { ca, client })
}

/// Reads an engine's URL. `secure` decides the port where none is written.
pub fn address(text: &str, secure: bool) -> std::result::Result<Address, String> {
    if text.starts_with('/') {
        return Ok(Address::Unix(text.into()));
    }
    let (scheme, rest) = text.split_once("://").unwrap_or(("tcp", text));
    match scheme {
        "unix" if rest.is_empty() => Ok(Address::Unix(DEFAULT_SOCKET.into())),
        "unix" => Ok(Address::Unix(rest.into())),
        "tcp" | "http" | "https" => {
            let (host, port) = host_and_port(rest.trim_end_matches('/'))?;
            let port = port.unwrap_or(if secure { 2376 } else { 2375 });
            let host = if host.is_empty() { "127.0.0.1" } else { host };
            Ok(Address::Tcp {
                host: host.to_owned(),
                port,
                tls: None,
            })
        }
        "ssh" => {
            let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            let (user, machine) = match authority.rsplit_once('@') {
                Some((user, machine)) => (Some(user), machine),
                None => (None, authority),
            };
            if user.is_some_and(|user| user.contains(':')) {
                return Err("it may not hold a password".to_owned());
            }
            let (host, port) = host_and_port(machine)?;
            if host.is_empty() {
                return Err("it names no host".to_owned());
            }
            Ok(Address::Ssh {
                user: user.filter(|user| !user.is_empty()).map(str::to_owned),
                host: host.to_owned(),
                port,
                socket: (path.len() > 1).then(|| path.to_owned()),
            })
        }
        "npipe" => Err("named pipes are not supported".to_owned()),
        other => Err(format!("`{other}` is not a way to reach an engine")),
    }
}

/// Splits `host:port`, `[::1]:port` or `host`.
fn host_and_port(text: &str) -> std::result::Result<(&str, Option<u16>), String> {
    if text.contains('/') {
        return Err("a path may not follow the host".to_owned());
    }
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or("a bracket is not closed")?;
        (host, after.strip_prefix(':'))
    } else {
        match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        }
    };
    let port = port
        .filter(|port| !port.is_empty())
        .map(|port| port.parse().map_err(|_| format!("`{port}` is not a port")))
        .transpose()?;
    Ok((host, port))
}

#[cfg(test)]
mod tests;
