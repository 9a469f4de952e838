//! What will not work with an engine, and how to mend it. Pure.

use crate::engine::info::EngineFacts;

/// What is known beside what the engine says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    /// The engine is reached over a network.
    pub remote: bool,
    /// The Compose tool that is here.
    pub compose: Compose,
    /// How large the probe is that came along; 0 without one.
    pub probe: usize,
    /// The architecture that it was built for, as Rust calls it.
    pub architecture: &'static str,
}

/// The user's Compose tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compose {
    /// There is none.
    None,
    /// The first one, written in Python.
    First,
    /// One of those since.
    Newer,
}

/// One thing that does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Nothing can be run because of it.
    pub fatal: bool,
    /// What does not work.
    pub what: String,
    /// What to do.
    pub mend: String,
}

/// Everything that does not work, the worst first.
pub fn of(facts: &EngineFacts, around: Circumstances) -> Vec<Advice> {
    let mut all = Vec::new();
    let mut say = |fatal: bool, what: &str, mend: &str| {
        all.push(Advice {
            fatal,
            what: what.to_owned(),
            mend: mend.to_owned(),
        });
    };
    probe(facts, around, &mut say);
    builder(facts, &mut say);
    limits(facts, &mut say);
    if around.remote {
        say(
            false,
            "the engine is on another machine: ports that it publishes for a run are not reached from here",
            "run seaworthy on the machine of the engine, or use claims that look from inside, with `from: app`",
        );
    }
    match around.compose {
        Compose::Newer => {}
        Compose::None => say(
            false,
            "there is no Compose tool: suites over Compose files (`compose`) cannot be run",
            "install the Compose plugin of Docker (on Debian and Ubuntu the package docker-compose-plugin, docker-compose-v2 or docker-compose)",
        ),
        Compose::First => say(
            false,
            "the Compose tool is the first one, which knows nothing of Compose files that is newer than 2021",
            "where a suite's Compose file is for a newer one, install `docker compose`",
        ),
    }
    if facts.storage_driver.as_deref() == Some("vfs") {
        say(
            false,
            "the storage driver vfs copies a whole image for each container: every case takes longer and fills the disk",
            "use overlay2 or fuse-overlayfs (`storage-driver` in the engine's configuration)",
        );
    }
    for warning in &facts.warnings {
        say(
            false,
            &format!(
                "the engine warns: {}",
                warning.trim_start_matches("WARNING: ")
            ),
            "claims that need it fail or cannot be told; the engine's manual says how to mend it",
        );
    }
    all.sort_by_key(|advice| !advice.fatal);
    all
}

fn probe(facts: &EngineFacts, around: Circumstances, say: &mut impl FnMut(bool, &str, &str)) {
    if let Some(os) = facts.os.as_deref().filter(|os| *os != "linux") {
        say(
            true,
            &format!(
                "the engine runs {os} containers, and seaworthy looks into Linux containers only"
            ),
            "switch the engine to Linux containers",
        );
    }
    let ours = around.architecture;
    if around.probe == 0 {
        say(
            true,
            "this build of seaworthy holds no probe, and without it nothing can be seen in a container",
            &format!("`rustup target add {ours}-unknown-linux-musl`, and build seaworthy again"),
        );
    } else if let Some(theirs) = facts.architecture.as_deref().map(rust_name)
        && theirs != ours
    {
        say(
            true,
            &format!(
                "the engine runs {theirs} programs, and the probe that came along is for {ours}"
            ),
            &format!(
                "build seaworthy for {theirs}, or name a probe for it in SEAWORTHY_PROBE when building"
            ),
        );
    }
}

fn builder(facts: &EngineFacts, say: &mut impl FnMut(bool, &str, &str)) {
    if facts.name == "podman" {
        say(
            false,
            "podman builds images in its own way: a build that is given a secret is refused, and steps are told without their times",
            "build the image beforehand with `podman build` and run with `--image`",
        );
        return;
    }
    if !facts.buildkit {
        say(
            false,
            "there is no BuildKit: Dockerfiles with `RUN --mount` (caches, secrets), heredocs or `COPY --link` do not build",
            "use Docker 19.03 or newer, or build elsewhere and run with `--image`",
        );
    } else if major(&facts.version).is_some_and(|major| major < 23) {
        say(
            false,
            "the BuildKit of this engine knows no heredocs and no `COPY --link`",
            "write `# syntax=docker/dockerfile:1` at the top of such a Dockerfile, where the registry can be reached, or use Docker 23 or newer",
        );
    }
}

fn limits(facts: &EngineFacts, say: &mut impl FnMut(bool, &str, &str)) {
    let first = facts.cgroup_version.as_deref() == Some("1");
    let none = facts.cgroup_driver.as_deref() == Some("none");
    if none || facts.rootless && first {
        say(
            false,
            "this engine cannot limit containers: suites with `mem_limit`, `cpus` or `pids_limit` cannot be judged",
            "use a rootful engine, or cgroup version 2 with the controllers delegated to the user",
        );
    }
    if let Some(memory) = facts.memory.filter(|memory| *memory < 1 << 30) {
        say(
            false,
            &format!("the engine has {} MB of memory in all", memory >> 20),
            "give it more, or run one container at a time with `--jobs 1`",
        );
    }
}

/// As Rust calls the architecture that engines call `amd64` or `arm64`.
fn rust_name(architecture: &str) -> &str {
    match architecture {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        other => other,
    }
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Circumstances = Circumstances {
        remote: false,
        compose: Compose::Newer,
        probe: 1,
        architecture: "x86_64",
    };

    fn docker() -> EngineFacts {
        EngineFacts {
            name: "docker".into(),
            version: "28.2.2".into(),
            os: Some("linux".into()),
            architecture: Some("amd64".into()),
            cgroup_version: Some("2".into()),
            buildkit: true,
            ..EngineFacts::default()
        }
    }

    fn said(facts: &EngineFacts, around: Circumstances) -> String {
        let all = of(facts, around);
        let line = |a: &Advice| format!("{} {}\n", if a.fatal { "FATAL" } else { "note" }, a.what);
        all.iter().map(line).collect()
    }

    #[test]
    fn an_engine_that_has_everything_needs_no_advice() {
        assert_eq!(said(&docker(), HERE), "");
    }

    #[test]
    fn each_lack_is_told_and_the_fatal_ones_first() {
        let old = EngineFacts {
            version: "20.10.24+dfsg1".into(),
            warnings: vec!["WARNING: No swap limit support".into()],
            rootless: true,
            cgroup_version: Some("1".into()),
            memory: Some(512 << 20),
            storage_driver: Some("vfs".into()),
            ..docker()
        };
        let text = said(
            &old,
            Circumstances {
                remote: true,
                compose: Compose::First,
                probe: 0,
                ..HERE
            },
        );
        let parts = [
            "FATAL this build of seaworthy holds no probe",
            "no heredocs",
            "cannot limit containers",
            "512 MB",
            "another machine",
            "the Compose tool is the first one",
            "vfs",
            "the engine warns: No swap limit support",
        ];
        let mut last = 0;
        for part in parts {
            let at = text
                .find(part)
                .unwrap_or_else(|| panic!("{part} in {text}"));
            assert!(at >= last, "{part} in {text}");
            last = at;
        }
        let none = Circumstances {
            compose: Compose::None,
            ..HERE
        };
        assert!(said(&docker(), none).starts_with("note there is no Compose tool"));
        let arm = EngineFacts {
            architecture: Some("arm64".into()),
            ..docker()
        };
        assert!(said(&arm, HERE).contains("FATAL the engine runs aarch64 programs"));
        let windows = EngineFacts {
            os: Some("windows".into()),
            buildkit: false,
            ..docker()
        };
        assert!(said(&windows, HERE).starts_with("FATAL the engine runs windows"));
        assert!(said(&windows, HERE).contains("no BuildKit"));
        let podman = EngineFacts {
            name: "podman".into(),
            buildkit: false,
            ..docker()
        };
        assert!(said(&podman, HERE).starts_with("note podman builds images in its own way"));
    }
}
