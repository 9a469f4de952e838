//! Images brought to the engine: pulled from a registry, imported or loaded from an archive.

use std::time::Duration;

use super::super::ask::Ask;
use super::super::body::Body;
use super::super::path::Path;
use super::super::{Fault, FaultKind, Result};
use super::Images;
use super::progress::{Line, Progress};

/// How long a registry may take to say anything at all.
const REGISTRY: Duration = Duration::from_mins(2);

/// How long an engine may take over an archive that is sent to it.
const ARCHIVE: Duration = Duration::from_mins(15);

/// How long a pull may make no progress.
const PAUSE: Duration = Duration::from_mins(5);

impl Images {
    /// Pulls an image with the credentials of the Docker configuration, for the engine's platform
    /// or for `platform`, telling each step to `progress`.
    pub async fn pull(
        &self,
        reference: &str,
        platform: Option<&str>,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<()> {
        let (name, tag) = split_reference(reference);
        let mut path = Path::new("/images/create")
            .query("fromImage", name)
            .query("tag", tag);
        if let Some(platform) = platform {
            path = path.query("platform", platform);
        }
        let found = self.engine.config().credentials_for(reference).await;
        let mut ask = Ask::post(format!("pull image {reference}"), path).within(REGISTRY);
        if let Some(login) = &found.login {
            ask = ask.header("X-Registry-Auth", &login.header());
        }
        let pulled = self.run(ask, progress).await.map(drop);
        pulled.map_err(|fault| match (&fault.kind, found.trouble) {
            (FaultKind::Auth | FaultKind::NotFound, Some(trouble)) => fault.help(format!(
                "no credentials were sent, because {trouble}; mend that or sign in with `docker login`"
            )),
            _ => fault,
        })
    }

    /// Makes an image of one layer from a tar archive of its files, with Dockerfile instructions
    /// applied, and gives its id.
    pub async fn import(
        &self,
        tar: impl Into<Body>,
        repository: &str,
        tag: &str,
        changes: &[&str],
        message: &str,
    ) -> Result<String> {
        let mut path = Path::new("/images/create")
            .query("fromSrc", "-")
            // With the tag in the name: podman passes over one that stands apart.
            .query("repo", &format!("{repository}:{tag}"))
            .query("message", message);
        for change in changes {
            path = path.query("changes", change);
        }
        let doing = format!("import image {repository}:{tag}");
        let ask = Ask::post(&doing, path)
            .header("Content-Type", "application/x-tar")
            .body(tar)
            .within(ARCHIVE);
        let lines = self.run(ask, |_| ()).await?;
        let id = lines
            .into_iter()
            .rev()
            .find(|line| line.starts_with("sha256:"));
        id.ok_or_else(|| Fault::new(FaultKind::Broken, doing, "the engine named no image"))
    }

    /// Gives an image this name, whatever had it.
    pub async fn name(&self, image: &str, reference: &str) -> Result<()> {
        let (name, tag) = split_reference(reference);
        self.tag(image, name, tag).await
    }

    /// Loads a saved image and gives the names, or ids, that it brought.
    pub async fn load(&self, tar: impl Into<Body>) -> Result<Vec<String>> {
        let ask = Ask::post("load an image archive", "/images/load?quiet=1")
            .header("Content-Type", "application/x-tar")
            .body(tar)
            .within(ARCHIVE);
        let lines = self.run(ask, |_| ()).await?;
        let names: Vec<String> = lines.iter().filter_map(|line| loaded(line)).collect();
        if names.is_empty() {
            return Err(Fault::new(
                FaultKind::Broken,
                "load an image archive",
                format!("the engine named no image, it said: {}", lines.join("; ")),
            )
            .help("give an archive that `docker save` wrote"));
        }
        Ok(names)
    }

    /// Follows an answer to its end and gives its texts; an error in it is a fault.
    async fn run(
        &self,
        ask: Ask,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<Vec<String>> {
        let doing = ask.doing.clone();
        let mut lines = self.engine.api().lines::<Line>(ask, PAUSE).await?;
        let mut texts = Vec::new();
        while let Some(line) = lines.next().await? {
            if let Some(message) = line.error() {
                return Err(Fault::refused(doing, 500, &message));
            }
            // Steps of layers are many and told to `progress`; texts are few.
            if let Some(text) = line.text().filter(|_| texts.len() < 1000) {
                texts.push(text);
            }
            if let Some(step) = line.progress() {
                progress(step);
            }
        }
        Ok(texts)
    }
}

/// A reference's name, and its digest or tag: `latest` where it has neither, for without one the
/// engine pulls every tag there is.
fn split_reference(reference: &str) -> (&str, &str) {
    if let Some((name, digest)) = reference.split_once('@') {
        // With a digest a tag says nothing.
        return (without_tag(name), digest);
    }
    let name = without_tag(reference);
    let tag = reference[name.len()..]
        .strip_prefix(':')
        .unwrap_or("latest");
    (name, tag)
}

fn without_tag(reference: &str) -> &str {
    let path = reference.rfind('/').map_or(0, |slash| slash + 1);
    reference[path..]
        .find(':')
        .map_or(reference, |colon| &reference[..path + colon])
}

/// `Loaded image: NAME` or `Loaded image ID: sha256:…`; podman writes `Loaded image(s): A,B`.
fn loaded(line: &str) -> Option<String> {
    let rest = line.trim().strip_prefix("Loaded image")?;
    let (_, name) = rest.split_once(": ")?;
    Some(name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_split_as_the_engine_wants_it() {
        for (reference, name, tag) in [
            ("debian", "debian", "latest"),
            ("debian:12", "debian", "12"),
            ("r.example:5000/a/b", "r.example:5000/a/b", "latest"),
            ("r.example:5000/a/b:1", "r.example:5000/a/b", "1"),
            ("a/b:1@sha256:00", "a/b", "sha256:00"),
            ("a@sha256:00", "a", "sha256:00"),
        ] {
            assert_eq!(split_reference(reference), (name, tag), "{reference}");
        }
    }

    #[test]
    fn what_was_loaded_is_read() {
        assert_eq!(loaded("Loaded image: a:1\n").as_deref(), Some("a:1"));
        assert_eq!(
            loaded("Loaded image ID: sha256:00\n").as_deref(),
            Some("sha256:00")
        );
        assert_eq!(loaded("The image a:1 already exists"), None);
    }
}
