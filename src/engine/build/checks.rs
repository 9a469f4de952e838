//! Whether an engine's builder has checks of its own.

use super::request::BuildRequest;
use super::{Instructions, builder_of, version};
use crate::engine::context::dockerfile;
use crate::engine::{Engine, off_thread};
use crate::fact::build::BuilderKind;

/// The first Docker whose builder has checks.
const DOCKER: u32 = 27;
/// The first frontend that has them.
const FRONTEND: u32 = 8;

/// Why nothing can be told of a Dockerfile's checks here; none where the builder makes them.
pub async fn lacks_checks(
    engine: &Engine,
    request: &BuildRequest,
) -> Result<Option<String>, String> {
    let (folder, path) = (request.context.clone(), request.dockerfile.clone());
    let read = off_thread(move || dockerfile(&folder, path.as_deref())).await?;
    let source = read.map_err(|error| error.to_string())?;
    let version = version(engine).await;
    let version = version.map_err(|fault| fault.to_string())?;
    if engine.is_podman() || builder_of(engine) != BuilderKind::BuildKit {
        let name = if engine.is_podman() {
            "podman"
        } else {
            "the classic builder"
        };
        return Ok(Some(format!(
            "{name} has no checks of its own; use Docker {DOCKER} or newer"
        )));
    }
    let syntax = Instructions::parse(&source.text).syntax;
    Ok(lacks(&version, syntax.as_deref()))
}

fn lacks(version: &str, syntax: Option<&str>) -> Option<String> {
    let major = version.split('.').next().unwrap_or_default().parse::<u32>();
    if !major.is_ok_and(|major| major >= DOCKER) {
        return Some(format!(
            "the builder of Docker {version} has no checks of its own; use Docker {DOCKER} or newer"
        ));
    }
    let syntax = syntax.filter(|syntax| !frontend_has_checks(syntax))?;
    Some(format!(
        "the Dockerfile's `# syntax={syntax}` asks for a frontend that is not known to have checks; ask for \
         docker/dockerfile:1, or at least 1.{FRONTEND}"
    ))
}

/// Whether a frontend is of Docker's and not too old.
fn frontend_has_checks(syntax: &str) -> bool {
    let name = syntax.split('@').next().unwrap_or_default();
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let Some(tag) = name.strip_prefix("docker/dockerfile") else {
        return false;
    };
    let tag = tag
        .strip_prefix(':')
        .unwrap_or(tag)
        .trim_end_matches("-labs");
    let mut parts = tag.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        _ if matches!(tag, "" | "latest" | "labs") => true,
        (Some(Ok(1)), None) => true,
        (Some(Ok(1)), Some(Ok(minor))) => minor >= FRONTEND,
        (Some(Ok(major)), _) => major > 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_builders_that_have_checks_are_asked_for_them() {
        for (version, syntax) in [
            ("27.0.1", None),
            ("28.5.2+dfsg4", None),
            ("28.5.2", Some("docker/dockerfile:1")),
            ("28.5.2", Some("docker.io/docker/dockerfile:1.8-labs")),
            ("28.5.2", Some("docker/dockerfile:1.12.0@sha256:00")),
            ("28.5.2", Some("docker/dockerfile")),
        ] {
            assert_eq!(lacks(version, syntax), None, "{version} {syntax:?}");
        }
        for (version, syntax, said) in [
            (
                "20.10.24+dfsg1",
                None,
                "the builder of Docker 20.10.24+dfsg1 has no checks",
            ),
            (
                "26.1.5",
                Some("docker/dockerfile:1"),
                "use Docker 27 or newer",
            ),
            ("", None, "use Docker 27 or newer"),
            (
                "28.5.2",
                Some("docker/dockerfile:1.7"),
                "`# syntax=docker/dockerfile:1.7`",
            ),
            (
                "28.5.2",
                Some("docker/dockerfile:experimental"),
                "not known to have checks",
            ),
            (
                "28.5.2",
                Some("example.org/own:1"),
                "not known to have checks",
            ),
            (
                "28.5.2",
                Some("docker/dockerfile-upstream:1"),
                "not known to have checks",
            ),
        ] {
            let lacks = lacks(version, syntax).unwrap_or_default();
            assert!(lacks.contains(said), "{version} {syntax:?}: {lacks}");
        }
    }
}
