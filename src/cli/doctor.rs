//! `seaworthy doctor`: which engine is found, what will not work with it, and how to mend that.

pub mod advice;

use clap::builder::NonEmptyStringValueParser;

use super::exit::Exit;
use super::fault;
use super::out::Out;
use crate::engine::compose::Tool;
use crate::engine::info::EngineFacts;
use crate::engine::transport::Address;
use crate::engine::{Engine, Fault, probe_binary};
use crate::report::clean;
use crate::report::style::{BAD, BOLD, DOUBT, GOOD, count, paint};
use advice::{Advice, Circumstances, Compose};

/// Which engine to look at.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The engine, as `unix:///PATH`, `tcp://HOST:PORT`, `ssh://USER@HOST` or a Docker context
    /// [default: found as the Docker CLI finds it].
    #[arg(long, value_name = "URL|CONTEXT", value_parser = NonEmptyStringValueParser::new())]
    pub engine: Option<String>,
}

/// What was found.
#[derive(Debug)]
struct Found {
    address: String,
    reason: String,
    remote: bool,
    compose: Option<Tool>,
    facts: EngineFacts,
}

/// Looks and says.
pub fn run(args: &Args, out: &mut Out) -> Exit {
    let found = match fault::wait(look(args.engine.as_deref())) {
        Ok(found) => found,
        Err(why) => {
            out.note(&fault::text(&why.to_string()));
            return Exit::Unknown;
        }
    };
    let around = Circumstances {
        remote: found.remote,
        compose: match &found.compose {
            None => Compose::None,
            Some(tool) if tool.is_first() => Compose::First,
            Some(_) => Compose::Newer,
        },
        probe: probe_binary::bytes().len(),
        architecture: std::env::consts::ARCH,
    };
    let advice = advice::of(&found.facts, around);
    out.say(&(table(&found, around) + &findings(&advice)));
    match advice.iter().any(|advice| advice.fatal) {
        true => Exit::Unknown,
        false => Exit::Held,
    }
}

async fn look(wish: Option<&str>) -> Result<Found, Fault> {
    let engine = Engine::find(wish).await?;
    Ok(Found {
        address: engine.address().to_string(),
        reason: engine.reason().to_owned(),
        remote: !matches!(engine.address(), Address::Unix(_)),
        compose: Tool::find(Some(engine.address())).await.ok(),
        facts: engine.facts().await?,
    })
}

/// What the engine is, a line each.
fn table(found: &Found, around: Circumstances) -> String {
    let facts = &found.facts;
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let builder = match (facts.buildkit, facts.name.as_str()) {
        (true, _) => "BuildKit",
        (false, "podman") => "podman's own",
        (false, _) => "the classic builder",
    };
    let oldest = facts.api_oldest.as_deref().unwrap_or("?");
    let api = format!(
        "{} is spoken, the engine speaks {oldest} to {}",
        facts.api_spoken, facts.api_newest
    );
    let system = [
        known(&facts.os),
        known(&facts.architecture),
        known(&facts.distribution),
        format!("kernel {}", known(&facts.kernel)),
    ];
    let cgroups = format!(
        "version {}, driver {}",
        known(&facts.cgroup_version),
        known(&facts.cgroup_driver)
    );
    let storage = format!(
        "{} in {}",
        known(&facts.storage_driver),
        known(&facts.root_folder)
    );
    let mut resources = facts.cpus.map_or("unknown CPUs".to_owned(), |cpus| {
        count(usize::try_from(cpus).unwrap_or(usize::MAX), "CPU")
    });
    if let Some(memory) = facts.memory {
        resources.push_str(&format!(", {} MB of memory", memory >> 20));
    }
    let proxies = [&facts.http_proxy, &facts.https_proxy];
    let mut proxies: Vec<String> = proxies.into_iter().flatten().map(|p| hidden(p)).collect();
    proxies.dedup();
    let probe = match around.probe {
        0 => "none".to_owned(),
        size => format!("for {}, {} kB", around.architecture, size / 1000),
    };
    let compose = found.compose.as_ref();
    let compose = compose.map(|tool| format!("{} {}", tool.name(), tool.version));
    let rows = [
        ("engine", format!("{} {}", facts.name, facts.version)),
        ("found at", format!("{} ({})", found.address, found.reason)),
        ("API", api),
        ("system", system.join(", ")),
        ("builder", builder.to_owned()),
        ("storage", storage),
        ("cgroups", cgroups),
        (
            "rootless",
            if facts.rootless { "yes" } else { "no" }.to_owned(),
        ),
        ("security", facts.security_options.join(" ")),
        ("resources", resources),
        ("proxies", proxies.join(", ")),
        ("Compose", compose.unwrap_or_default()),
        ("probe", probe),
    ];
    let mut text = String::new();
    for (name, value) in rows {
        let value = if value.is_empty() { "none" } else { &value };
        text.push_str(&format!(
            "{}  {}\n",
            paint(BOLD, format!("{name:9}")),
            clean::line(value)
        ));
    }
    text
}

/// A proxy's address without the password that may be in it.
fn hidden(proxy: &str) -> String {
    match (proxy.split_once("://"), proxy.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://***@{host}"),
        (None, Some((_, host))) => format!("***@{host}"),
        _ => proxy.to_owned(),
    }
}

/// What does not work and how to mend it, and the verdict.
fn findings(advice: &[Advice]) -> String {
    let mut text = String::from("\n");
    for one in advice {
        let mark = if one.fatal {
            paint(BAD.bold(), "x")
        } else {
            paint(DOUBT.bold(), "!")
        };
        let (what, mend) = (clean::line(&one.what), clean::line(&one.mend));
        text.push_str(&format!("{mark} {what}\n  to mend it: {mend}\n"));
    }
    if !advice.is_empty() {
        text.push('\n');
    }
    text.push_str(&match advice.iter().any(|advice| advice.fatal) {
        true => paint(BAD.bold(), "suites cannot be run with this engine"),
        false => paint(GOOD.bold(), "suites can be run with this engine"),
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_proxy_is_not_shown() {
        assert_eq!(
            hidden("http://me:secret@proxy:3128"),
            "http://***@proxy:3128"
        );
        assert_eq!(hidden("me:secret@proxy"), "***@proxy");
        assert_eq!(hidden("http://proxy:3128"), "http://proxy:3128");
    }
}
